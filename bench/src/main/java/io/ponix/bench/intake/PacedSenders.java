package io.ponix.bench.intake;

import io.ponix.bench.measurement.Percentiles;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.simulation.ReadingPublisher;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Some senders, each with a connection of its own, that send one message after the other at a
 * common pace and wait for the acknowledgement of each. A message counts from when it was due, so
 * that what had to wait for the one before it is not left out.
 */
final class PacedSenders {

    private static final int SENDERS = 8;

    private final double ratePerSecond;
    private final long[] dueAt;
    private final long[] acknowledgedAfter;
    private final long[] storedAt;

    /**
     * @param ratePerSecond of all together
     * @param messages of all together
     */
    PacedSenders(double ratePerSecond, int messages) {
        this.ratePerSecond = ratePerSecond;
        this.dueAt = new long[messages];
        this.acknowledgedAfter = new long[messages];
        this.storedAt = new long[messages];
    }

    /** Sends; returns when all is acknowledged. */
    void send(Supplier<ReadingPublisher> publishers, IntFunction<RawEnvelope> messages) {
        ExecutorService executor = Executors.newFixedThreadPool(SENDERS);
        List<ReadingPublisher> open = new ArrayList<>();
        try {
            for (int sender = 0; sender < SENDERS; sender++) {
                open.add(publishers.get());
            }
            long start = System.nanoTime();
            List<Future<?>> sending = new ArrayList<>();
            for (int sender = 0; sender < SENDERS; sender++) {
                int first = sender;
                ReadingPublisher publisher = open.get(sender);
                sending.add(executor.submit(() -> send(publisher, messages, start, first)));
            }
            sending.forEach(PacedSenders::join);
        } finally {
            executor.shutdownNow();
            open.forEach(ReadingPublisher::close);
        }
    }

    /** Waits for what sends; fails as it has. */
    static void join(Future<?> sending) {
        try {
            sending.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CommandException refused
                    ? refused
                    : new CommandException("sending failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private void send(
            ReadingPublisher publisher, IntFunction<RawEnvelope> messages, long start, int first) {
        for (int serial = first; serial < dueAt.length; serial += SENDERS) {
            long due = start + (long) (serial * 1e9 / ratePerSecond);
            for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
                LockSupport.parkNanos(early);
            }
            Instant now = Instant.now();
            long late = System.nanoTime() - due;
            dueAt[serial] = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - late;
            publisher.publish(messages.apply(serial));
            publisher.flush();
            acknowledgedAfter[serial] = System.nanoTime() - due;
        }
    }

    /**
     * Is told when one of the messages was stored.
     *
     * @param atNanos since 1970
     */
    void stored(int serial, long atNanos) {
        storedAt[serial] = atNanos;
    }

    /** From when a message was due to when it was stored, of those after the first so many. */
    Percentiles untilStored(int after) {
        long[] nanos = new long[dueAt.length - after];
        for (int each = 0; each < nanos.length; each++) {
            nanos[each] = storedAt[after + each] - dueAt[after + each];
        }
        return Percentiles.ofNanos(nanos);
    }

    /** From when a message was due to its acknowledgement, of those after the first so many. */
    Percentiles untilAcknowledged(int after) {
        long[] nanos = new long[dueAt.length - after];
        System.arraycopy(acknowledgedAfter, after, nanos, 0, nanos.length);
        return Percentiles.ofNanos(nanos);
    }
}
