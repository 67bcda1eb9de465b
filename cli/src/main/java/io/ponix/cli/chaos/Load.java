package io.ponix.cli.chaos;

import io.ponix.cli.demo.Poison;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.simulation.Simulation;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;

/**
 * The steady load: readings of all devices in turn, at a rate. When the server was away, what is
 * due is published as soon as it is back.
 */
final class Load implements AutoCloseable {

    private static final int POISONED_OF_EACH_KIND = 2;
    private static final int READINGS_AFTER_DELETION = 5;
    private static final int MONTHS = 600;

    private final LoadPath path;
    private final Simulation simulation;
    private final Fleet fleet;
    private final List<RegisteredDevice> poisoners;
    private final EnvelopesInPart envelopesInPart;
    private final Ledger ledger;
    private final double ratePerSecond;
    private final Queue<Runnable> besides = new ConcurrentLinkedQueue<>();
    private final FutureTask<Void> publishing = new FutureTask<>(this::publish, null);
    private volatile boolean ending;
    private volatile Fault during;

    /**
     * @param path stays the caller's
     * @param poisoners one for each {@link Poison}, in order
     */
    Load(
            LoadPath path,
            Simulation simulation,
            Fleet fleet,
            List<RegisteredDevice> poisoners,
            EnvelopesInPart envelopesInPart,
            Ledger ledger,
            double ratePerSecond) {
        this.path = path;
        this.simulation = simulation;
        this.fleet = fleet;
        this.poisoners = poisoners;
        this.envelopesInPart = envelopesInPart;
        this.ledger = ledger;
        this.ratePerSecond = ratePerSecond;
    }

    void start() {
        Thread thread = new Thread(publishing, "chaos-load");
        thread.setDaemon(true);
        thread.start();
    }

    Fleet fleet() {
        return fleet;
    }

    EnvelopesInPart envelopesInPart() {
        return envelopesInPart;
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

    /** Sends envelopes of every kind that cannot become a row, and that its path carries. */
    void poison() {
        for (Poison poison : Poison.values()) {
            for (int count = 0; path.carries(poison) && count < POISONED_OF_EACH_KIND; count++) {
                RegisteredDevice device = poisoners.get(poison.ordinal());
                besides.add(() -> path.publish(poison, device, noted(device, poison.reason(), 0)));
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
            besides.add(() -> reading(number, deleted, Instant.now()));
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
                        reading(
                                number,
                                fleet.device(number),
                                month.atDay(1).atStartOfDay().toInstant(ZoneOffset.UTC));
                    }
                });
    }

    /** Sends an envelope whose rows are of as many months as they may be, between the others. */
    void readingOfAllMonths() {
        RegisteredDevice device = envelopesInPart.device();
        besides.add(
                () ->
                        path.publish(
                                simulation.reading(0, device, Instant.now()),
                                noted(device, null, EnvelopesInPart.ROWS)));
    }

    /**
     * Ends the load; returns when everything is acknowledged.
     *
     * @throws CommandException when an envelope was not acknowledged for minutes
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
            reading(number, fleet.device(number), Instant.now());
        }
        path.flush();
    }

    @Override
    public void close() {
        ending = true;
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
            reading(number, fleet.device(number), Instant.now());
        }
        for (Runnable next = besides.poll(); next != null; next = besides.poll()) {
            next.run();
        }
        path.flush();
    }

    private void reading(int number, RegisteredDevice device, Instant occurredAt) {
        path.publish(
                simulation.reading(number, device, occurredAt),
                noted(device, null, Fleet.rowsOf(number)));
    }

    private Ledger.Envelope noted(RegisteredDevice device, DeadLetterReason poison, int rows) {
        return new Ledger.Envelope(device.id(), poison, rows, Instant.now(), during);
    }
}
