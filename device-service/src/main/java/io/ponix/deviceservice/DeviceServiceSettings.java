package io.ponix.deviceservice;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.ClickHouseVariable;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.nats.NatsVariable;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.client.postgres.PostgresVariable;
import io.ponix.deviceservice.access.AccessMode;
import io.ponix.deviceservice.access.OidcSettings;
import io.ponix.deviceservice.request.CallLimits;
import io.ponix.deviceservice.telemetry.TelemetrySettings;
import io.ponix.deviceservice.tls.TlsFiles;
import io.ponix.deviceservice.upkeep.UpkeepSettings;
import io.ponix.environment.AllowedHosts;
import io.ponix.environment.SecretFiles;
import io.ponix.transforms.TransformLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The settings of the service. {@link #fromEnvironment} reads them from {@code PONIX_*} variables,
 * which {@link #help()} lists.
 *
 * @param host the address to listen on
 * @param grpcPort the port for gRPC; 0 takes a free one
 * @param httpPort the port for the web page, HTTP/JSON, the docs, metrics and health; 0 takes a
 *     free one
 * @param postgres the database, whose role must own the tables
 * @param postgresStatementTimeout how long a statement may take; at least a second
 * @param postgresMaxLifetime how long a connection is kept; at least 30 s
 * @param postgresStartupTimeout how long to wait at the start for a database that cannot be reached
 * @param shutdownTimeout how long calls under way may take when the service stops
 * @param limits what callers may ask of the service
 * @param transformLimits the budget of one evaluation, which has to be the job's for a trial to
 *     mean what it says
 * @param telemetry where rows and dead letters are, if the service is to show them
 * @param upkeep what the service does to the registry by itself
 * @param allowedHosts the names by which it may be asked for over HTTP
 * @param accessMode whether callers need a key
 * @param firstKeysFile holds the keys to make where there is none yet
 * @param oidc whose tokens are taken beside keys
 * @param tls the certificate to show on both ports; empty for no TLS
 */
public record DeviceServiceSettings(
        String host,
        int grpcPort,
        int httpPort,
        PostgresSettings postgres,
        Duration postgresStatementTimeout,
        Duration postgresMaxLifetime,
        Duration postgresStartupTimeout,
        Duration shutdownTimeout,
        CallLimits limits,
        TransformLimits transformLimits,
        TelemetrySettings telemetry,
        UpkeepSettings upkeep,
        AllowedHosts allowedHosts,
        AccessMode accessMode,
        Optional<Path> firstKeysFile,
        Optional<OidcSettings> oidc,
        Optional<TlsFiles> tls) {

    /** The environment variables, with what they mean and their defaults. */
    enum Variable {
        PONIX_GRPC_HOST("0.0.0.0", "address to listen on, for gRPC and HTTP"),
        PONIX_GRPC_PORT("50051", "port for gRPC; 0 takes a free one"),
        PONIX_HTTP_PORT(
                "8080",
                "port for the web page, HTTP/JSON, /docs, /metrics and /health; 0 takes a free"
                        + " one"),
        PONIX_GRPC_REQUESTS_PER_SECOND(
                "5000", "calls of one caller a second that are answered, 1 to 1000000"),
        PONIX_GRPC_CONCURRENT_EVALUATIONS(
                "16", "calls of one caller that evaluate expressions at once, 1 to 1000"),
        PONIX_GRPC_IDLE_TIMEOUT_MS(
                "60000", "how long a connection without calls is kept, 1000 or more"),
        PONIX_ALLOWED_HOSTS("", AllowedHosts.MEANING),
        PONIX_POSTGRES_STATEMENT_TIMEOUT_MS("10000", "how long a statement may take, 1000 or more"),
        PONIX_POSTGRES_MAX_LIFETIME_MS("1800000", "how long a connection is kept, 30000 or more"),
        PONIX_POSTGRES_STARTUP_TIMEOUT_MS(
                "30000", "how long to wait for the database at the start"),
        PONIX_POSTGRES_MIGRATIONS_DIR(
                "", "folder of migrations to use in place of the packaged ones"),
        PONIX_CLICKHOUSE_TABLE("processed_envelopes", "table of the rows"),
        PONIX_NATS_RAW_STREAM("raw_envelopes", "stream of the raw envelopes"),
        PONIX_DEAD_LETTERS_STREAM("dead_letters", "stream of the dead letters"),
        PONIX_TRANSFORM_MAX_ITERATIONS(
                "10000", "elements that loops of an expression may visit; as for the job"),
        PONIX_TRANSFORM_MAX_WORK(
                "10000000", "bytes and elements that its functions may go through; as for the job"),
        PONIX_TRANSFORM_MAX_OUTPUT_BYTES("1048576", "how long its JSON may be; as for the job"),
        PONIX_TRANSFORM_MAX_OUTPUT_DEPTH("32", "how deep it may be nested; as for the job"),
        PONIX_TRANSFORM_MAX_ROWS("10000", "rows that an envelope may become; as for the job"),
        PONIX_TRANSFORM_MAX_DURATION(
                "2 s",
                "how much processor time an evaluation may take, 1 ms to 60 s; as for the job"),
        PONIX_SNAPSHOT_INTERVAL(
                "", "how often a snapshot of the registry is made, such as '24 h'; absent: never"),
        PONIX_SNAPSHOT_MAX_COUNT(
                "", "how many of those snapshots are kept, 1 to 1000000; absent: any number"),
        PONIX_SNAPSHOT_MAX_AGE(
                "", "how long each of them is kept, such as '30 d'; absent: for ever"),
        PONIX_HISTORY_RETENTION(
                "",
                "how long each change of the registry is kept, such as '365 d'; absent: for ever"),
        PONIX_AUTH(
                "",
                "required, optional or off; by default off at a loopback address, else required"),
        PONIX_FIRST_KEYS_FILE("", "file with the keys to make where there is none yet"),
        PONIX_SHUTDOWN_TIMEOUT_MS(
                "8000", "how long calls under way may take at the end, 9000 or less"),
        PONIX_LOG_LEVEL("info", "trace, debug, info, warn or error");

        private static final Pattern SHORT_DURATION = Pattern.compile("(\\d{1,9})\\s*(ms|s)?");
        private static final Pattern LONG_DURATION = Pattern.compile("(\\d{1,9})\\s*(s|min|h|d)");
        private static final Duration LONGEST_KEPT = Duration.ofDays(36_500);
        private static final Duration LONGEST_EVALUATION = Duration.ofSeconds(60);

        private final String byDefault;
        private final String meaning;

        Variable(String byDefault, String meaning) {
            this.byDefault = byDefault;
            this.meaning = meaning;
        }

        private String in(Map<String, String> environment) {
            String value = environment.getOrDefault(name(), "").strip();
            return value.isEmpty() ? byDefault : value;
        }

        private int numberIn(Map<String, String> environment, int least, int most) {
            String value = in(environment);
            try {
                int number = Integer.parseInt(value);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException exception) {
                // Reported below, like a number out of range.
            }
            throw new IllegalArgumentException(
                    name()
                            + " must be a whole number from "
                            + least
                            + " to "
                            + most
                            + ", not '"
                            + value
                            + "'");
        }

        /** {@code 90 s}, {@code 30 min}, {@code 24 h} or {@code 30 d}; empty where it is absent. */
        private Optional<Duration> longDurationIn(Map<String, String> environment) {
            String value = in(environment);
            if (value.isEmpty()) {
                return Optional.empty();
            }
            Matcher parts = LONG_DURATION.matcher(value);
            if (parts.matches()) {
                long number = Long.parseLong(parts.group(1));
                Duration duration =
                        switch (parts.group(2)) {
                            case "s" -> Duration.ofSeconds(number);
                            case "min" -> Duration.ofMinutes(number);
                            case "h" -> Duration.ofHours(number);
                            default -> Duration.ofDays(number);
                        };
                if (number > 0 && duration.compareTo(LONGEST_KEPT) <= 0) {
                    return Optional.of(duration);
                }
            }
            throw new IllegalArgumentException(
                    name()
                            + " must be 1 s to 36500 d, for instance '90 s', '30 min', '24 h' or '30 d',"
                            + " not '"
                            + value
                            + "'; leave it out for none");
        }

        private Optional<Integer> countIn(Map<String, String> environment) {
            return in(environment).isEmpty()
                    ? Optional.empty()
                    : Optional.of(numberIn(environment, 1, 1_000_000));
        }

        /** Written as for the job: {@code 500 ms}, {@code 2 s}; without a unit milliseconds. */
        private Duration shortDurationIn(Map<String, String> environment) {
            String value = in(environment);
            Matcher parts = SHORT_DURATION.matcher(value);
            if (parts.matches()) {
                long number = Long.parseLong(parts.group(1));
                Duration duration =
                        "s".equals(parts.group(2))
                                ? Duration.ofSeconds(number)
                                : Duration.ofMillis(number);
                if (number > 0 && duration.compareTo(LONGEST_EVALUATION) <= 0) {
                    return duration;
                }
            }
            throw new IllegalArgumentException(
                    name() + " must be 1 ms to 60 s, for instance '500 ms', not '" + value + "'");
        }

        private Duration durationIn(
                Map<String, String> environment, int leastMillis, int mostMillis) {
            return Duration.ofMillis(numberIn(environment, leastMillis, mostMillis));
        }
    }

    private static final int HIGHEST_PORT = 65_535;

    private static final String SHOWN_WHERE_SET = "; absent: none of what is there is shown";

    /** Checks that the two ports differ. */
    public DeviceServiceSettings {
        Objects.requireNonNull(host, "host");
        if (grpcPort != 0 && grpcPort == httpPort) {
            throw new IllegalArgumentException(
                    "PONIX_GRPC_PORT and PONIX_HTTP_PORT must not be the same (" + grpcPort + ")");
        }
    }

    /**
     * Reads the settings from variables; an absent or blank one has its default.
     *
     * @throws IllegalArgumentException when a value cannot be used; the message names the variable
     */
    public static DeviceServiceSettings fromEnvironment(Map<String, String> environment) {
        return new DeviceServiceSettings(
                Variable.PONIX_GRPC_HOST.in(environment),
                Variable.PONIX_GRPC_PORT.numberIn(environment, 0, HIGHEST_PORT),
                Variable.PONIX_HTTP_PORT.numberIn(environment, 0, HIGHEST_PORT),
                PostgresSettings.fromEnvironment(environment),
                Variable.PONIX_POSTGRES_STATEMENT_TIMEOUT_MS.durationIn(
                        environment, 1_000, 600_000),
                Variable.PONIX_POSTGRES_MAX_LIFETIME_MS.durationIn(environment, 30_000, 86_400_000),
                Variable.PONIX_POSTGRES_STARTUP_TIMEOUT_MS.durationIn(environment, 0, 3_600_000),
                Variable.PONIX_SHUTDOWN_TIMEOUT_MS.durationIn(environment, 0, 9_000),
                new CallLimits(
                        Variable.PONIX_GRPC_REQUESTS_PER_SECOND.numberIn(environment, 1, 1_000_000),
                        Variable.PONIX_GRPC_CONCURRENT_EVALUATIONS.numberIn(environment, 1, 1_000),
                        Variable.PONIX_GRPC_IDLE_TIMEOUT_MS.durationIn(
                                environment, 1_000, 86_400_000)),
                new TransformLimits(
                        Variable.PONIX_TRANSFORM_MAX_ITERATIONS.numberIn(
                                environment, 1, Integer.MAX_VALUE),
                        Variable.PONIX_TRANSFORM_MAX_WORK.numberIn(
                                environment, 1, Integer.MAX_VALUE),
                        Variable.PONIX_TRANSFORM_MAX_OUTPUT_BYTES.numberIn(
                                environment, 2, 16 << 20),
                        Variable.PONIX_TRANSFORM_MAX_OUTPUT_DEPTH.numberIn(environment, 1, 200),
                        Variable.PONIX_TRANSFORM_MAX_ROWS.numberIn(environment, 1, 100_000),
                        Variable.PONIX_TRANSFORM_MAX_DURATION.shortDurationIn(environment)),
                new TelemetrySettings(
                        ClickHouseVariable.namesServerIn(environment)
                                ? Optional.of(ClickHouseSettings.fromEnvironment(environment))
                                : Optional.empty(),
                        Variable.PONIX_CLICKHOUSE_TABLE.in(environment),
                        NatsVariable.namesServerIn(environment)
                                ? Optional.of(NatsSettings.fromEnvironment(environment))
                                : Optional.empty(),
                        Variable.PONIX_NATS_RAW_STREAM.in(environment),
                        Variable.PONIX_DEAD_LETTERS_STREAM.in(environment)),
                new UpkeepSettings(
                        Variable.PONIX_SNAPSHOT_INTERVAL.longDurationIn(environment),
                        Variable.PONIX_SNAPSHOT_MAX_COUNT.countIn(environment),
                        Variable.PONIX_SNAPSHOT_MAX_AGE.longDurationIn(environment),
                        Variable.PONIX_HISTORY_RETENTION.longDurationIn(environment)),
                AllowedHosts.parse(
                        AllowedHosts.VARIABLE, Variable.PONIX_ALLOWED_HOSTS.in(environment)),
                AccessMode.parse(
                        Variable.PONIX_AUTH.in(environment),
                        Variable.PONIX_GRPC_HOST.in(environment)),
                Optional.of(Variable.PONIX_FIRST_KEYS_FILE.in(environment))
                        .filter(file -> !file.isEmpty())
                        .map(Path::of),
                OidcSettings.fromEnvironment(environment),
                TlsFiles.fromEnvironment(environment));
    }

    /** Returns the names of the environment variables. */
    public static Set<String> variables() {
        return Stream.of(
                        Arrays.stream(Variable.values()).map(Variable::name),
                        OidcSettings.variables().stream(),
                        TlsFiles.variables().stream(),
                        Arrays.stream(PostgresVariable.values()).map(PostgresVariable::variable),
                        Arrays.stream(ClickHouseVariable.values())
                                .map(ClickHouseVariable::variable),
                        Arrays.stream(NatsVariable.values()).map(NatsVariable::variable))
                .flatMap(names -> names)
                .collect(Collectors.toSet());
    }

    /** Returns a table of the environment variables, their defaults and meanings. */
    public static String help() {
        StringBuilder text = new StringBuilder("Settings (environment variables):\n");
        text.append(SecretFiles.MEANING).append('\n');
        for (Variable variable : Variable.values()) {
            text.append(help(variable.name(), variable.byDefault, variable.meaning));
        }
        for (OidcSettings.Variable variable : OidcSettings.Variable.values()) {
            text.append(help(variable.name(), variable.byDefault(), variable.meaning()));
        }
        for (TlsFiles.Variable variable : TlsFiles.Variable.values()) {
            text.append(help(variable.name(), "", variable.meaning()));
        }
        for (PostgresVariable variable : PostgresVariable.values()) {
            text.append(help(variable.variable(), variable.byDefault(), variable.meaning()));
        }
        for (ClickHouseVariable variable : ClickHouseVariable.values()) {
            text.append(
                    variable == ClickHouseVariable.URL
                            ? help(variable.variable(), "", variable.meaning() + SHOWN_WHERE_SET)
                            : help(variable.variable(), variable.byDefault(), variable.meaning()));
        }
        for (NatsVariable variable : NatsVariable.values()) {
            text.append(
                    variable == NatsVariable.URL
                            ? help(variable.variable(), "", variable.meaning() + SHOWN_WHERE_SET)
                            : help(variable.variable(), variable.byDefault(), variable.meaning()));
        }
        return text.toString();
    }

    private static String help(String variable, String byDefault, String meaning) {
        return "  %-40s %-18s %s%n"
                .formatted(variable, byDefault.isEmpty() ? "-" : byDefault, meaning);
    }

    /** Describes the settings without the password. */
    @Override
    public String toString() {
        return "listening on "
                + host
                + ", ports "
                + grpcPort
                + " and "
                + httpPort
                + ", keys "
                + accessMode
                + (tls.isPresent() ? ", TLS" : "")
                + ", with "
                + postgres
                + "; "
                + telemetry;
    }
}
