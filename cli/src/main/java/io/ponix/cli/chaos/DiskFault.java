package io.ponix.cli.chaos;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.StackServer;
import io.ponix.embedded.process.DataOnSmallDisk;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The disk of a server is full for a while: its data is moved to a small one, which is filled and
 * then given room again. What has ended of it, or does not answer any more, is started again, as
 * {@code ./ponix up} does.
 *
 * @param server the server: NATS, Postgres or ClickHouse
 */
record DiskFault(StackServer server) implements Fault {

    /** The servers that keep what the pipeline has. */
    static final List<StackServer> SERVERS =
            List.of(StackServer.NATS, StackServer.POSTGRES, StackServer.CLICKHOUSE);

    private static final int FREE_MEBIBYTES = 128;
    private static final Duration FULL = Duration.ofSeconds(20);
    private static final Duration WITH_ROOM = Duration.ofSeconds(5);

    /** More than Postgres has room for without more of its disk. */
    private static final int REGISTERED_MEANWHILE = 300;

    @Override
    public String id() {
        return "fill-disk-" + server.part();
    }

    @Override
    public String title() {
        return FULL.toSeconds() + " s no room on the disk of " + server.title();
    }

    @Override
    public void inject(ChaosStack stack, Load load, SplittableRandom random) {
        try (DataOnSmallDisk data =
                new DataOnSmallDisk(stack.process(server.part()), FREE_MEBIBYTES)) {
            ChaosStack.pause(WITH_ROOM);
            data.disk().fill();
            // What is refused is repeated, as a person would.
            CompletableFuture<Void> registering =
                    CompletableFuture.runAsync(
                            () -> load.fleet().registerOthers(REGISTERED_MEANWHILE));
            ChaosStack.pause(FULL);
            if (server == StackServer.POSTGRES && registering.isDone()) {
                stack.irregular("devices were registered although the disk of Postgres was full");
            }
            data.disk().makeRoom();
            stack.startUnlessItServes(server);
            registering.join();
            ChaosStack.pause(WITH_ROOM);
        } catch (IOException e) {
            throw new CommandException("the small disk: " + e.getMessage(), e);
        } catch (CompletionException e) {
            throw e.getCause() instanceof CommandException refused ? refused : e;
        }
    }
}
