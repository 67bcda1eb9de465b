package io.ponix.cli.chaos;

import io.ponix.cli.deadletter.DeadLetterReader;
import io.ponix.cli.demo.Poison;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceRegistry;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.registry.RegistryVerification;
import io.ponix.cli.simulation.Simulation;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.GatewayKeyFile;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.embedded.process.EmbeddedProcessException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One run: the load, the faults one after another, the quiet after them, and the account. */
final class ChaosRun {

    private static final String ORGANIZATION = "org-001";
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration RECOVERY_LIMIT = Duration.ofMinutes(3);
    private static final Duration LOAD_PATIENCE = Duration.ofMinutes(3);
    private static final Duration CALM_BETWEEN = Duration.ofSeconds(2);

    private final StackAddresses addresses;
    private final ChaosStack stack;
    private final Schedule schedule;
    private final ChaosSettings settings;
    private final ProgressLine progress;
    private final long started = System.nanoTime();
    private final Map<Fault, Integer> injected = new LinkedHashMap<>();

    /**
     * @param stack up, without a load
     */
    ChaosRun(
            StackAddresses addresses,
            ChaosStack stack,
            Schedule schedule,
            ChaosSettings settings,
            ProgressLine progress) {
        this.addresses = addresses;
        this.stack = stack;
        this.schedule = schedule;
        this.settings = settings;
        this.progress = progress;
    }

    ChaosReport run() {
        Simulation simulation = new Simulation(ORGANIZATION, settings.devices());
        Ledger ledger = new Ledger(InstantSource.system());
        ClickHouseQueries clickHouse = new ClickHouseQueries(addresses);
        try (DeviceRegistry registry = new DeviceRegistry(addresses.deviceService());
                RowWatch rows = new RowWatch(clickHouse)) {
            Fleet fleet = new Fleet(registry, simulation, this::registered);
            List<RegisteredDevice> poisoners =
                    registry.ensureDevices(ORGANIZATION, poisonTransforms(), this::registered);
            EnvelopesInPart envelopesInPart =
                    new EnvelopesInPart(
                            clickHouse,
                            registry.ensureDevices(
                                            ORGANIZATION,
                                            Map.of(
                                                    EnvelopesInPart.DEVICE_NAME,
                                                    EnvelopesInPart.transform()),
                                            this::registered)
                                    .get(0));
            try (LoadPath path = path(ledger);
                    Load load =
                            new Load(
                                    path,
                                    simulation,
                                    fleet,
                                    poisoners,
                                    envelopesInPart,
                                    ledger,
                                    settings.ratePerSecond())) {
                load.start();
                awaitRecovery(rows, ledger);
                disturb(load, rows, ledger);
                rows.during(null);
                Findings findings = settle(load, ledger, clickHouse);
                return new ChaosReport(
                        settings,
                        injected,
                        envelopesInPart.tries(),
                        rows,
                        stack.irregularities(),
                        path.arrivals(),
                        findings);
            }
        }
    }

    private LoadPath path(Ledger ledger) {
        return switch (settings.way()) {
            case nats -> new NatsPath(addresses, ledger, LOAD_PATIENCE);
            case mqtt -> new MqttPath(addresses, ledger, LOAD_PATIENCE);
            case http ->
                    new HttpPath(
                            addresses,
                            new GatewayKeyFile(settings.home()).require(),
                            ledger,
                            LOAD_PATIENCE);
        };
    }

    private void disturb(Load load, RowWatch rows, Ledger ledger) {
        long end = System.nanoTime() + settings.duration().toNanos();
        while (System.nanoTime() < end || settings.eachOnce() && !schedule.hadEach()) {
            Schedule.Entry entry = schedule.next();
            Fault fault = entry.fault();
            load.check();
            load.during(fault);
            rows.during(fault);
            injected.merge(fault, 1, Integer::sum);
            long before = System.nanoTime();
            String outcome = inject(entry, load);
            if (entry.overlapping()) {
                outcome += "the next one does not wait";
            } else {
                outcome += awaitRecovery(rows, ledger);
            }
            progress.note(
                    "%s  %-40s %5.1f s  %s"
                            .formatted(
                                    elapsed(),
                                    fault.title(),
                                    (System.nanoTime() - before) / 1e9,
                                    outcome));
            if (!entry.overlapping()) {
                stack.checkJob();
                ChaosStack.pause(CALM_BETWEEN);
            }
            stack.superviseUnasked();
        }
    }

    /** What went wrong with the fault itself, or nothing. */
    private String inject(Schedule.Entry entry, Load load) {
        progress.show(elapsed() + "  " + entry.fault().title() + " …");
        try {
            entry.fault().inject(stack, load, entry.random());
            return "";
        } catch (CommandException | EmbeddedProcessException e) {
            stack.irregular(
                    entry.fault().title()
                            + ": "
                            + e.getMessage().lines().findFirst().orElse(e.toString()));
            return "did not go as it should, ";
        }
    }

