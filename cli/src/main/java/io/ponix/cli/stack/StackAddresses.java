package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.client.postgres.PostgresServer;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.embedded.ServerAddresses;
import io.ponix.embedded.clickhouse.ClickHouseAddress;
import io.ponix.embedded.nats.NatsAddress;
import io.ponix.embedded.postgres.PostgresAddress;
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
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where the parts of a stack answer and what its pipeline's parts are called, as {@code up} leaves
 * it in the stack's home for the commands that follow.
 *
 * @param servers NATS, Postgres and ClickHouse
 * @param grpcAddress {@code host:port} of the device service's gRPC server
 * @param httpUrl {@code http://host:port} of the device service's HTTP server
 * @param dashboardUrl {@code http://host:port} of the Flink dashboard and REST API
 * @param checkout the folder of the checkout whose commands find the stack by themselves; null for
 *     a stack that ends with the command that runs it
 * @param elsewhere the servers that are not processes of the stack
 * @param names of streams and table
 */
public record StackAddresses(
        ServerAddresses servers,
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
                new ServerAddresses(
                        new NatsAddress(properties.getProperty("nats.url")),
                        new PostgresAddress(
                                properties.getProperty("postgres.host"),
                                Integer.parseInt(properties.getProperty("postgres.port")),
                                properties.getProperty("postgres.database"),
                                properties.getProperty("postgres.username"),
                                properties.getProperty("postgres.password")),
                        new ClickHouseAddress(
                                properties.getProperty("clickhouse.url"),
                                properties.getProperty("clickhouse.database"),
                                properties.getProperty("clickhouse.username"),
                                properties.getProperty("clickhouse.password"))),
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
        return of(new ServerAddresses(null, null, null)).orOf(environment);
    }

    /** Servers without any stack: its other parts are null. */
    public static StackAddresses of(ServerAddresses servers) {
        return new StackAddresses(servers, null, null, null, null, Set.of(), PipelineNames.DEFAULT);
    }

    /** These addresses, except that what the environment names comes from there. */
    public StackAddresses orOf(Map<String, String> environment) {
        ServerAddresses named = serversNamedIn(environment);
        Set<StackServer> allElsewhere = EnumSet.noneOf(StackServer.class);
        allElsewhere.addAll(elsewhere);
        for (StackServer server : StackServer.values()) {
            if (server.isNamedIn(environment)) {
                allElsewhere.add(server);
            }
        }
        return new StackAddresses(
                new ServerAddresses(
                        named.nats() != null ? named.nats() : nats(),
                        named.postgres() != null ? named.postgres() : postgres(),
                        named.clickHouse() != null ? named.clickHouse() : clickHouse()),
                grpcAddress,
                httpUrl,
                dashboardUrl,
                checkout,
                Set.copyOf(allElsewhere),
                names.orOf(environment));
    }

    /**
     * The servers that the environment names; null for each that it does not.
     *
     * @throws CommandException when a port is none
     */
    static ServerAddresses serversNamedIn(Map<String, String> environment) {
        Map<String, String> variables = new HashMap<>(environment);
        variables.values().removeIf(String::isBlank);
        return new ServerAddresses(
                StackServer.NATS.isNamedIn(environment)
                        ? new NatsAddress(variables.get("PONIX_NATS_URL"))
                        : null,
                StackServer.POSTGRES.isNamedIn(environment)
                        ? new PostgresAddress(
                                variables.get("PONIX_POSTGRES_HOST"),
                                port(variables),
                                orPonix(variables, "PONIX_POSTGRES_DATABASE"),
                                orPonix(variables, "PONIX_POSTGRES_USERNAME"),
                                orPonix(variables, "PONIX_POSTGRES_PASSWORD"))
                        : null,
                StackServer.CLICKHOUSE.isNamedIn(environment)
                        ? new ClickHouseAddress(
                                variables.get("PONIX_CLICKHOUSE_URL"),
                                orPonix(variables, "PONIX_CLICKHOUSE_DATABASE"),
                                orPonix(variables, "PONIX_CLICKHOUSE_USERNAME"),
                                orPonix(variables, "PONIX_CLICKHOUSE_PASSWORD"))
                        : null);
    }

    /** The same stack by other addresses of its servers, as through a network between. */
    public StackAddresses at(ServerAddresses others) {
        return new StackAddresses(
                others, grpcAddress, httpUrl, dashboardUrl, checkout, elsewhere, names);
    }

    /** Where NATS is; null where that is not known. */
    public NatsAddress nats() {
        return servers.nats();
    }

    /** Where Postgres is; null where that is not known. */
    public PostgresAddress postgres() {
        return servers.postgres();
    }

    /** Where ClickHouse is; null where that is not known. */
    public ClickHouseAddress clickHouse() {
        return servers.clickHouse();
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
            case NATS -> nats().url();
            case POSTGRES ->
                    postgresSettings().servers().stream()
                            .map(PostgresServer::toString)
                            .collect(Collectors.joining(","));
            case CLICKHOUSE -> clickHouse().url();
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
        properties.setProperty("nats.url", nats().url());
        properties.setProperty("postgres.host", postgres().host());
        properties.setProperty("postgres.port", Integer.toString(postgres().port()));
        properties.setProperty("postgres.database", postgres().database());
        properties.setProperty("postgres.username", postgres().username());
        properties.setProperty("postgres.password", postgres().password());
        properties.setProperty("clickhouse.url", clickHouse().url());
        properties.setProperty("clickhouse.database", clickHouse().database());
        properties.setProperty("clickhouse.username", clickHouse().username());
        properties.setProperty("clickhouse.password", clickHouse().password());
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
        out.println("  NATS         " + nats().url());
        out.println(
                "  Postgres     "
                        + address(StackServer.POSTGRES)
                        + ", database "
                        + postgres().database());
        out.println(
                "  ClickHouse   " + clickHouse().url() + ", database " + clickHouse().database());
    }

    /** The ports of the stack's own servers; the default ones in place of those elsewhere. */
    StackSettings.Ports ports() {
        return new StackSettings.Ports(
                portOf("grpc://" + grpcAddress),
                portOf(httpUrl),
                portOf(dashboardUrl),
                elsewhere.contains(StackServer.NATS)
                        ? StackSettings.DEFAULTS.nats()
                        : portOf(nats().url()),
                elsewhere.contains(StackServer.POSTGRES)
                        ? StackSettings.DEFAULTS.postgres()
                        : postgres().port(),
                elsewhere.contains(StackServer.CLICKHOUSE)
                        ? StackSettings.DEFAULTS.clickHouse()
                        : portOf(clickHouse().url()));
    }

    private static int portOf(String url) {
        return URI.create(url).getPort();
    }

    /**
     * The PONIX_* environment with which the device service and the job find the parts of this
     * stack.
     */
    public Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>(servers.environment());
        environment.putAll(names.environment());
        return environment;
    }
}
