package io.ponix.bench.measurement;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.FlinkRest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Collects the checkpoints of a job, of which Flink itself remembers the last ten. */
public final class CheckpointLog implements AutoCloseable {

    private static final long LOOK_EVERY_SECONDS = 2;

    private final FlinkRest rest;
    private final String jobId;
    private final Map<Long, FlinkRest.CompletedCheckpoint> checkpoints =
            new ConcurrentSkipListMap<>();
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor();

    /** Starts to collect. */
    public CheckpointLog(FlinkRest rest, String jobId) {
        this.rest = rest;
        this.jobId = jobId;
        looking.scheduleWithFixedDelay(
                this::look, LOOK_EVERY_SECONDS, LOOK_EVERY_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * The checkpoints of a time.
     *
     * @param count how many completed
     * @param millisP50 how long one took from trigger to completion, half of them less
     * @param millisMaximum the longest
     * @param bytesP50 how large one was, half of them less
     * @param bytesMaximum the largest
     */
    public record Summary(
            int count, long millisP50, long millisMaximum, long bytesP50, long bytesMaximum) {

        private static Summary of(List<FlinkRest.CompletedCheckpoint> checkpoints) {
            if (checkpoints.isEmpty()) {
                return new Summary(0, 0, 0, 0, 0);
            }
            long[] millis =
                    checkpoints.stream()
                            .mapToLong(FlinkRest.CompletedCheckpoint::duration)
                            .sorted()
                            .toArray();
            long[] bytes =
                    checkpoints.stream()
                            .mapToLong(FlinkRest.CompletedCheckpoint::size)
                            .sorted()
                            .toArray();
            int last = millis.length - 1;
            return new Summary(
                    millis.length, millis[last / 2], millis[last], bytes[last / 2], bytes[last]);
        }
    }

    /**
     * Sums up the checkpoints that were triggered in a time.
     *
     * @param from milliseconds since 1970
     * @param to milliseconds since 1970
     */
    public Summary between(long from, long to) {
        look();
        return Summary.of(
                checkpoints.values().stream()
                        .filter(checkpoint -> checkpoint.triggeredAt() >= from)
                        .filter(checkpoint -> checkpoint.triggeredAt() <= to)
                        .toList());
    }

    private void look() {
        try {
            rest.recentCheckpoints(jobId)
                    .forEach(checkpoint -> checkpoints.put(checkpoint.id(), checkpoint));
        } catch (CommandException e) {
            // Too busy to answer: it remembers them until we ask again.
        }
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }
}
