package io.ponix.cli.demo;

import io.ponix.cli.deadletter.DeadLetterReader;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceRegistry;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.simulation.EnvelopePublisher;
import io.ponix.cli.simulation.Simulation;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** One demo: devices, envelopes, some of them poisoned, and the account of where each ended. */
final class DemoRun {

    private static final String ORGANIZATION = "org-001";
    private static final int POISONED_PER_THOUSAND = 5;
    private static final Duration INTERVAL = Duration.ofSeconds(60);
    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    private final StackAddresses addresses;
    private final long envelopes;
    private final Simulation simulation;
    private final Duration patience;

    /**
     * @param envelopes how many to send in all, the poisoned ones included
     * @param patience how long nothing may arrive before what is missing counts as lost
     */
    DemoRun(StackAddresses addresses, int devices, long envelopes, Duration patience) {
        this.addresses = addresses;
        this.envelopes = envelopes;
        this.simulation = new Simulation(ORGANIZATION, devices);
        this.patience = patience;
    }

    /**
     * Runs the demo; returns when every envelope is accounted for, or when patience is at its end.
     */
    DemoResult run(ProgressLine progress) {
        ClickHouseQueries clickHouse = new ClickHouseQueries(addresses);
        try (DeviceRegistry registry = new DeviceRegistry(addresses.deviceService());
                DeadLetterReader deadLetters = new DeadLetterReader(addresses)) {
            List<RegisteredDevice> devices =
                    register(registry, simulation.deviceTransforms(), progress);
            List<RegisteredDevice> faulty = register(registry, faultyTransforms(), progress);
            String stream = addresses.names().rawStream();
            Balance balance =
                    new Balance(
                            clickHouse,
                            deadLetters,
                            stream,
                            deadLetters.extent(stream).lastSequence() + 1,
                            deadLetters.extent().lastSequence());
            long started = System.nanoTime();
            FutureTask<Void> sending =
                    new FutureTask<>(
                            () -> {
                                send(balance, devices, faulty);
                                return null;
                            });
            Thread sender = new Thread(sending, "demo-sender");
            sender.setDaemon(true);
            sender.start();
            Balance.State state = watch(balance, sending, progress, started);
            double seconds = (System.nanoTime() - started) / 1e9;
            return new DemoResult(
                    state,
                    simulation.deviceTransforms().size() + faulty.size(),
                    seconds,
                    balance.deadLettersByReason(),
                    poisonedByReason(),
                    balance.rowsOfTheDemo());
        }
    }

    private List<RegisteredDevice> register(
            DeviceRegistry registry, Map<String, String> transforms, ProgressLine progress) {
        return registry.ensureDevices(
                ORGANIZATION,
                transforms,
                ready ->
                        progress.show(
                                "registered %,d of %,d devices"
                                        .formatted(ready, transforms.size())));
    }

    private static Map<String, String> faultyTransforms() {
        Map<String, String> transforms = new LinkedHashMap<>();
        for (Poison poison : Poison.values()) {
            transforms.put(poison.deviceName(), poison.transform());
        }
        return transforms;
    }

    /**
     * How many envelopes of each kind of poison a demo sends: at least one, where there is room for
     * it.
     */
    private long poisoned(Poison poison) {
        int kinds = Poison.values().length;
        long wanted = Math.max(kinds, envelopes * POISONED_PER_THOUSAND / 1000);
        long all = Math.min(wanted, envelopes);
        return all / kinds + (poison.ordinal() < all % kinds ? 1 : 0);
    }

    private Map<DeadLetterReason, Long> poisonedByReason() {
        Map<DeadLetterReason, Long> expected = new LinkedHashMap<>();
        for (Poison poison : Poison.values()) {
            expected.put(poison.reason(), poisoned(poison));
        }
        return expected;
    }

    /** The poison goes out in between, so that it shares its batches with good readings. */
    private void send(
            Balance balance, List<RegisteredDevice> devices, List<RegisteredDevice> faulty) {
        try (EnvelopePublisher publisher =
                new EnvelopePublisher(
                        addresses.nats(), addresses.names().rawStream(), balance::sent)) {
            long poison = 0;
            for (Poison kind : Poison.values()) {
                poison += poisoned(kind);
            }
            long good = envelopes - poison;
            simulation.publish(publisher, devices, 0, good / 2, good, INTERVAL, 0);
            for (Poison kind : Poison.values()) {
                for (long count = poisoned(kind); count > 0; count--) {
                    kind.publish(publisher, faulty.get(kind.ordinal()));
                }
            }
            simulation.publish(publisher, devices, good / 2, good, good, INTERVAL, 0);
            publisher.flush();
        }
    }

    private Balance.State watch(
            Balance balance, FutureTask<Void> sending, ProgressLine progress, long started) {
        Balance.State state = balance.look();
        long lastChange = System.nanoTime();
        while (true) {
            try {
                boolean sent = sending.isDone();
                if (sent) {
                    sending.get();
                }
                Balance.State now = balance.look();
                if (now.envelopes() + now.deadLetters()
                        != state.envelopes() + state.deadLetters()) {
                    lastChange = System.nanoTime();
                }
                state = now;
                progress.show(
                        "sent %,d of %,d   rows %,d   dead letters %,d   missing %,d   %.0f s"
                                .formatted(
                                        state.sent(),
                                        envelopes,
                                        state.envelopes(),
                                        state.deadLetters(),
                                        state.missing(),
                                        (System.nanoTime() - started) / 1e9));
                boolean quiet = System.nanoTime() - lastChange > patience.toNanos();
                if (sent && (state.missing() == 0 || quiet)) {
                    return state;
                }
                Thread.sleep(LOOK_EVERY.toMillis());
            } catch (ExecutionException e) {
                throw e.getCause() instanceof CommandException refused
                        ? refused
                        : new CommandException("sending failed: " + e.getCause(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandException("interrupted", e);
            }
        }
    }
}
