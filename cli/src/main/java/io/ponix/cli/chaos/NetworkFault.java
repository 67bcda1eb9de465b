package io.ponix.cli.chaos;

import io.ponix.cli.stack.StackServer;
import io.ponix.embedded.network.NetworkProxy;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The network between the job and a server is cut for a while; both of them are well.
 *
 * @param server the server: NATS, Postgres or ClickHouse
 * @param trouble how
 */
record NetworkFault(StackServer server, Trouble trouble) implements Fault {

    /** The servers that the job talks to. */
    static final List<StackServer> SERVERS =
            List.of(StackServer.NATS, StackServer.POSTGRES, StackServer.CLICKHOUSE);

    private static final Duration STALLED = Duration.ofSeconds(20);
    private static final Duration SLOW = Duration.ofSeconds(15);
    private static final Duration DELAY = Duration.ofMillis(200);
    private static final int RESETS = 8;
    private static final int LONGEST_BETWEEN_RESETS_MILLIS = 1_000;

    /** What happens to the connections. */
    enum Trouble {
        RESET("reset", "reset connections to "),
        STALL("stall", "no bytes for " + STALLED.toSeconds() + " s, "),
        DELAY("delay", "200 ms each way to ");

        private final String id;
        private final String title;

        Trouble(String id, String title) {
            this.id = id;
            this.title = title;
        }
    }

    @Override
    public String id() {
        return trouble.id + "-network-" + server.part();
    }

    @Override
    public String title() {
        return trouble.title + server.title();
    }

    @Override
    public void inject(ChaosStack stack, Load load, SplittableRandom random) {
        NetworkProxy network = stack.networkTo(server);
        switch (trouble) {
            case RESET -> {
                // Several: what connects again is cut off, too, and so are retries.
                for (int reset = 0; reset < RESETS; reset++) {
                    network.reset();
                    ChaosStack.pause(
                            Duration.ofMillis(random.nextInt(LONGEST_BETWEEN_RESETS_MILLIS)));
                }
            }
            case STALL -> {
                network.stall();
                ChaosStack.pause(STALLED);
                network.pass();
            }
            case DELAY -> {
                network.delay(DELAY);
                ChaosStack.pause(SLOW);
                network.pass();
            }
        }
    }
}
