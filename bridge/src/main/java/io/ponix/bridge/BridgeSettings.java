package io.ponix.bridge;

import io.ponix.client.deviceservice.ApiKey;
import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.client.deviceservice.DeviceServiceVariable;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.nats.NatsVariable;
import io.ponix.client.tls.TlsException;
import io.ponix.client.tls.TlsSettings;
import io.ponix.environment.AllowedHosts;
import io.ponix.environment.SecretFiles;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The settings of the bridge. {@link #fromEnvironment} reads them from {@code PONIX_*} variables,
 * which {@link #help()} lists.
 *
 * @param id tells this bridge from others, the same after a restart
 * @param nats where envelopes go, and where gateways are announced
 * @param rawStream the stream of raw envelopes
 * @param gatewayStream the stream of announcements
 * @param deviceServiceAddress where the device service is
 * @param apiKey what it shows the device service, if that asks for a key
 * @param credentialsFile what it logs in to brokers with, if any wants it
 * @param host the address for uplinks by HTTP, metrics and health
 * @param port the port for them; 0 takes a free one
 * @param tls the certificate and key for them; empty for HTTP without TLS
 * @param allowedHosts the names by which it may be asked for over HTTP
 */
public record BridgeSettings(
        String id,
        NatsSettings nats,
        String rawStream,
        String gatewayStream,
        DeviceServiceAddress deviceServiceAddress,
        Optional<ApiKey> apiKey,
        Optional<Path> credentialsFile,
        String host,
        int port,
        Optional<TlsSettings> tls,
        AllowedHosts allowedHosts) {

    private static final int HIGHEST_PORT = 65_535;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern STREAM = Pattern.compile("[A-Za-z0-9_-]{1,255}");
    private static final Set<String> LOG_LEVELS = Set.of("trace", "debug", "info", "warn", "error");

    /** The environment variables, with what they mean and their defaults. */
    enum Variable {
        BRIDGE_ID(
                "PONIX_BRIDGE_ID",
                "",
                "tells this bridge from others, the same after a restart; default: the host's name"),
        BRIDGE_HOST(
                "PONIX_BRIDGE_HOST",
                "127.0.0.1",
                "address to listen on, for uplinks by HTTP, /metrics and /health"),
        BRIDGE_PORT("PONIX_BRIDGE_PORT", "8090", "port for them; 0 takes a free one"),
        BRIDGE_TLS_KEYSTORE(
                "PONIX_BRIDGE_TLS_KEYSTORE",
                "",
                "HTTPS with this certificate and key: PEM (both in one file), PKCS #12 or Java"
                        + " keystore"),
        BRIDGE_TLS_KEYSTORE_PASSWORD(
                "PONIX_BRIDGE_TLS_KEYSTORE_PASSWORD", "", "its password; none for PEM"),
        ALLOWED_HOSTS(AllowedHosts.VARIABLE, "", AllowedHosts.MEANING),
        MQTT_CREDENTIALS_FILE(
                "PONIX_MQTT_CREDENTIALS_FILE",
                "",
                "properties file of what gateways' credentials are; see docs/bridges.md"),
        NATS_RAW_STREAM("PONIX_NATS_RAW_STREAM", "raw_envelopes", "stream of the raw envelopes"),
        NATS_GATEWAY_STREAM(
                "PONIX_NATS_GATEWAY_STREAM", "gateways", "stream of the changes of gateways"),
        LOG_LEVEL("PONIX_LOG_LEVEL", "info", "trace, debug, info, warn or error");

        private final String variable;
        private final String byDefault;
        private final String meaning;

        Variable(String variable, String byDefault, String meaning) {
            this.variable = variable;
            this.byDefault = byDefault;
            this.meaning = meaning;
        }

        private String in(Map<String, String> environment) {
            String value = environment.getOrDefault(variable, "").strip();
            return value.isEmpty() ? byDefault : value;
        }
    }

    /**
     * Reads the settings; what is not set or blank has its default.
     *
     * @throws IllegalArgumentException if something cannot be used; the message names the variable
     */
    public static BridgeSettings fromEnvironment(Map<String, String> environment) {
        String id = Variable.BRIDGE_ID.in(environment);
        if (id.isEmpty()) {
            id = hostName();
        }
        require(
                ID.matcher(id).matches(),
                Variable.BRIDGE_ID,
                "must be 1 to 64 letters, digits, '.', '-' and '_', is " + id);
        String file = Variable.MQTT_CREDENTIALS_FILE.in(environment);
        require(
                file.isEmpty()
                        || Files.isRegularFile(Path.of(file)) && Files.isReadable(Path.of(file)),
                Variable.MQTT_CREDENTIALS_FILE,
                "names a file that does not exist or cannot be read: " + file);
        String level = Variable.LOG_LEVEL.in(environment);
        require(
                LOG_LEVELS.contains(level.toLowerCase(Locale.ROOT)),
                Variable.LOG_LEVEL,
                "must be trace, debug, info, warn or error, is " + level);
        return new BridgeSettings(
                id,
                NatsSettings.fromEnvironment(environment),
                stream(Variable.NATS_RAW_STREAM, environment),
                stream(Variable.NATS_GATEWAY_STREAM, environment),
                DeviceServiceAddress.fromEnvironment(environment),
                ApiKey.fromEnvironment(environment),
                file.isEmpty() ? Optional.empty() : Optional.of(Path.of(file)),
                Variable.BRIDGE_HOST.in(environment),
                port(Variable.BRIDGE_PORT.in(environment)),
                tls(environment),
                AllowedHosts.parse(AllowedHosts.VARIABLE, Variable.ALLOWED_HOSTS.in(environment)));
    }

    /** Looked at here, as NATS may have to be waited for. */
    private static Optional<TlsSettings> tls(Map<String, String> environment) {
        String keystore = Variable.BRIDGE_TLS_KEYSTORE.in(environment);
        if (keystore.isEmpty()) {
            return Optional.empty();
        }
        TlsSettings settings =
                TlsSettings.DEFAULT.withKeystore(
                        keystore, Variable.BRIDGE_TLS_KEYSTORE_PASSWORD.in(environment));
        try {
            settings.context();
        } catch (TlsException e) {
            throw new IllegalArgumentException(
                    Variable.BRIDGE_TLS_KEYSTORE.variable
                            + " or "
                            + Variable.BRIDGE_TLS_KEYSTORE_PASSWORD.variable
                            + " is wrong: "
                            + e.getMessage(),
                    e);
        }
        return Optional.of(settings);
    }

    private static String stream(Variable variable, Map<String, String> environment) {
        String name = variable.in(environment);
        require(
                STREAM.matcher(name).matches(),
                variable,
                "must be the name of a stream, of letters, digits, '_' and '-', is " + name);
        return name;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "bridge";
        }
    }

    private static int port(String value) {
        try {
            int port = Integer.parseInt(value);
            if (port >= 0 && port <= HIGHEST_PORT) {
                return port;
            }
        } catch (NumberFormatException e) {
            // Reported below, like a number out of range.
        }
        throw new IllegalArgumentException(
                "PONIX_BRIDGE_PORT must be a whole number from 0 to "
                        + HIGHEST_PORT
                        + ", is "
                        + value);
    }

    private static void require(boolean holds, Variable variable, String problem) {
        if (!holds) {
            throw new IllegalArgumentException(variable.variable + " " + problem);
        }
    }

    /** Returns the names of the environment variables. */
    public static Set<String> variables() {
        return Stream.of(
                        Arrays.stream(Variable.values()).map(variable -> variable.variable),
                        Arrays.stream(DeviceServiceVariable.values())
                                .map(DeviceServiceVariable::variable),
                        Arrays.stream(NatsVariable.values()).map(NatsVariable::variable))
                .flatMap(names -> names)
                .collect(Collectors.toSet());
    }

    /** Returns a table of the environment variables, their defaults and meanings. */
    public static String help() {
        StringBuilder text = new StringBuilder("Settings (environment variables):\n");
        text.append(SecretFiles.MEANING).append('\n');
        for (Variable variable : Variable.values()) {
            text.append(help(variable.variable, variable.byDefault, variable.meaning));
        }
        for (DeviceServiceVariable variable : DeviceServiceVariable.values()) {
            text.append(help(variable.variable(), variable.byDefault(), variable.meaning()));
        }
        for (NatsVariable variable : NatsVariable.values()) {
            text.append(help(variable.variable(), variable.byDefault(), variable.meaning()));
        }
        return text.toString();
    }

    private static String help(String variable, String byDefault, String meaning) {
        return "  %-44s %-22s %s%n"
                .formatted(variable, byDefault.isEmpty() ? "-" : byDefault, meaning);
    }

    /** Without secrets. */
    @Override
    public String toString() {
        return "bridge "
                + id
                + ", with "
                + nats
                + " and the device service at "
                + deviceServiceAddress;
    }
}
