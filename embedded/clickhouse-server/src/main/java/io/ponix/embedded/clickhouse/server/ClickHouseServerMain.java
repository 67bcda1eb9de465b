package io.ponix.embedded.clickhouse.server;

import io.ponix.client.tls.TlsSettings;
import io.ponix.embedded.clickhouse.server.access.AccessStatements;
import io.ponix.embedded.clickhouse.server.engine.ClickHouseEngine;
import io.ponix.embedded.clickhouse.server.engine.EngineException;
import io.ponix.embedded.clickhouse.server.engine.EngineSession;
import io.ponix.embedded.clickhouse.server.http.ClickHouseHttpServer;
import io.ponix.embedded.clickhouse.server.http.Credentials;
import io.ponix.environment.Secret;
import io.ponix.environment.SecretArguments;
import io.ponix.environment.SecretFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A ClickHouse server for development and tests: the engine itself behind ClickHouse's HTTP
 * interface. {@link ClickHouseServerCommand} builds the command line.
 */
@Command(
        name = "ponix-clickhouse-server",
        description = "The ClickHouse engine behind its HTTP interface.",
        mixinStandardHelpOptions = true)
public final class ClickHouseServerMain implements Callable<Integer> {

    /** How long SIGTERM waits for requests that are under way, in seconds. */
    public static final int STOP_PATIENCE_SECONDS = 10;

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "Address to listen on (default ${DEFAULT-VALUE}).")
    private String host;

    @Option(
            names = "--port",
            defaultValue = "8123",
            description = "Port to listen on, 0 for a free one (default ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--data-dir", required = true, description = "Where the data are kept.")
    private Path dataDirectory;

    @Option(
            names = "--port-file",
            description = "File that gets the port's number once the server answers.")
    private Path portFile;

    @Option(
            names = "--tls",
            paramLabel = "FILE",
            description =
                    "Certificate and private key (PKCS #8 without a password) in one PEM file: HTTPS in place of"
                            + " HTTP (default: HTTP).")
    private String tls;

    @Option(
            names = "--library",
            description = "Path of libchdb.so (default: in the cache directory, installed there).")
    private Path library;

    @Option(
            names = "--database",
            defaultValue = "${env:PONIX_CLICKHOUSE_DATABASE:-ponix}",
            description =
                    "Database to create when missing (default: PONIX_CLICKHOUSE_DATABASE, or"
                            + " ponix).")
    private String database;

    @Option(
            names = "--username",
            defaultValue = "${env:PONIX_CLICKHOUSE_USERNAME:-ponix}",
            description =
                    "The user who may do everything (default: PONIX_CLICKHOUSE_USERNAME, or ponix).")
    private String username;

    @Option(
            names = "--password",
            description =
                    "The user's password (default: PONIX_CLICKHOUSE_PASSWORD, what is in the file that"
                            + " PONIX_CLICKHOUSE_PASSWORD_FILE names, or ponix). Others on"
                            + " this machine see it in the process list: prefer the environment.")
    private String password;

    @Option(
            names = "--users",
            paramLabel = "FILE",
            description =
                    "SQL that makes further users: CREATE USER, ROLE, SETTINGS PROFILE and ROW POLICY,"
                            + " ALTER USER ... IDENTIFIED BY and GRANT (default: none).")
    private Path users;

    private ClickHouseServerMain() {}

    /**
     * Runs the server until it is told to stop. Exit code 0, 1 on an error, 2 on a wrong option.
     */
    public static void main(String[] arguments) {
        int exitCode =
                new CommandLine(new ClickHouseServerMain())
                        .setExecutionExceptionHandler(
                                (exception, commandLine, parsed) -> {
                                    System.err.println(
                                            "ponix-clickhouse-server: " + exception.getMessage());
                                    LoggerFactory.getLogger(ClickHouseServerMain.class)
                                            .debug("Cannot start", exception);
                                    return 1;
                                })
                        .execute(arguments);
        System.exit(exitCode);
    }

    @Override
    public Integer call() throws IOException, InterruptedException, EngineException {
        SignalChaining.ensure();
        Logger log = LoggerFactory.getLogger(ClickHouseServerMain.class);
        if (portFile != null) {
            Files.deleteIfExists(portFile);
        }
        ClickHouseHttpServer server =
                ClickHouseHttpServer.bind(
                        host,
                        port,
                        tls == null
                                ? Optional.empty()
                                : Optional.of(TlsSettings.DEFAULT.withKeystore(tls, "").context()));
        Path chdb = library == null ? ChdbLibrary.ofEnvironment().install() : library;
        if (!Files.isReadable(chdb)) {
            throw new IOException("--library " + chdb + " cannot be read.");
        }
        AccessStatements access =
                users == null
                        ? AccessStatements.none()
                        : AccessStatements.parse(Files.readString(users));
        ClickHouseEngine engine = ClickHouseEngine.open(chdb, dataDirectory, access);
        try (EngineSession session = engine.openSession()) {
            session.queryText(
                    "CREATE DATABASE IF NOT EXISTS `"
                            + database.replace("\\", "\\\\").replace("`", "\\`")
                            + "`");
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(log, server, engine), "stop"));
        server.start(engine, new Credentials(username, passwordOrDefault(), access.users()));
        if (portFile != null) {
            writePort(portFile, server.port());
        }
        log.info(
                "ClickHouse {} listens on {}://{}:{}",
                engine.version(),
                tls == null ? "http" : "https",
                host,
                server.port());
        stopped.await();
        return 0;
    }

    private String passwordOrDefault() {
        if (password != null) {
            System.err.println(
                    SecretArguments.warning("--password", Secret.PONIX_CLICKHOUSE_PASSWORD));
            return password;
        }
        String inEnvironment =
                SecretFiles.resolve(System.getenv()).get(Secret.PONIX_CLICKHOUSE_PASSWORD.name());
        return inEnvironment == null ? "ponix" : inEnvironment;
    }

    private static void writePort(Path file, int port) throws IOException {
        Path whole = file.toAbsolutePath();
        Path unfinished = Files.createTempFile(whole.getParent(), "port", null);
        Files.writeString(unfinished, port + "\n");
        Files.move(unfinished, whole, StandardCopyOption.ATOMIC_MOVE);
    }

    private void stop(Logger log, ClickHouseHttpServer server, ClickHouseEngine engine) {
        int exitCode = 1;
        try {
            server.stop(Duration.ofSeconds(STOP_PATIENCE_SECONDS));
            engine.close();
            if (portFile != null) {
                Files.deleteIfExists(portFile);
            }
            log.info("Stopped");
            exitCode = 0;
        } catch (IOException | RuntimeException e) {
            log.error("Not stopped cleanly", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Past the library's exit handlers: the engine is closed, and they may find threads of the
        // JVM in it. Also the exit code of SIGTERM would be 143.
        Runtime.getRuntime().halt(exitCode);
    }
}
