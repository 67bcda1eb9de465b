package io.ponix.bench;

import io.ponix.bench.bareloop.BareLoopProcess;
import io.ponix.bench.load.Backlog;
import io.ponix.bench.load.Devices;
import io.ponix.bench.load.SteadyLoad;
import io.ponix.bench.measurement.CheckpointLog;
import io.ponix.bench.measurement.CpuMeter;
import io.ponix.bench.measurement.Drain;
import io.ponix.bench.measurement.RowWatch;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.embedded.process.EmbeddedProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One run on a stack whose servers are up and whose job is not: backlog, bare loop, job, steady
 * load, kill.
 */
final class BenchRun {

    private static final String TABLE = "processed_envelopes";
    private static final String BARE_TABLE = "bare_loop";
    private static final String BARE_LOOP = "bare loop";
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final long LONGEST_WARM_UP_SECONDS = 30;
    private static final long LOOK_MILLIS = 20;

    private final LocalStack stack;
    private final StackAddresses addresses;
    private final Path home;
    private final BenchOptions options;
    private final ProgressLine progress;
    private final ClickHouseQueries clickHouse;

    BenchRun(
            LocalStack stack,
            StackAddresses addresses,
            Path home,
            BenchOptions options,
            ProgressLine progress) {
        this.stack = stack;
        this.addresses = addresses;
        this.home = home;
        this.options = options;
        this.progress = progress;
        this.clickHouse = new ClickHouseQueries(addresses);
    }

    BenchResult run() {
        options.tableSettings.forEach(
                (setting, value) ->
                        clickHouse.lines(
                                "ALTER TABLE %s MODIFY SETTING %s = %s"
                                        .formatted(TABLE, setting, value)));
        Devices devices = Devices.register(addresses, options.devices, progress);
        Backlog.publish(addresses, devices, options.envelopes, progress);
        Drain bareLoop = options.withoutBareLoop ? null : drainByBareLoop();

        RowWatch watch = new RowWatch(this::rows, cpu(), PATIENCE, () -> {});
        RowWatch.Sample start = watch.sample(TABLE);
        long startMillis = System.currentTimeMillis();
        progress.show("starting the job");
        stack.startJobs(stack.jobs(), addresses);
        FlinkRest rest = new FlinkRest(addresses.dashboardUrl());
        String jobId = stack.envelopePipeline(addresses).active().orElseThrow().id();
        try (CheckpointLog checkpoints = new CheckpointLog(rest, jobId)) {
            List<RowWatch.Sample> samples =
                    watch.await(TABLE, options.envelopes, rows -> showRows("job", rows));
            samples.set(0, start);
            Drain job = Drain.of(samples);
            CheckpointLog.Summary jobCheckpoints =
                    checkpoints.between(startMillis, System.currentTimeMillis());
            BenchResult.Steady steady = null;
            long published = options.envelopes;
            if (options.seconds > 0) {
                try (SteadyLoad load = new SteadyLoad(addresses, devices, options.rate)) {
                    steady = underLoad(load, checkpoints);
                    load.stop();
                    published += load.stored();
                }
            }
            return new BenchResult(
                    Runtime.getRuntime().availableProcessors(),
                    options.devices,
                    job,
                    jobCheckpoints,
                    bareLoop,
                    steady,
                    account(watch, published));
        }
    }

    private Drain drainByBareLoop() {
        clickHouse.lines("DROP TABLE IF EXISTS " + BARE_TABLE);
        clickHouse.lines("CREATE TABLE " + BARE_TABLE + " AS " + TABLE);
        progress.show("starting the bare loop");
        try (BareLoopProcess process =
                new BareLoopProcess(
                        addresses, home, Backlog.STREAM, options.envelopes, BARE_TABLE)) {
            List<RowWatch.Sample> samples =
                    new RowWatch(
                                    this::rows,
                                    cpu().add(BARE_LOOP, process::pid),
                                    PATIENCE,
                                    process::check)
                            .await(
                                    BARE_TABLE,
                                    options.envelopes,
                                    rows -> showRows(BARE_LOOP, rows));
            return Drain.of(samples);
        } finally {
            // Its parts would be merged while the job is measured.
            clickHouse.lines("DROP TABLE " + BARE_TABLE + " SYNC");
        }
    }

    private long rows(String table) {
        return Long.parseLong(clickHouse.row("SELECT count() FROM " + table)[0]);
    }

