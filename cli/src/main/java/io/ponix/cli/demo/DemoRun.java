package io.ponix.cli.demo;

import io.ponix.cli.deadletter.DeadLetterReader;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceRegistry;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.simulation.EnvelopePublisher;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.terminal.ProgressLine;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** One demo: devices, envelopes, some of them poisoned, and the account of where each ended. */
final class DemoRun {

    private static final String ORGANIZATION = "org-001";
    private static final Duration INTERVAL = Duration.ofSeconds(60);

    /** So long as the samples of a block go on. */
    private static final Duration BETWEEN_BLOCKS = Duration.ofSeconds(1_000);

    private static final Duration LOOK_EVERY = Duration.ofMillis(250);

    private final StackAddresses addresses;
    private final DemoPlan plan;
    private final Duration patience;

    /**
     * @param envelopes how many to send in all, the poisoned ones included
     * @param patience how long nothing may arrive before what is missing counts as lost
     */
    DemoRun(StackAddresses addresses, int devices, long envelopes, Duration patience) {
        this.addresses = addresses;
        this.plan = new DemoPlan(ORGANIZATION, devices, envelopes);
        this.patience = patience;
    }

    /**
     * Runs the demo; returns when every envelope is accounted for, or when patience is at its end.
     */
    DemoResult run(ProgressLine progress) {
        ClickHouseQueries clickHouse = new ClickHouseQueries(addresses);
        try (DeviceRegistry registry = new DeviceRegistry(addresses.deviceService());
                DeadLetterReader deadLetters = new DeadLetterReader(addresses)) {
            List<RegisteredDevice> sensors =
                    register(registry, plan.sensors().deviceTransforms(), progress);
            List<RegisteredDevice> loggers =
                    register(registry, plan.loggers().deviceTransforms(), progress);
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
                                send(balance, sensors, loggers, faulty);
                                return null;
                            });
            Thread sender = new Thread(sending, "demo-sender");
            sender.setDaemon(true);
            sender.start();
            Balance.State state = watch(balance, sending, progress, started);
            double seconds = (System.nanoTime() - started) / 1e9;
            return new DemoResult(
                    state,
                    sensors.size() + loggers.size() + faulty.size(),
                    seconds,
                    plan.envelopesByRows(),
                    balance.deadLettersByReason(),
                    plan.poisonedByReason(),
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
     * Blocks and poison go out in between, so that they share their batches with readings of a row.
     */
    private void send(
            Balance balance,
            List<RegisteredDevice> sensors,
            List<RegisteredDevice> loggers,
            List<RegisteredDevice> faulty) {
        try (EnvelopePublisher publisher =
                new EnvelopePublisher(
                        addresses.nats(), addresses.names().rawStream(), balance::sent)) {
            long readings = plan.readings();
            long blocks = plan.blocks();
            for (long block = 0; block < blocks; block++) {
                if (block == blocks / 2) {
                    poison(publisher, faulty);
                }
                plan.loggers()
                        .publish(publisher, loggers, block, block + 1, blocks, BETWEEN_BLOCKS, 0);
                plan.sensors()
                        .publish(
                                publisher,
                                sensors,
                                readings * block / blocks,
                                readings * (block + 1) / blocks,
                                readings,
                                INTERVAL,
                                0);
            }
            if (blocks == 0) {
                poison(publisher, faulty);
            }
            publisher.flush();
        }
    }

    private void poison(EnvelopePublisher publisher, List<RegisteredDevice> faulty) {
        for (Poison kind : Poison.values()) {
            for (long count = plan.poisoned(kind); count > 0; count--) {
                kind.publish(publisher, faulty.get(kind.ordinal()));
            }
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
                        "sent %,d of %,d   stored %,d   dead letters %,d   missing %,d   %.0f s"
                                .formatted(
                                        state.sent(),
                                        plan.envelopes(),
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
