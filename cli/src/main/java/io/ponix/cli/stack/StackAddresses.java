package io.ponix.cli.stack;

import io.grpc.ManagedChannel;
import io.ponix.cli.program.CommandEnvironment;
import io.ponix.cli.program.CommandException;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.deviceservice.ApiKey;
import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.client.deviceservice.DeviceServiceChannel;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.postgres.PostgresServer;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.client.tls.TlsSettings;
import io.ponix.embedded.ServerAddresses;
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
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where the parts of a stack answer and what its pipeline's parts are called, as {@code up} leaves
 * it in the stack's home for the commands that follow.
 *
 * @param servers NATS, Postgres and ClickHouse
 * @param grpcAddress {@code host:port} of the device service's gRPC server, {@code https://} before
 *     it where that speaks TLS
 * @param httpUrl {@code http://host:port}, or {@code https://}, of the device service's HTTP server
 * @param dashboardUrl {@code http://host:port} of the Flink dashboard and REST API
 * @param mqttUrl {@code mqtt://host:port} of the MQTT broker; null for a stack without one
 * @param uplinksUrl where uplinks of the stack's own gateway are posted; null for a stack without a
 *     bridge
 * @param checkout the folder of the checkout whose commands find the stack by themselves; null for
 *     a stack that ends with the command that runs it
 * @param operatorKeyFile holds a key for the device service, if the stack has made one; else null
 * @param security of a secured stack; else nothing
 * @param elsewhere the servers that are not processes of the stack
 * @param names of streams and table
 */
public record StackAddresses(
        ServerAddresses servers,
        String grpcAddress,
        String httpUrl,
        String dashboardUrl,
        String mqttUrl,
        String uplinksUrl,
        String checkout,
        String operatorKeyFile,
        Optional<StackSecurity> security,
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
                servers(properties),
                properties.getProperty("grpc.address"),
                properties.getProperty("http.url"),
                properties.getProperty("dashboard.url"),
                properties.getProperty("mqtt.url"),
                properties.getProperty("uplinks.url"),
                properties.getProperty("checkout"),
                properties.getProperty("operator.key.file"),
                StackSecurity.read(properties),
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
        return new StackAddresses(
                servers,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                Optional.empty(),
                Set.of(),
                PipelineNames.DEFAULT);
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
                mqttUrl,
                uplinksUrl,
                checkout,
                operatorKeyFile,
                security,
                Set.copyOf(allElsewhere),
                names.orOf(environment));
    }

    /**
     * The servers that the environment names; null for each that it does not.
     *
     * @throws CommandException when they are not named as they should be
     */
    static ServerAddresses serversNamedIn(Map<String, String> environment) {
        try {
            return new ServerAddresses(
                    StackServer.NATS.isNamedIn(environment)
                            ? NatsSettings.fromEnvironment(environment)
                            : null,
                    StackServer.POSTGRES.isNamedIn(environment)
                            ? PostgresSettings.fromEnvironment(environment)
                            : null,
                    StackServer.CLICKHOUSE.isNamedIn(environment)
                            ? ClickHouseSettings.fromEnvironment(environment)
                            : null);
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    /** As the settings are kept: each variable as a property, PONIX_NATS_URL as nats.url. */
    private static ServerAddresses servers(Properties properties) {
        Map<String, String> environment = new HashMap<>();
        for (String property : properties.stringPropertyNames()) {
            environment.put(
                    "PONIX_" + property.replace('.', '_').toUpperCase(Locale.ROOT),
                    properties.getProperty(property));
        }
        return serversNamedIn(environment);
    }

    private static String property(String variable) {
        return variable.substring("PONIX_".length()).replace('_', '.').toLowerCase(Locale.ROOT);
    }

    /** The same stack by other addresses of its servers, as through a network between. */
    public StackAddresses at(ServerAddresses others) {
        return new StackAddresses(
                others,
                grpcAddress,
                httpUrl,
                dashboardUrl,
                mqttUrl,
                uplinksUrl,
                checkout,
                operatorKeyFile,
                security,
                elsewhere,
                names);
    }

    /** The same stack with a gateway of its own, to which the bridge takes uplinks. */
    StackAddresses withGateway(String bridgeUrl, String gatewayId) {
        return new StackAddresses(
                servers,
                grpcAddress,
                httpUrl,
                dashboardUrl,
                mqttUrl,
                bridgeUrl + "/v1/gateways/" + gatewayId + "/uplinks",
                checkout,
                operatorKeyFile,
                security,
                elsewhere,
                names);
    }

    /**
     * Opens a channel to the device service, for whoever the environment says ({@code
     * PONIX_API_KEY}), else for the stack's operator.
     *
     * @throws CommandException when what the environment names is no key
     */
    public ManagedChannel deviceService() {
        try {
            Map<String, String> environment = CommandEnvironment.variables();
            DeviceServiceAddress address =
                    DeviceServiceAddress.parse(
                            grpcAddress,
                            security.map(secured -> secured.orTrustOf(environment))
                                    .orElse(environment));
            address.requireTrust();
            return DeviceServiceChannel.open(
                    address,
                    ApiKey.fromEnvironment(environment)
                            .or(
                                    () ->
                                            Optional.ofNullable(operatorKeyFile)
                                                    .map(Path::of)
                                                    .map(ApiKey::ofFile)));
        } catch (IllegalArgumentException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    /** How to trust the bridge. */
    public TlsSettings bridgeTrust() {
        return security.map(StackSecurity::trust).orElse(TlsSettings.DEFAULT);
    }

    /** Where NATS is; null where that is not known. */
    public NatsSettings nats() {
        return servers.nats();
    }

    /** Where Postgres is; null where that is not known. */
    public PostgresSettings postgres() {
        return servers.postgres();
    }

    /** Where ClickHouse is; null where that is not known. */
    public ClickHouseSettings clickHouse() {
        return servers.clickHouse();
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

    /** Where a server answers, as a person reads it. */
    String address(StackServer server) {
        return switch (server) {
            case NATS -> nats().redactedServers();
            case POSTGRES ->
                    postgres().servers().stream()
                            .map(PostgresServer::toString)
                            .collect(Collectors.joining(","));
            case CLICKHOUSE -> String.join(",", clickHouse().urls());
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
        servers.environment()
                .forEach((variable, value) -> properties.setProperty(property(variable), value));
        properties.setProperty("grpc.address", grpcAddress);
        properties.setProperty("http.url", httpUrl);
        properties.setProperty("dashboard.url", dashboardUrl);
        if (mqttUrl != null) {
            properties.setProperty("mqtt.url", mqttUrl);
        }
        if (uplinksUrl != null) {
            properties.setProperty("uplinks.url", uplinksUrl);
        }
        if (checkout != null) {
            properties.setProperty("checkout", checkout);
        }
        if (operatorKeyFile != null) {
            properties.setProperty("operator.key.file", operatorKeyFile);
        }
        security.ifPresent(secured -> secured.write(properties));
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
        if (mqttUrl != null) {
            out.println("  MQTT         " + mqttUrl);
        }
        if (uplinksUrl != null) {
            out.println("  uplinks      " + uplinksUrl);
        }
        out.println("  NATS         " + address(StackServer.NATS));
        out.println(
                "  Postgres     "
                        + address(StackServer.POSTGRES)
                        + ", database "
                        + postgres().database());
        out.println(
                "  ClickHouse   "
                        + address(StackServer.CLICKHOUSE)
                        + ", database "
                        + clickHouse().database());
    }

    /** The ports of the stack's own servers; the default ones in place of those elsewhere. */
    StackSettings.Ports ports() {
        return new StackSettings.Ports(
                portOf(grpcAddress.contains("://") ? grpcAddress : "grpc://" + grpcAddress),
                portOf(httpUrl),
                portOf(dashboardUrl),
                elsewhere.contains(StackServer.NATS)
                        ? StackSettings.DEFAULTS.nats()
                        : portOf(nats().servers().get(0)),
                elsewhere.contains(StackServer.POSTGRES)
                        ? StackSettings.DEFAULTS.postgres()
                        : postgres().servers().get(0).port(),
                elsewhere.contains(StackServer.CLICKHOUSE)
                        ? StackSettings.DEFAULTS.clickHouse()
                        : portOf(clickHouse().urls().get(0)),
                mqttUrl == null ? StackSettings.DEFAULTS.mqtt() : portOf(mqttUrl),
                uplinksUrl == null ? StackSettings.DEFAULTS.bridge() : portOf(uplinksUrl));
    }

    private static int portOf(String url) {
        return URI.create(url).getPort();
    }

    /** The PONIX_* environment with which a job finds the parts of this stack. */
    public Map<String, String> environment() {
        Map<String, String> environment = environmentOfOperator();
        security.map(StackSecurity::jobVariables)
                .orElse(Map.of())
                .forEach(
                        (variable, value) -> {
                            StackServer server =
                                    variable.startsWith("PONIX_CLICKHOUSE_")
                                            ? StackServer.CLICKHOUSE
                                            : StackServer.NATS;
                            if (!elsewhere.contains(server)) {
                                environment.put(variable, value);
                            }
                        });
        return environment;
    }

    /** The same for who may do everything, where a job is a user of its own. */
    public Map<String, String> environmentOfOperator() {
        Map<String, String> environment = new LinkedHashMap<>(servers.environment());
        environment.putAll(names.environment());
        return environment;
    }
}