    private void showRows(String who, long rows) {
        progress.show("%s: %,d of %,d rows".formatted(who, rows, options.envelopes));
    }

    private BenchResult.Steady underLoad(SteadyLoad load, CheckpointLog checkpoints) {
        long warmUp = Math.min(options.seconds, LONGEST_WARM_UP_SECONDS);
        pass("steady load, warm-up", load, warmUp);
        CpuMeter cpu = cpu();
        long storedBefore = load.stored();
        long from = System.currentTimeMillis();
        RowWatch watch = new RowWatch(this::rows, cpu, PATIENCE, () -> {});
        RowWatch.Sample before = watch.sample(TABLE);
        pass("steady load", load, options.seconds);
        RowWatch.Sample after = watch.sample(TABLE);
        long to = System.currentTimeMillis();
        double published = (load.stored() - storedBefore) * 1e3 / (to - from);
        CheckpointLog.Summary summary = checkpoints.between(from, to);
        // The rows of the measured envelopes that are still to come.
        awaitRow("received_at > " + time(to));
        String[] freshness =
                clickHouse.row(
                        "SELECT quantileExact(0.5)(age), quantileExact(0.99)(age), max(age),"
                                + " count(), formatDateTime(argMax(received_at, age), '%H:%i:%S',"
                                + " 'UTC') FROM (SELECT received_at, date_diff('millisecond',"
                                + " received_at, inserted_at) AS age FROM "
                                + TABLE
                                + " WHERE received_at BETWEEN "
                                + time(from)
                                + " AND "
                                + time(to)
                                + ")");
        return new BenchResult.Steady(
                options.rate,
                published,
                options.seconds,
                Double.parseDouble(freshness[0]),
                Double.parseDouble(freshness[1]),
                Double.parseDouble(freshness[2]),
                freshness[4],
                CpuMeter.perEnvelope(
                        before.cpuMicros(), after.cpuMicros(), Long.parseLong(freshness[3])),
                summary,
                options.rate < 1 ? null : secondsToFirstRowAfterKill());
    }

    private void pass(String what, SteadyLoad load, long seconds) {
        long start = System.nanoTime();
        long end = start + Duration.ofSeconds(seconds).toNanos();
        for (long now = start; now < end; now = System.nanoTime()) {
            progress.show(
                    "%s: %d of %d s, %,d envelopes stored"
                            .formatted(
                                    what,
                                    Duration.ofNanos(now - start).toSeconds(),
                                    seconds,
                                    load.stored()));
            sleep();
        }
    }

    private double secondsToFirstRowAfterKill() {
        progress.show("killing the TaskManager");
        EmbeddedProcess taskManager = stack.flink().taskManager(1);
        long killedAt = System.currentTimeMillis();
        taskManager.kill();
        taskManager.start();
        progress.show("the TaskManager is up again");
        // What was on its way to ClickHouse at the moment of the kill is no sign of life.
        return (awaitRow("received_at > " + time(killedAt)) - killedAt) / 1e3;
    }

    /** Waits for a row that meets a condition; returns when the first of them was inserted. */
    private long awaitRow(String condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            String[] first =
                    clickHouse.row(
                            "SELECT count(), toUnixTimestamp64Milli(min(inserted_at)) FROM "
                                    + TABLE
                                    + " WHERE "
                                    + condition);
            if (!first[0].equals("0")) {
                return Long.parseLong(first[1]);
            }
            if (System.nanoTime() > deadline) {
                throw new CommandException(
                        "no row with %s came for %d s; the logs are in %s"
                                .formatted(condition, PATIENCE.toSeconds(), home.resolve("logs")));
            }
            sleep();
        }
    }

    private BenchResult.Account account(RowWatch watch, long published) {
        watch.await(TABLE, published, rows -> progress.show("%,d rows".formatted(rows)));
        String[] counts =
                clickHouse.row(
                        "SELECT count(), uniqExact(stream, stream_sequence, received_at, row_index) FROM "
                                + TABLE);
        return new BenchResult.Account(
                published, Long.parseLong(counts[0]), Long.parseLong(counts[1]));
    }

    private static String time(long millis) {
        return "fromUnixTimestamp64Milli(" + millis + ")";
    }

    private CpuMeter cpu() {
        CpuMeter meter = new CpuMeter();
        for (EmbeddedProcess process : stack.processes()) {
            meter.add(process.title(), process::pid);
        }
        return meter;
    }

    private static void sleep() {
        try {
            Thread.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }
}
