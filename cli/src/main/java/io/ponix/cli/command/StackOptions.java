package io.ponix.cli.command;

import io.ponix.cli.program.CommandEnvironment;
import io.ponix.cli.stack.StackJobs;
import io.ponix.cli.stack.StackSettings;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a stack lives and on which ports its parts answer: for the commands that start one. */
public final class StackOptions {

    @Mixin private HomeOption home;

    @Option(
            names = "--grpc-port",
            paramLabel = "PORT",
            description =
                    "Device service, gRPC. Default: PONIX_GRPC_PORT, else 50051. 0 takes a free port, here and below.")
    private Integer grpcPort;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            description = "Device service, HTTP. Default: PONIX_HTTP_PORT, else 8080.")
    private Integer httpPort;

    @Option(
            names = "--dashboard-port",
            paramLabel = "PORT",
            description = "Flink dashboard. Default: PONIX_DASHBOARD_PORT, else 8081.")
    private Integer dashboardPort;

    @Option(
            names = "--nats-port",
            paramLabel = "PORT",
            description = "NATS. Default: PONIX_NATS_PORT, else 4222.")
    private Integer natsPort;

    @Option(
            names = "--postgres-port",
            paramLabel = "PORT",
            description = "Postgres. Default: PONIX_POSTGRES_PORT, else 5432.")
    private Integer postgresPort;

    @Option(
            names = "--clickhouse-port",
            paramLabel = "PORT",
            description = "ClickHouse, HTTP. Default: PONIX_CLICKHOUSE_PORT, else 8123.")
    private Integer clickHousePort;

    @Option(
            names = "--mqtt-port",
            paramLabel = "PORT",
            description = "MQTT broker. Default: PONIX_MQTT_PORT, else 1883.")
    private Integer mqttPort;

    @Option(
            names = "--bridge-port",
            paramLabel = "PORT",
            description = "Bridge: uplinks by HTTP. Default: PONIX_BRIDGE_PORT, else 8090.")
    private Integer bridgePort;

    @Option(
            names = "--task-managers",
            paramLabel = "N",
            description = "Flink TaskManagers, of two slots each. Default: one for each job.")
    private Integer taskManagers;

    /**
     * The settings: options first, then the environment, then what the stack had before, then the
     * defaults.
     */
    public StackSettings settings() {
        return settings(home.directory(), StackJobs.count(home.directory()));
    }

    /** As {@link #settings()}, for a stack that is to have so many jobs. */
    StackSettings settings(int jobs) {
        return settings(home.directory(), jobs);
    }

    /** As {@link #settings()}, of the stack that runs where no folder is chosen. */
    StackSettings runningSettings() {
        Path directory = home.runningDirectory();
        return settings(directory, StackJobs.count(directory));
    }

    /** A running stack of this checkout that the command was not told to mean. */
    Optional<Path> runningElsewhere() {
        return home.runningElsewhere();
    }

    private StackSettings settings(Path directory, int jobs) {
        return StackSettings.resolve(
                directory,
                CommandEnvironment.variables(),
                new StackSettings.Ports(
                        grpcPort,
                        httpPort,
                        dashboardPort,
                        natsPort,
                        postgresPort,
                        clickHousePort,
                        mqttPort,
                        bridgePort),
                taskManagers == null ? jobs : taskManagers);
    }
}
