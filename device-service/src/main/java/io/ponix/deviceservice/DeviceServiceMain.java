package io.ponix.deviceservice;

import io.ponix.environment.SecretArguments;
import io.ponix.environment.SecretFiles;
import io.ponix.environment.UnreadVariables;
import io.ponix.migrations.PostgresMigrations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the service until the process is told to end (SIGTERM, SIGINT). Exit status: 0 after a
 * graceful end, 1 when the service cannot start, 2 when an argument is wrong.
 */
public final class DeviceServiceMain {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceServiceMain.class);

    /** Supervisors commonly kill after 10 s. */
    private static final Duration LONGEST_END = Duration.ofMillis(9_800);

    private static final String USAGE =
            """
            Usage: java -jar ponix-device-service.jar [--help]
            The gRPC service that manages organizations, devices, gateways and the devices' transforms.

            """;

    private DeviceServiceMain() {}

    /** Starts the service with the settings in the environment. */
    public static void main(String[] arguments) {
        if (arguments.length > 0) {
            boolean help = arguments.length == 1 && arguments[0].equals("--help");
            (help ? System.out : System.err)
                    .print(
                            (help
                                            ? ""
                                            : "Unknown argument: "
                                                    + SecretArguments.shown(List.of(arguments))
                                                    + "\n")
                                    + USAGE
                                    + DeviceServiceSettings.help());
            SecretArguments.warnings(List.of(arguments)).forEach(System.err::println);
            System.exit(help ? 0 : 2);
        }
        UnreadVariables.warnings(System.getenv()).forEach(LOG::warn);
        DeviceService service;
        try {
            Map<String, String> environment = SecretFiles.resolve(System.getenv());
            DeviceServiceSettings settings = DeviceServiceSettings.fromEnvironment(environment);
            LOG.info("Starting: {}", settings);
            service = DeviceService.start(settings, PostgresMigrations.directory(environment));
        } catch (IllegalArgumentException | DeviceServiceException exception) {
            LOG.error("Cannot start: {}", exception.getMessage());
            LOG.debug("Cannot start", exception);
            System.err.println("Cannot start: " + exception.getMessage());
            System.exit(1);
            return;
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(service), "shutdown"));
    }

    private static void end(DeviceService service) {
        Thread closing = new Thread(service::close, "closing");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(LONGEST_END.toMillis());
        } catch (InterruptedException exception) {
            LOG.warn("Interrupted while shutting down");
        }
        if (closing.isAlive()) {
            LOG.error("Not shut down after {} s: ending anyway", LONGEST_END.toSeconds());
        }
        // The virtual machine would report 143 for SIGTERM even after a graceful end.
        Runtime.getRuntime().halt(closing.isAlive() ? 1 : 0);
    }
}
