package io.ponix.bench.intake;

import io.ponix.bench.load.Backlog;
import io.ponix.bench.load.FailingBrokers;
import io.ponix.bench.load.GatewayFleet;
import io.ponix.bench.measurement.CpuMeter;
import io.ponix.bench.measurement.Drain;
import io.ponix.bench.measurement.ProcessMemory;
import io.ponix.bench.measurement.RowWatch;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.simulation.ReadingPublisher;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.embedded.bridge.EmbeddedBridge;
import io.ponix.embedded.process.EmbeddedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/** One run on a stack whose servers are up and whose job is not. */
final class IntakeRun implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration STATUSES_WITHIN = Duration.ofMinutes(10);
    private static final Duration LOOK_AT_STATUSES_EVERY = Duration.ofSeconds(1);
    private static final int LONGEST_WARM_UP_SECONDS = 5;

    /** Until what a start or a change has left to do is done. */
    private static final int SETTLED_AFTER_SECONDS = 10;

    private static final String BRIDGE = "bridge";

    /** Gateways that are there before any is added. */
    private static final int OF_THE_STACK = 1;

    private final LocalStack stack;
    private final StackAddresses addresses;
    private final String gatewayKey;
    private final Path home;
    private final IntakeOptions options;
    private final ProgressLine progress;
    private final RawStream stream;
    private IntakeResult.Account account = new IntakeResult.Account(0, 0, 0);

    IntakeRun(
            LocalStack stack,
            StackAddresses addresses,
            String gatewayKey,
            Path home,
            IntakeOptions options,
            ProgressLine progress) {
        this.stack = stack;
        this.addresses = addresses;
        this.gatewayKey = gatewayKey;
        this.home = home;
        this.options = options;
        this.progress = progress;
        this.stream = new RawStream(addresses);
    }

    IntakeResult run() {
        List<IntakeResult.Throughput> throughput = new ArrayList<>();
        for (IntakeWay way : IntakeWay.values()) {
            Drain drain = asFastAsItGoes(way);
            double first =
                    throughput.isEmpty() ? drain.steadyPerSecond() : throughput.get(0).perSecond();
            throughput.add(
                    new IntakeResult.Throughput(
                            way.title(),
                            drain.steadyPerSecond(),
                            drain.steadyPerSecond() / first,
                            drain.cpuMicros()));
        }
        List<IntakeResult.Steady> steady = new ArrayList<>();
        List<IntakeResult.Gateways> gateways = new ArrayList<>();
        if (options.seconds > 0) {
            Stream.of(IntakeWay.values())
                    .filter(IntakeWay::isOneByOne)
                    .forEach(way -> steady.add(steady(way)));
            addGateways(gateways);
        }
        return new IntakeResult(
                Runtime.getRuntime().availableProcessors(),
                options.messages,
                options.rate,
                throughput,
                steady,
                gateways,
                account);
    }

    private Drain asFastAsItGoes(IntakeWay way) {
        long before = stream.count();
        FutureTask<Void> sending = new FutureTask<>(() -> send(way), null);
        Thread thread = new Thread(sending, "sending");
        thread.setDaemon(true);
        RowWatch watch =
                new RowWatch(
                        name -> stream.count() - before,
                        cpu("nats", "mqtt", BRIDGE),
                        PATIENCE,
                        () -> check(sending));
        RowWatch.Sample start = watch.sample(Backlog.STREAM);
        thread.start();
        List<RowWatch.Sample> samples =
                watch.await(
                        Backlog.STREAM,
                        options.messages,
                        stored ->
                                progress.show(
                                        "%s: %,d of %,d messages"
                                                .formatted(way.title(), stored, options.messages)));
        samples.set(0, start);
        PacedSenders.join(sending);
        account(before, options.messages, (serial, atNanos) -> {});
        return Drain.of(samples);
    }

    private void send(IntakeWay way) {
        try (ReadingPublisher publisher = way.publisher(addresses, gatewayKey)) {
            for (int serial = 0; serial < options.messages; serial++) {
                publisher.publish(Message.of(LocalStack.FIRST_ORGANIZATION, serial));
            }
            publisher.flush();
        }
    }

    private static void check(FutureTask<Void> sending) {
        if (sending.isDone()) {
            PacedSenders.join(sending);
        }
    }

    private IntakeResult.Steady steady(IntakeWay way) {
        progress.show("%s at %,.0f/s".formatted(way.title(), options.rate));
        CpuMeter cpu = cpu("nats", "mqtt", BRIDGE);
        int warmUp = warmUp();
        int messages = warmUp + (int) (options.rate * options.seconds);
        long before = stream.count();
        Map<String, Long> from = cpu.read();
        long started = System.nanoTime();
        PacedSenders senders = sendPaced(way, before, messages);
        double seconds = (System.nanoTime() - started) / 1e9;
        Map<String, Long> to = cpu.read();
        account(before, messages, senders::stored);
        return new IntakeResult.Steady(
                way.title(),
                messages / seconds,
                senders.untilStored(warmUp),
                senders.untilAcknowledged(warmUp),
                CpuMeter.perEnvelope(from, to, messages));
    }

    /** In messages. */
    private int warmUp() {
        return (int) (options.rate * Math.min(options.seconds, LONGEST_WARM_UP_SECONDS));
    }

    /**
     * Returns when all is stored.
     *
     * @param before how many messages the stream has had
     */
    private PacedSenders sendPaced(IntakeWay way, long before, int messages) {
        PacedSenders senders = new PacedSenders(options.rate, messages);
        senders.send(
                () -> way.publisher(addresses, gatewayKey),
                serial -> Message.of(LocalStack.FIRST_ORGANIZATION, serial));
        // The broker's acknowledgement is no sign of it.
        new RowWatch(name -> stream.count() - before, new CpuMeter(), PATIENCE, () -> {})
                .await(Backlog.STREAM, messages, stored -> {});
        return senders;
    }

    private interface StoredMessage {
        void stored(int serial, long atNanos);
    }

    /** Looks for each message in the stream. */
    private void account(long before, int sent, StoredMessage stored) {
        BitSet found = new BitSet(sent);
        stream.readAfter(
                before,
                (message, atNanos) -> {
                    int serial = Message.serial(message);
                    found.set(serial);
                    stored.stored(serial, atNanos);
                });
        account =
                account.plus(
                        new IntakeResult.Account(
                                sent, stream.count() - before, found.cardinality()));
    }

    private void addGateways(List<IntakeResult.Gateways> results) {
        // What load has left in its memory is no gateway's.
        EmbeddedBridge bridge = bridge();
        bridge.terminate();
        bridge.start();
        try (GatewayFleet fleet = new GatewayFleet(addresses, progress)) {
            results.add(gateways(fleet, 0, 0));
            if (options.idleGateways > 0) {
                fleet.add(options.idleGateways, each -> addresses.mqttUrl());
                results.add(gateways(fleet, options.idleGateways, 0));
            }
            if (options.failingGateways > 0) {
                try (FailingBrokers brokers = new FailingBrokers(home.resolve("failing"))) {
                    fleet.add(options.failingGateways, brokers::url);
                    results.add(gateways(fleet, options.idleGateways, options.failingGateways));
                }
            }
        }
    }

    private IntakeResult.Gateways gateways(GatewayFleet fleet, long connected, long failing) {
        double secondsToStatus = awaitStatuses(fleet, connected, failing);
        progress.show("%,d gateways, without messages".formatted(connected + failing));
        pause(Duration.ofSeconds(Math.min(options.seconds, SETTLED_AFTER_SECONDS)));
        GatewayFleet.State before = fleet.state();
        CpuMeter cpu = cpu(BRIDGE, "device-service", "postgres", "mqtt", "nats");
        Map<String, Long> from = cpu.read();
        pause(Duration.ofSeconds(options.seconds));
        Map<String, Long> to = cpu.read();
        long rewritten = before.changedIn(fleet.state());
        Map<String, Double> cpuMillisPerSecond = new LinkedHashMap<>();
        to.forEach(
                (process, micros) ->
                        cpuMillisPerSecond.put(
                                process, (micros - from.get(process)) / 1e3 / options.seconds));
        ProcessMemory memory = ProcessMemory.of(bridge().pid().orElseThrow());
        progress.show("%,d gateways, and messages".formatted(connected + failing));
        int warmUp = warmUp();
        int messages = warmUp + (int) (options.rate * options.seconds);
        long sentBefore = stream.count();
        PacedSenders senders = sendPaced(IntakeWay.MQTT, sentBefore, messages);
        account(sentBefore, messages, senders::stored);
        return new IntakeResult.Gateways(
                connected,
                failing,
                secondsToStatus,
                rewritten,
                memory,
                cpuMillisPerSecond,
                senders.untilStored(warmUp));
    }

    /** Says how many seconds it took. */
    private double awaitStatuses(GatewayFleet fleet, long connected, long failing) {
        long started = System.nanoTime();
        while (true) {
            long active = ConnectedGateways.of(bridge().url()) - OF_THE_STACK;
            long saidToFail = fleet.state().failing();
            long now = System.nanoTime();
            if (active == connected && saidToFail == failing) {
                return (now - started) / 1e9;
            }
            if (now - started > STATUSES_WITHIN.toNanos()) {
                throw new CommandException(
                        "of %,d gateways %,d are connected, of %,d that cannot be %,d are said to fail"
                                .formatted(connected, active, failing, saidToFail));
            }
            progress.show(
                    "%,d gateways are connected, %,d are said to fail"
                            .formatted(active, saidToFail));
            pause(LOOK_AT_STATUSES_EVERY);
        }
    }

    private EmbeddedBridge bridge() {
        return (EmbeddedBridge) process(BRIDGE);
    }

    private EmbeddedProcess process(String name) {
        return stack.processes().stream()
                .filter(process -> process.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private CpuMeter cpu(String... names) {
        CpuMeter meter = new CpuMeter();
        for (String name : names) {
            EmbeddedProcess process = process(name);
            meter.add(process.title(), process::pid);
        }
        return meter;
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    @Override
    public void close() {
        stream.close();
    }
}
