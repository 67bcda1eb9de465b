package io.ponix.bridge;

import io.ponix.environment.SecretArguments;
import io.ponix.environment.SecretFiles;
import io.ponix.environment.UnreadVariables;
import io.reactivex.plugins.RxJavaPlugins;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the bridge until the process is told to end (SIGTERM, SIGINT). Exit status: 0 after a
 * graceful end, 1 when it cannot start or end, 2 when an argument is wrong.
 */
public final class BridgeMain {

    private static final Logger LOG = LoggerFactory.getLogger(BridgeMain.class);

    /** Supervisors commonly kill after 10 s. */
    private static final Duration LONGEST_END = Duration.ofMillis(9_500);

    private static final String USAGE =
            """
            Usage: java -jar ponix-bridge.jar [--help]
            Connects to the MQTT brokers of gateways and stores what they send as raw envelopes in NATS JetStream.

            """;

    private BridgeMain() {}

    /** Starts the bridge with the settings in the environment. */
    public static void main(String[] arguments) throws InterruptedException {
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
                                    + BridgeSettings.help());
            SecretArguments.warnings(List.of(arguments)).forEach(System.err::println);
            System.exit(help ? 0 : 2);
        }
        UnreadVariables.warnings(System.getenv()).forEach(LOG::warn);
        AtomicReference<Bridge> started = new AtomicReference<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(started.get()), "shutdown"));
        // Answers that come after nobody waits for them any more.
        RxJavaPlugins.setErrorHandler(late -> LOG.debug("Too late", late));
        try {
            BridgeSettings settings =
                    BridgeSettings.fromEnvironment(SecretFiles.resolve(System.getenv()));
            LOG.info("Starting: {}", settings);
            started.set(Bridge.start(settings));
        } catch (IllegalArgumentException | BridgeException exception) {
            LOG.error("Cannot start: {}", exception.getMessage());
            System.err.println("Cannot start: " + exception.getMessage());
            // Without the hook, which is for an end that somebody asks for.
            Runtime.getRuntime().halt(1);
        }
    }

    /**
     * @param bridge null for one that waits for NATS still, with nothing in its hands
     */
    private static void end(Bridge bridge) {
        if (bridge == null) {
            Runtime.getRuntime().halt(0);
        }
        Thread closing = new Thread(bridge::close, "closing");
        closing.setDaemon(true);
        closing.start();
        try {
            closing.join(LONGEST_END.toMillis());
        } catch (InterruptedException exception) {
            LOG.warn("Interrupted while shutting down");
        }
        // The virtual machine would report 143 for SIGTERM even after a graceful end.
        Runtime.getRuntime().halt(closing.isAlive() ? 1 : 0);
    }
}
