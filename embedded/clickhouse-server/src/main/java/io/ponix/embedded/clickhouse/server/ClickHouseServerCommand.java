package io.ponix.embedded.clickhouse.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How to launch the server as a process of its own: its Java command line and its environment.
 *
 * <pre>{@code
 * ClickHouseServerCommand command =
 *         ClickHouseServerCommand.builder()
 *                 .dataDirectory(home.resolve("data"))
 *                 .port(0)
 *                 .portFile(home.resolve("port"))
 *                 .build();
 * Process process = command.toProcessBuilder().start();
 * }</pre>
 *
 * <p>The server is ready when the port file exists, which holds the port in decimal and a newline;
 * it is written whole, and deleted at the next start and at a clean end. SIGTERM ends the server
 * cleanly with exit code 0: requests under way get up to {@value
 * ClickHouseServerMain#STOP_PATIENCE_SECONDS} s. After any other end the next start works on the
 * same data.
 */
public final class ClickHouseServerCommand {

    /** The runnable jar, below the root of the checkout. */
    public static final String JAR =
            "embedded/clickhouse-server/target/ponix-clickhouse-server.jar";

    private final List<String> arguments;
    private final Map<String, String> environment;
    private final Path portFile;

    private ClickHouseServerCommand(
            List<String> arguments, Map<String, String> environment, Path portFile) {
        this.arguments = arguments;
        this.environment = environment;
        this.portFile = portFile;
    }

    /** Begins a command; only the data directory has no default. */
    public static Builder builder() {
        return new Builder();
    }

    /** The program and its arguments; no secrets. */
    public List<String> arguments() {
        return arguments;
    }

    /** What to add to the environment: the credentials, and the library to preload. */
    public Map<String, String> environment() {
        return environment;
    }

    /**
     * A process builder with the command, and the environment added to this process's. A port file
     * that a killed server left behind is deleted, so that it is not taken for the new one's.
     */
    public ProcessBuilder toProcessBuilder() {
        if (portFile != null) {
            try {
                Files.deleteIfExists(portFile);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot delete the old port file " + portFile, e);
            }
        }
        ProcessBuilder builder = new ProcessBuilder(arguments);
        builder.environment().putAll(environment);
        return builder;
    }

    /** Collects the options of the server. */
    public static final class Builder {

        private Path jar;
        private Path library;
        private Path dataDirectory;
        private Path portFile;
        private Path tls;
        private Path users;
        private String host = "127.0.0.1";
        private int port;
        private String database = "ponix";
        private String username = "ponix";
        private String password = "ponix";
        private int heapMegabytes = 256;

        private Builder() {}

        /** The server's jar; default: {@link #JAR} below the system property ponix.root. */
        public Builder jar(Path jar) {
            this.jar = jar;
            return this;
        }

        /**
         * The path of libchdb.so; default: the one in the cache directory, which {@link #build}
         * installs where it is missing.
         */
        public Builder library(Path library) {
            this.library = library;
            return this;
        }

        /** Where the data are kept, from one start to the next; created when missing. */
        public Builder dataDirectory(Path dataDirectory) {
            this.dataDirectory = dataDirectory;
            return this;
        }

        /** The file that the server writes its port to once it answers; default: none. */
        public Builder portFile(Path portFile) {
            this.portFile = portFile;
            return this;
        }

        /**
         * Certificate and private key (PKCS #8 without a password) in one PEM file: HTTPS in place
         * of HTTP; default: HTTP.
         */
        public Builder tls(Path tls) {
            this.tls = tls;
            return this;
        }

        /**
         * A file of SQL that makes further users: CREATE USER, ROLE, SETTINGS PROFILE and ROW
         * POLICY, ALTER USER … IDENTIFIED BY and GRANT; default: none.
         */
        public Builder users(Path users) {
            this.users = users;
            return this;
        }

        /** The address to listen on; default 127.0.0.1. */
        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /** The port, 0 to 65535; 0, the default, takes a free one. */
        public Builder port(int port) {
            this.port = port;
            return this;
        }

        /** A database that is created when missing; default ponix. */
        public Builder database(String database) {
            this.database = database;
            return this;
        }

        /** The user who may do everything; default ponix. */
        public Builder username(String username) {
            this.username = username;
            return this;
        }

        /** The user's password; default ponix. */
        public Builder password(String password) {
            this.password = password;
            return this;
        }

        /** The Java heap of the server in MiB, at least 64; default 256. */
        public Builder heapMegabytes(int heapMegabytes) {
            this.heapMegabytes = heapMegabytes;
            return this;
        }

        /**
         * Checks the options and finds jar and library.
         *
         * @throws IOException when the jar is not built or the library cannot be installed
         * @throws IllegalArgumentException when an option is missing or out of its range
         */
        public ClickHouseServerCommand build() throws IOException, InterruptedException {
            if (dataDirectory == null) {
                throw new IllegalArgumentException("dataDirectory is not set");
            }
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("port is not within 0 to 65535: " + port);
            }
            if (heapMegabytes < 64) {
                throw new IllegalArgumentException(
                        "heapMegabytes is less than 64: " + heapMegabytes);
            }
            Path serverJar = jar == null ? defaultJar() : jar;
            if (!Files.exists(serverJar)) {
                throw new IOException(
                        "The ClickHouse server is not built: "
                                + serverJar
                                + " does not exist. Build it with: mvn -DskipTests package -pl"
                                + " embedded/clickhouse-server");
            }
            Path chdb = library == null ? ChdbLibrary.ofEnvironment().install() : library;
            List<String> arguments = new ArrayList<>();
            arguments.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            arguments.add("-Xmx" + heapMegabytes + "m");
            arguments.add("-XX:+UseSerialGC");
            // A JVM that is out of memory must not linger half alive.
            arguments.add("-XX:+ExitOnOutOfMemoryError");
            arguments.addAll(List.of("-jar", serverJar.toAbsolutePath().toString()));
            arguments.addAll(List.of("--library", chdb.toAbsolutePath().toString()));
            arguments.addAll(List.of("--data-dir", dataDirectory.toAbsolutePath().toString()));
            arguments.addAll(List.of("--host", host, "--port", String.valueOf(port)));
            if (portFile != null) {
                arguments.addAll(List.of("--port-file", portFile.toAbsolutePath().toString()));
            }
            if (tls != null) {
                arguments.addAll(List.of("--tls", tls.toAbsolutePath().toString()));
            }
            if (users != null) {
                arguments.addAll(List.of("--users", users.toAbsolutePath().toString()));
            }
            Map<String, String> environment = new LinkedHashMap<>();
            environment.put("PONIX_CLICKHOUSE_DATABASE", Objects.requireNonNull(database));
            environment.put("PONIX_CLICKHOUSE_USERNAME", Objects.requireNonNull(username));
            environment.put("PONIX_CLICKHOUSE_PASSWORD", Objects.requireNonNull(password));
            environment.put(SignalChaining.PRELOAD, SignalChaining.library().toString());
            return new ClickHouseServerCommand(
                    List.copyOf(arguments), Map.copyOf(environment), portFile);
        }

        private static Path defaultJar() throws IOException {
            String root = System.getProperty("ponix.root");
            if (root == null) {
                throw new IOException(
                        "The system property ponix.root is not set: it names the folder of the"
                                + " ponix script, below which the ClickHouse server's jar is.");
            }
            return Path.of(root, JAR);
        }
    }
}
