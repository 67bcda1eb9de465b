package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.OptionRange;
import io.ponix.embedded.network.HomeCertificate;
import io.ponix.migrations.ClickHouseMigrations;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a stack is to be started with. A part whose address the environment gives (PONIX_NATS_URL,
 * PONIX_POSTGRES_HOST, PONIX_CLICKHOUSE_URL) is not started here: the stack uses that one.
 *
 * @param home an absolute folder for data, logs and addresses
 * @param ports all set; 0 takes a free port
 * @param taskManagers at least 1
 * @param environment the environment that names parts elsewhere
 * @param names of streams and table
 * @param secured whether it is a {@linkplain io.ponix.embedded.EmbeddedStack.Builder#secured
 *     secured} one
 */
public record StackSettings(
        Path home,
        Ports ports,
        int taskManagers,
        Map<String, String> environment,
        PipelineNames names,
        boolean secured) {

    /** Each is a process of its own, and takes more than a gigabyte. */
    private static final int MOST_TASK_MANAGERS = 64;

    /** The version of a port where nothing says otherwise, as the README documents it. */
    static final Ports DEFAULTS = new Ports(50051, 8080, 8081, 4222, 5432, 8123, 1883, 8090);

    /** The ports of the stack's servers; null where nobody chose one. */
    public record Ports(
            Integer grpc,
            Integer http,
            Integer dashboard,
            Integer nats,
            Integer postgres,
            Integer clickHouse,
            Integer mqtt,
            Integer bridge) {}

    /**
     * Completes the ports that were given as options.
     *
     * @throws CommandException when a port is none, or fewer than one TaskManager is wanted
     */
    public static StackSettings resolve(
            Path home, Map<String, String> environment, Ports options, int taskManagers) {
        OptionRange.check("--task-managers", taskManagers, 1, MOST_TASK_MANAGERS);
        Optional<StackAddresses> started =
                StackAddresses.exist(home)
                        ? Optional.of(StackAddresses.read(home))
                        : Optional.empty();
        Ports before = started.map(StackAddresses::ports).orElse(DEFAULTS);
        PipelineNames names =
                started.map(StackAddresses::names).orElse(PipelineNames.DEFAULT).orOf(environment);
        Ports ports =
                new Ports(
                        port(
                                "--grpc-port",
                                options.grpc(),
                                environment,
                                "PONIX_GRPC_PORT",
                                before.grpc()),
                        port(
                                "--http-port",
                                options.http(),
                                environment,
                                "PONIX_HTTP_PORT",
                                before.http()),
                        port(
                                "--dashboard-port",
                                options.dashboard(),
                                environment,
                                "PONIX_DASHBOARD_PORT",
                                before.dashboard()),
                        port(
                                "--nats-port",
                                options.nats(),
                                environment,
                                "PONIX_NATS_PORT",
                                before.nats()),
                        port(
                                "--postgres-port",
                                options.postgres(),
                                environment,
                                "PONIX_POSTGRES_PORT",
                                before.postgres()),
                        port(
                                "--clickhouse-port",
                                options.clickHouse(),
                                environment,
                                "PONIX_CLICKHOUSE_PORT",
                                before.clickHouse()),
                        port(
                                "--mqtt-port",
                                options.mqtt(),
                                environment,
                                "PONIX_MQTT_PORT",
                                before.mqtt()),
                        port(
                                "--bridge-port",
                                options.bridge(),
                                environment,
                                "PONIX_BRIDGE_PORT",
                                before.bridge()));
        return new StackSettings(
                home, ports, taskManagers, environment, names, isSecured(started, home));
    }

    /** Also one whose certificate somebody has deleted: it gets a new one. */
    private static boolean isSecured(Optional<StackAddresses> started, Path home) {
        return new HomeCertificate(home).exists()
                || started.flatMap(StackAddresses::security).isPresent();
    }

    /**
     * The same for a secured stack. What is one from its first start stays one.
     *
     * @throws CommandException when there is one that is not, or its streams or table are called
     *     otherwise than those that the users of NATS and ClickHouse may use
     */
    public StackSettings asSecured() {
        // Its first start makes the keys before anything else.
        if (!secured && new StackKeys(home).exist()) {
            throw CommandException.calledWrongly(
                    "--secure: the stack in "
                            + home
                            + " was made without it; choose another folder with --home, or"
                            + " ./ponix down --delete-data --home "
                            + home
                            + " first");
        }
        if (!names.equals(PipelineNames.DEFAULT)) {
            throw CommandException.calledWrongly(
                    "--secure: what users of NATS and ClickHouse may do is said of the streams"
                            + " raw_envelopes and dead_letters and the table processed_envelopes;"
                            + " unset PONIX_NATS_RAW_STREAM, PONIX_DEAD_LETTERS_STREAM and"
                            + " PONIX_CLICKHOUSE_TABLE");
        }
        return new StackSettings(home, ports, taskManagers, environment, names, true);
    }

    /**
     * Refuses one port for two parts that are to be started: the second would find the first there.
     *
     * @throws CommandException that names both
     */
    void requireDifferentPorts() {
        Map<String, Integer> taken = new LinkedHashMap<>();
        taken.put("grpc", ports.grpc());
        taken.put("http", ports.http());
        taken.put("dashboard", ports.dashboard());
        taken.put("mqtt", ports.mqtt());
        taken.put("bridge", ports.bridge());
        if (!StackServer.NATS.isNamedIn(environment)) {
            taken.put("nats", ports.nats());
        }
        if (!StackServer.POSTGRES.isNamedIn(environment)) {
            taken.put("postgres", ports.postgres());
        }
        if (!StackServer.CLICKHOUSE.isNamedIn(environment)) {
            taken.put("clickhouse", ports.clickHouse());
        }
        Map<Integer, String> partsByPort = new HashMap<>();
        taken.forEach(
                (part, port) -> {
                    String other = port == 0 ? null : partsByPort.put(port, part);
                    if (other != null) {
                        throw CommandException.calledWrongly(
                                "%s and %s are both to have port %d; --%s-port or PONIX_%s_PORT chooses another"
                                        .formatted(
                                                other,
                                                part,
                                                port,
                                                part,
                                                part.toUpperCase(Locale.ROOT)));
                    }
                });
    }

    /** Of a stack as it was started last, for commands that only look at it. */
    public static StackSettings asStarted(Path home) {
        return resolve(
                home, Map.of(), new Ports(null, null, null, null, null, null, null, null), 1);
    }

    /** A folder of migrations of ClickHouse to use in place of the packaged ones. */
    Optional<Path> clickHouseMigrations() {
        return Optional.ofNullable(environment.get(ClickHouseMigrations.DIRECTORY_SETTING))
                .filter(folder -> !folder.isBlank())
                .map(Path::of);
    }

    private static Integer port(
            String option,
            Integer chosen,
            Map<String, String> environment,
            String variable,
            Integer otherwise) {
        String source = option;
        Integer port = chosen;
        String value = environment.get(variable);
        if (port == null && value != null && !value.isBlank()) {
            source = variable;
            try {
                port = Integer.valueOf(value.strip());
            } catch (NumberFormatException e) {
                throw CommandException.calledWrongly(
                        variable + " is \"" + value + "\"; a port from 0 to 65535 is wanted");
            }
        }
        if (port == null) {
            port = otherwise;
        }
        if (port < 0 || port > 65_535) {
            throw CommandException.calledWrongly(
                    source + " is " + port + "; a port from 0 to 65535 is wanted");
        }
        return port;
    }
}
