package io.ponix.bench.measurement;

import io.ponix.cli.program.CommandException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.ToLongFunction;

/** Watches the rows of a table become visible, or the messages of a stream, and what it costs. */
public final class RowWatch {

    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    private final ToLongFunction<String> count;
    private final CpuMeter cpu;
    private final Duration patience;
    private final Runnable writer;

    /**
     * A look at the table.
     *
     * @param nanos the monotonic clock
     * @param rows how many were visible
     * @param cpuMicros of each process since its start
     */
    public record Sample(long nanos, long rows, Map<String, Long> cpuMicros) {}

    /**
     * @param count says how many rows a table has, or how many messages a stream
     * @param patience how long no row may come before the watch fails
     * @param writer throws when no more rows will come
     */
    public RowWatch(
            ToLongFunction<String> count, CpuMeter cpu, Duration patience, Runnable writer) {
        this.count = count;
        this.cpu = cpu;
        this.patience = patience;
        this.writer = writer;
    }

    /**
     * Looks at the table, {@code 20} times a second, until it has a number of rows.
     *
     * @param progress told the number of rows
     * @return a sample of the start, and of each time the number of rows had changed
     * @throws CommandException when no row comes for too long
     */
    public List<Sample> await(String table, long rows, LongConsumer progress) {
        List<Sample> samples = new ArrayList<>();
        Sample last = sample(table);
        samples.add(last);
        while (last.rows() < rows) {
            try {
                Thread.sleep(LOOK_EVERY.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandException("interrupted", e);
            }
            writer.run();
            long now = count.applyAsLong(table);
            if (now != last.rows()) {
                last = new Sample(System.nanoTime(), now, cpu.read());
                samples.add(last);
                progress.accept(now);
            } else if (System.nanoTime() - last.nanos() > patience.toNanos()) {
                throw new CommandException(
                        "%,d of %,d rows are in %s and none came for %d s"
                                .formatted(now, rows, table, patience.toSeconds()));
            }
        }
        return samples;
    }

    /** A look at the table now. */
    public Sample sample(String table) {
        return new Sample(System.nanoTime(), count.applyAsLong(table), cpu.read());
    }
}
