package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.client.postgres.PostgresServer;
import io.ponix.client.postgres.PostgresSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Reader;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where the parts of a stack answer and what its pipeline's parts are called, as {@code up} leaves
 * it in the stack's home for the commands that follow.
 *
 * @param natsUrl {@code nats://host:port}
 * @param postgresHost host name or address, or several, separated by commas
 * @param postgresPort of hosts that have none of their own, 1 to 65535
 * @param clickHouseUrl {@code http://host:port}
 * @param grpcAddress {@code host:port} of the device service's gRPC server
 * @param httpUrl {@code http://host:port} of the device service's HTTP server
 * @param dashboardUrl {@code http://host:port} of the Flink dashboard and REST API
 * @param checkout the folder of the checkout whose commands find the stack by themselves; null for
 *     a stack that ends with the command that runs it
 * @param elsewhere the servers that are not processes of the stack
 * @param names of streams and table
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
        String dashboardUrl,
        String checkout,
        Set<StackServer> elsewhere,
        PipelineNames names) {

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
                properties.getProperty("dashboard.url"),
                properties.getProperty("checkout"),
                Arrays.stream(properties.getProperty("elsewhere", "").split(","))
                        .filter(name -> !name.isEmpty())
                        .map(StackServer::valueOf)
                        .collect(Collectors.toUnmodifiableSet()),
                PipelineNames.read(properties));
    }

    /** The servers that the environment names, without any stack; what it does not name is null. */
    public static StackAddresses ofEnvironment(Map<String, String> environment) {
        return new StackAddresses(
                        null,
                        null,
                        0,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        Set.of(),
                        PipelineNames.DEFAULT)
                .orOf(environment);
    }

    /** These addresses, except that what the environment names comes from there. */
    public StackAddresses orOf(Map<String, String> environment) {
        Map<String, String> variables = new HashMap<>(environment);
        variables.values().removeIf(String::isBlank);
        boolean nats = StackServer.NATS.isNamedIn(environment);
        boolean postgres = StackServer.POSTGRES.isNamedIn(environment);
        boolean clickHouse = StackServer.CLICKHOUSE.isNamedIn(environment);
        Set<StackServer> named = EnumSet.noneOf(StackServer.class);
        named.addAll(elsewhere);
        for (StackServer server : StackServer.values()) {
            if (server.isNamedIn(environment)) {
                named.add(server);
            }
        }
        return new StackAddresses(
                nats ? variables.get("PONIX_NATS_URL") : natsUrl,
                postgres ? variables.get("PONIX_POSTGRES_HOST") : postgresHost,
                postgres ? port(variables) : postgresPort,
                postgres ? orPonix(variables, "PONIX_POSTGRES_DATABASE") : postgresDatabase,
                postgres ? orPonix(variables, "PONIX_POSTGRES_USERNAME") : postgresUsername,
                postgres ? orPonix(variables, "PONIX_POSTGRES_PASSWORD") : postgresPassword,
                clickHouse ? variables.get("PONIX_CLICKHOUSE_URL") : clickHouseUrl,
                clickHouse ? orPonix(variables, "PONIX_CLICKHOUSE_DATABASE") : clickHouseDatabase,
                clickHouse ? orPonix(variables, "PONIX_CLICKHOUSE_USERNAME") : clickHouseUsername,
                clickHouse ? orPonix(variables, "PONIX_CLICKHOUSE_PASSWORD") : clickHousePassword,
                grpcAddress,
                httpUrl,
                dashboardUrl,
                checkout,
                Set.copyOf(named),
                names.orOf(environment));
    }

    /** The same stack by other addresses of its servers, as through a network between. */
    public StackAddresses at(
            String otherNatsUrl,
            String otherPostgresHost,
            int otherPostgresPort,
            String otherClickHouseUrl) {
        return new StackAddresses(
                otherNatsUrl,
                otherPostgresHost,
                otherPostgresPort,
                postgresDatabase,
                postgresUsername,
                postgresPassword,
                otherClickHouseUrl,
                clickHouseDatabase,
                clickHouseUsername,
                clickHousePassword,
                grpcAddress,
                httpUrl,
                dashboardUrl,
                checkout,
                elsewhere,
                names);
    }

    private static String orPonix(Map<String, String> variables, String name) {
        return variables.getOrDefault(name, "ponix");
    }

    private static int port(Map<String, String> variables) {
        String port = variables.getOrDefault("PONIX_POSTGRES_PORT", "5432").strip();
        try {
            return Integer.parseInt(port);
        } catch (NumberFormatException e) {
            throw new CommandException(
                    "PONIX_POSTGRES_PORT is \"" + port + "\"; a port from 1 to 65535 is wanted", e);
        }
    }

    /** Whether commands of this checkout find the stack without being told its folder. */
    boolean isOfThisCheckout() {
        return thisCheckout().equals(checkout);
    }

    static String thisCheckout() {
        return System.getProperty("ponix.root");
    }

    /**
     * Looks whether those of the servers that are not processes of a stack are there.
     *
     * @throws CommandException when one is not
     */
    public void requireElsewhere(StackServer... needed) {
        for (StackServer server : needed) {
            if (elsewhere.contains(server)) {
                server.requireElsewhere(address(server));
            }
        }
    }

    /**
     * How to reach the database.
     *
     * @throws CommandException when it is not said as it should be
     */
    PostgresSettings postgresSettings() {
        try {
            return PostgresSettings.fromEnvironment(environment());
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    /** Where a server answers, as a person reads it. */
    String address(StackServer server) {
        return switch (server) {
            case NATS -> natsUrl;
            case POSTGRES ->
                    postgresSettings().servers().stream()
                            .map(PostgresServer::toString)
                            .collect(Collectors.joining(","));
            case CLICKHOUSE -> clickHouseUrl;
            case JOB_MANAGER -> dashboardUrl;
            case DEVICE_SERVICE -> grpcAddress;
            case ZOOKEEPER -> "a port of its own";
        };
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
        if (checkout != null) {
            properties.setProperty("checkout", checkout);
        }
        properties.setProperty(
                "elsewhere",
                elsewhere.stream().map(StackServer::name).collect(Collectors.joining(",")));
        names.write(properties);
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
                        + address(StackServer.POSTGRES)
                        + ", database "
                        + postgresDatabase);
        out.println("  ClickHouse   " + clickHouseUrl + ", database " + clickHouseDatabase);
    }

    /** The ports of the stack's own servers; the default ones in place of those elsewhere. */
    StackSettings.Ports ports() {
        return new StackSettings.Ports(
                portOf("grpc://" + grpcAddress),
                portOf(httpUrl),
                portOf(dashboardUrl),
                elsewhere.contains(StackServer.NATS)
                        ? StackSettings.DEFAULTS.nats()
                        : portOf(natsUrl),
                elsewhere.contains(StackServer.POSTGRES)
                        ? StackSettings.DEFAULTS.postgres()
                        : postgresPort,
                elsewhere.contains(StackServer.CLICKHOUSE)
                        ? StackSettings.DEFAULTS.clickHouse()
                        : portOf(clickHouseUrl));
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
        environment.putAll(names.environment());
        // What the environment alone names may be one server only.
        environment.values().removeIf(Objects::isNull);
        return environment;
    }
}
