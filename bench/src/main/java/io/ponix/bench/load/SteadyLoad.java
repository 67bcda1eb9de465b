package io.ponix.bench.load;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.simulation.EnvelopePublisher;
import io.ponix.cli.stack.StackAddresses;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Publishes envelopes at a pace, in a thread of its own, until it is told to stop. */
public final class SteadyLoad implements AutoCloseable {

    /** How late it is noticed that it is to stop. */
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

    /**
     * While a killed TaskManager's state is restored, a busy disk has kept NATS waiting for 5 s.
     */
    private static final Duration LONGEST_PAUSE_OF_NATS = Duration.ofMinutes(1);

    private final StackAddresses addresses;
    private final Devices devices;
    private final double ratePerSecond;
    private final AtomicLong stored = new AtomicLong();
    private final FutureTask<Void> publishing = new FutureTask<>(this::publish, null);
    private volatile boolean stopped;

    /** Starts to publish. */
    public SteadyLoad(StackAddresses addresses, Devices devices, double ratePerSecond) {
        this.addresses = addresses;
        this.devices = devices;
        this.ratePerSecond = ratePerSecond;
        Thread thread = new Thread(publishing, "steady-load");
        thread.setDaemon(true);
        thread.start();
    }

    private void publish() {
        try (EnvelopePublisher publisher =
                EnvelopePublisher.persistent(
                        addresses.nats(),
                        Backlog.STREAM,
                        sequence -> stored.incrementAndGet(),
                        LONGEST_PAUSE_OF_NATS)) {
            long atATime = Math.max(1, (long) ratePerSecond);
            long started = System.nanoTime();
            for (long from = 0; awaitDue(started, from); from += atATime) {
                devices.simulation()
                        .publish(
                                publisher,
                                devices.registered(),
                                from,
                                from + atATime,
                                0,
                                Duration.ZERO,
                                ratePerSecond);
                // The next one, by which an acknowledgement would be noticed, may be a minute away.
                publisher.flush();
            }
        }
    }

    /** Waits until an envelope is to be published; returns whether it still is. */
    private boolean awaitDue(long started, long envelope) {
        long due = started + (long) (envelope * 1e9 / ratePerSecond);
        for (long early = due - System.nanoTime();
                early > 0 && !stopped;
                early = due - System.nanoTime()) {
            LockSupport.parkNanos(Math.min(early, LONGEST_PAUSE.toNanos()));
        }
        return !stopped;
    }

    /** How many envelopes JetStream has stored. */
    public long stored() {
        return stored.get();
    }

    /**
     * Stops within a second, and waits until all is stored.
     *
     * @throws CommandException if publishing had failed
     */
    public void stop() {
        stopped = true;
        try {
            publishing.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CommandException refused
                    ? refused
                    : new CommandException("publishing failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    @Override
    public void close() {
        stopped = true;
    }
}