    /** Waits until there are new rows and all tasks run; says how that went. */
    private String awaitRecovery(RowWatch rows, Ledger ledger) {
        long rowsBefore = rows.rows();
        long deadline = System.nanoTime() + RECOVERY_LIMIT.toNanos();
        long from = System.nanoTime();
        while (rows.rows() <= rowsBefore || !stack.isJobRunning()) {
            if (System.nanoTime() > deadline) {
                stack.irregular(
                        "no recovery within %d s: %s"
                                .formatted(
                                        RECOVERY_LIMIT.toSeconds(),
                                        rows.rows() > rowsBefore
                                                ? "not all tasks of the job run"
                                                : "no new rows"));
                return "no recovery";
            }
            progress.show(
                    "%s  published %,d, rows %,d, no new rows for %.1f s"
                            .formatted(
                                    elapsed(),
                                    ledger.size(),
                                    rows.rows(),
                                    rows.sinceNewRows().toMillis() / 1e3));
            ChaosStack.pause(POLL);
        }
        return "recovered in %.1f s".formatted((System.nanoTime() - from) / 1e9);
    }

    private Findings settle(Load load, Ledger ledger, ClickHouseQueries clickHouse) {
        stack.superviseUnasked();
        progress.note(elapsed() + "  no more faults: waiting for the last envelopes");
        load.end();
        // Stays connected to the server that has been restarted so often.
        try (DeadLetterReader deadLetters = new DeadLetterReader(addresses)) {
            Audit audit =
                    new Audit(
                            clickHouse,
                            deadLetters,
                            addresses.names().rawStream(),
                            ledger,
                            load.fleet()::isDeleted);
            awaitEnd(audit);
            stack.checkJob();
            List<String> stale = staleDevices(load, ledger, clickHouse);
            awaitEnd(audit);
            return audit.compare(awaitParkedEmpty(), stale, registry(load.fleet()));
        }
    }

    /** Waits until everything stored has ended, or until nothing more ends. */
    private void awaitEnd(Audit audit) {
        long ended = -1;
        long lastChange = System.nanoTime();
        while (System.nanoTime() - lastChange < settings.patience().toNanos()) {
            try {
                Audit.Progress now = audit.look();
                if (now.ended() >= now.stored()) {
                    return;
                }
                if (now.ended() != ended) {
                    ended = now.ended();
                    lastChange = System.nanoTime();
                }
                progress.show(
                        "%s  stored %,d, ended %,d"
                                .formatted(elapsed(), now.stored(), now.ended()));
            } catch (CommandException notYet) {
                progress.show(elapsed() + "  " + notYet.getMessage());
            }
            ChaosStack.pause(POLL);
        }
    }

    /** Lets every device send until its rows show its present transform, or patience ends. */
    private List<String> staleDevices(Load load, Ledger ledger, ClickHouseQueries clickHouse) {
        Map<String, Integer> expected = load.fleet().revisions();
        long deadline = System.nanoTime() + settings.patience().toNanos();
        List<String> stale;
        do {
            long before = ledger.lastSequence();
            load.readingOfEach();
            ChaosStack.pause(CALM_BETWEEN);
            stale = new ArrayList<>();
            Map<String, Integer> seen = new LinkedHashMap<>();
            for (String line :
                    clickHouse.lines(
                            "SELECT end_device_id, argMax(data.revision::Int64, stream_sequence)"
                                    + " FROM "
                                    + clickHouse.table()
                                    + " WHERE stream_sequence > "
                                    + before
                                    + " GROUP BY end_device_id")) {
                String[] columns = line.split("\t");
                seen.put(columns[0], Integer.parseInt(columns[1]));
            }
            for (Map.Entry<String, Integer> device : expected.entrySet()) {
                if (!device.getValue().equals(seen.get(device.getKey()))) {
                    stale.add(
                            "%s should be at revision %d, its latest row is of %s"
                                    .formatted(
                                            device.getKey(),
                                            device.getValue(),
                                            seen.get(device.getKey())));
                }
            }
        } while (!stale.isEmpty() && System.nanoTime() < deadline);
        return stale;
    }

    /** Compares the registry with its history, and that with what the run did. */
    private Findings.Registry registry(Fleet fleet) {
        List<String> differences = new ArrayList<>(fleet.misremembered());
        RegistryVerification.Extent extent =
                new RegistryVerification(addresses.postgres())
                        .run(difference -> differences.add(difference.toString()));
        return new Findings.Registry(
                fleet.versions(), fleet.looksBack(), extent.rows(), extent.events(), differences);
    }

    /** Metrics lag behind: what is still parked is asked until it is nothing. */
    private long awaitParkedEmpty() {
        long deadline = System.nanoTime() + settings.patience().toNanos();
        while (true) {
            long parked = stack.parked().orElse(-1L);
            if (parked == 0 || System.nanoTime() > deadline) {
                return parked;
            }
            progress.show("%s  parked %s".formatted(elapsed(), parked < 0 ? "unknown" : parked));
            ChaosStack.pause(POLL);
        }
    }

    private static Map<String, String> poisonTransforms() {
        Map<String, String> transforms = new LinkedHashMap<>();
        for (Poison poison : Poison.values()) {
            transforms.put(poison.deviceName(), poison.transform());
        }
        return transforms;
    }

    private void registered(int devices) {
        progress.show("registered %,d devices".formatted(devices));
    }

    private String elapsed() {
        long seconds = (System.nanoTime() - started) / 1_000_000_000;
        return "%02d:%02d".formatted(seconds / 60, seconds % 60);
    }
}
