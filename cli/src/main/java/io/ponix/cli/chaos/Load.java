package io.ponix.cli.chaos;

import io.ponix.cli.demo.Poison;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.simulation.EnvelopePublisher;
import io.ponix.cli.simulation.Simulation;
import io.ponix.client.nats.NatsSettings;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;

/**
 * The steady load: readings of all devices in turn, at a rate. When the server was away, what is
 * due is published as soon as it is back. What JetStream acknowledged is in the ledger.
 */
final class Load implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int POISONED_OF_EACH_KIND = 2;
    private static final int READINGS_AFTER_DELETION = 5;
    private static final int MONTHS = 600;

    private final Simulation simulation;
    private final Fleet fleet;
    private final List<RegisteredDevice> poisoners;
    private final Ledger ledger;
    private final double ratePerSecond;
    private final EnvelopePublisher publisher;

    /** Published and not acknowledged yet, in order; of the publishing thread alone. */
    private final Deque<Ledger.Envelope> inFlight = new ArrayDeque<>();

    private final Queue<Runnable> besides = new ConcurrentLinkedQueue<>();
    private final FutureTask<Void> publishing = new FutureTask<>(this::publish, null);
    private volatile boolean ending;
    private volatile Fault during;

    /**
     * @param poisoners one for each {@link Poison}, in order
     */
    Load(
            NatsSettings nats,
            String stream,
            Simulation simulation,
            Fleet fleet,
            List<RegisteredDevice> poisoners,
            Ledger ledger,
            double ratePerSecond) {
        this.simulation = simulation;
        this.fleet = fleet;
        this.poisoners = poisoners;
        this.ledger = ledger;
        this.ratePerSecond = ratePerSecond;
        this.publisher =
                EnvelopePublisher.persistent(
                        nats,
                        stream,
                        sequence -> ledger.published(sequence, inFlight.remove()),
                        PATIENCE);
    }

    void start() {
        Thread thread = new Thread(publishing, "chaos-load");
        thread.setDaemon(true);
        thread.start();
    }

    Fleet fleet() {
        return fleet;
    }

    /** What is stored from now on will be forgotten; called while the server does not run. */
    void copied() {
        ledger.copied();
    }

    /** The server has forgotten what it stored since; called while it does not run. */
    void rewound() {
        ledger.rewound();
    }

    /** What is published from now on is noted as published after this fault. */
    void during(Fault fault) {
        during = fault;
    }

    /** Sends envelopes of every kind that cannot become a row, between the others. */
    void poison() {
        for (Poison poison : Poison.values()) {
            for (int count = 0; count < POISONED_OF_EACH_KIND; count++) {
                besides.add(
                        () -> {
                            RegisteredDevice device = poisoners.get(poison.ordinal());
                            note(device, poison.reason());
                            poison.publish(publisher, device);
                        });
            }
        }
    }

    /**
     * Sends some readings of a device that is deleted.
     *
     * @param number the number it had
     */
    void lastReadings(int number, RegisteredDevice deleted) {
        for (int count = 0; count < READINGS_AFTER_DELETION; count++) {
            besides.add(() -> reading(number, deleted));
        }
    }

    /**
     * Sends a reading for each of many months, of one device, between the others: as many
     * partitions of the table.
     */
    void readingsOfManyMonths(int number) {
        besides.add(
                () -> {
                    YearMonth month = YearMonth.now(ZoneOffset.UTC);
                    for (int count = 0; count < MONTHS; count++) {
                        month = month.minusMonths(1);
                        RegisteredDevice device = fleet.device(number);
                        note(device, null);
                        simulation.publishReading(
                                publisher,
                                number,
                                device,
                                month.atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC));
                    }
                });
    }

    /**
     * Ends the load; returns when everything is acknowledged.
     *
     * @throws CommandException when JetStream did not store an envelope for minutes
     */
    void end() {
        ending = true;
        check(true);
    }

    /** Throws what ended the load before its time. */
    void check() {
        check(publishing.isDone());
    }

    private void check(boolean wait) {
        if (!wait) {
            return;
        }
        try {
            publishing.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof CommandException refused
                    ? refused
                    : new CommandException("the load ended: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    /** After the end: one more reading of every device. */
    void readingOfEach() {
        for (int number = 0; number < fleet.size(); number++) {
            reading(number, fleet.device(number));
        }
        publisher.flush();
    }

    @Override
    public void close() {
        ending = true;
        publisher.close();
    }

    private void publish() {
        long started = System.nanoTime();
        for (long count = 0; !ending; count++) {
            long due = started + (long) (count * 1e9 / ratePerSecond);
            for (long early = due - System.nanoTime();
                    early > 0 && !ending;
                    early = due - System.nanoTime()) {
                LockSupport.parkNanos(early);
            }
            for (Runnable next = besides.poll(); next != null; next = besides.poll()) {
                next.run();
            }
            int number = (int) (count % fleet.size());
            reading(number, fleet.device(number));
        }
        for (Runnable next = besides.poll(); next != null; next = besides.poll()) {
            next.run();
        }
        publisher.flush();
    }

    private void reading(int number, RegisteredDevice device) {
        note(device, null);
        simulation.publishReading(publisher, number, device, Instant.now());
    }

    private void note(RegisteredDevice device, DeadLetterReason poison) {
        inFlight.add(new Ledger.Envelope(device.id(), poison, Instant.now(), during));
    }
}
