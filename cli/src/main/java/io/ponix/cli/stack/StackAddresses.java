package io.ponix.cli.stack;

import io.ponix.cli.CommandException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/**
 * Where the parts of a stack answer, as {@code up} leaves it in the stack's home for the commands
 * that follow.
 *
 * @param natsUrl {@code nats://host:port}
 * @param postgresHost host name or address
 * @param postgresPort 1 to 65535
 * @param clickHouseUrl {@code http://host:port}
 * @param grpcAddress {@code host:port} of the device service's gRPC server
 * @param httpUrl {@code http://host:port} of the device service's HTTP server
 * @param dashboardUrl {@code http://host:port} of the Flink dashboard and REST API
 */
public record StackAddresses(
        String natsUrl,
        String postgresHost,
        int postgresPort,
        String postgresDatabase,
        String postgresUsername,
        String postgresPassword,
        String clickHouseUrl,
        String clickHouseDatabase,
        String clickHouseUsername,
        String clickHousePassword,
        String grpcAddress,
        String httpUrl,
        String dashboardUrl) {

    private static final String FILE_NAME = "stack.properties";

    /**
     * Reads the addresses of the stack in a home.
     *
     * @throws CommandException when no stack was ever started there
     */
    public static StackAddresses read(Path home) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(home.resolve(FILE_NAME))) {
            properties.load(reader);
        } catch (IOException e) {
            throw new CommandException(
                    "no stack in "
                            + home
                            + "; start one with ./ponix up, or name its folder with --home",
                    e);
        }
        return new StackAddresses(
                properties.getProperty("nats.url"),
                properties.getProperty("postgres.host"),
                Integer.parseInt(properties.getProperty("postgres.port")),
                properties.getProperty("postgres.database"),
                properties.getProperty("postgres.username"),
                properties.getProperty("postgres.password"),
                properties.getProperty("clickhouse.url"),
                properties.getProperty("clickhouse.database"),
                properties.getProperty("clickhouse.username"),
                properties.getProperty("clickhouse.password"),
                properties.getProperty("grpc.address"),
                properties.getProperty("http.url"),
                properties.getProperty("dashboard.url"));
    }

    /** Whether a stack was ever started in a home. */
    public static boolean exist(Path home) {
        return Files.exists(home.resolve(FILE_NAME));
    }

    /**
     * Writes the addresses for the commands that follow; the file is the owner's alone, as it holds
     * passwords.
     */
    void write(Path home) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("nats.url", natsUrl);
        properties.setProperty("postgres.host", postgresHost);
        properties.setProperty("postgres.port", Integer.toString(postgresPort));
        properties.setProperty("postgres.database", postgresDatabase);
        properties.setProperty("postgres.username", postgresUsername);
        properties.setProperty("postgres.password", postgresPassword);
        properties.setProperty("clickhouse.url", clickHouseUrl);
        properties.setProperty("clickhouse.database", clickHouseDatabase);
        properties.setProperty("clickhouse.username", clickHouseUsername);
        properties.setProperty("clickhouse.password", clickHousePassword);
        properties.setProperty("grpc.address", grpcAddress);
        properties.setProperty("http.url", httpUrl);
        properties.setProperty("dashboard.url", dashboardUrl);
        Path written =
                Files.createTempFile(
                        home,
                        FILE_NAME,
                        ".new",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try (Writer writer = Files.newBufferedWriter(written)) {
            properties.store(writer, "Where this stack answers; written by ./ponix up");
        }
        Files.move(
                written,
                home.resolve(FILE_NAME),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    /** Prints the addresses for a person. */
    public void print(PrintStream out) {
        out.println("  transforms   " + httpUrl + "/transforms/");
        out.println("  gRPC         " + grpcAddress);
        out.println("  HTTP         " + httpUrl + "/docs");
        out.println("  dashboard    " + dashboardUrl);
        out.println("  NATS         " + natsUrl);
        out.println(
                "  Postgres     "
                        + postgresHost
                        + ":"
                        + postgresPort
                        + ", database "
                        + postgresDatabase);
        out.println("  ClickHouse   " + clickHouseUrl + ", database " + clickHouseDatabase);
    }

    /** The ports of these addresses. */
    StackSettings.Ports ports() {
        return new StackSettings.Ports(
                portOf("grpc://" + grpcAddress),
                portOf(httpUrl),
                portOf(dashboardUrl),
                portOf(natsUrl),
                postgresPort,
                portOf(clickHouseUrl));
    }

    private static int portOf(String url) {
        return URI.create(url).getPort();
    }

    /**
     * The PONIX_* environment with which the device service and the job find the parts of this
     * stack.
     */
    public Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PONIX_NATS_URL", natsUrl);
        environment.put("PONIX_POSTGRES_HOST", postgresHost);
        environment.put("PONIX_POSTGRES_PORT", Integer.toString(postgresPort));
        environment.put("PONIX_POSTGRES_DATABASE", postgresDatabase);
        environment.put("PONIX_POSTGRES_USERNAME", postgresUsername);
        environment.put("PONIX_POSTGRES_PASSWORD", postgresPassword);
        environment.put("PONIX_CLICKHOUSE_URL", clickHouseUrl);
        environment.put("PONIX_CLICKHOUSE_DATABASE", clickHouseDatabase);
        environment.put("PONIX_CLICKHOUSE_USERNAME", clickHouseUsername);
        environment.put("PONIX_CLICKHOUSE_PASSWORD", clickHousePassword);
        return environment;
    }
}
