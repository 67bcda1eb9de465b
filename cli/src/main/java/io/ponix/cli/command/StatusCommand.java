package io.ponix.cli.command;

import io.ponix.cli.deadletter.DeadLetterReader;
import io.ponix.cli.program.CommandEnvironment;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.replay.StoredMessages;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.DiskForecast;
import io.ponix.cli.stack.DiskUse;
import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.KnownJob;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.ReplicationSlots;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackServer;
import io.ponix.cli.stack.StackSettings;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.cli.terminal.TextTable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ponix status}: what runs, how the job is, where the envelopes are. */
@Command(
        name = "status",
        description = {
            "Show what runs, the job's state, its lag, rows and dead letters.",
            "Exit status 1 when something is not as it should be."
        })
public final class StatusCommand implements Callable<Integer> {

    /** They are asked for every 10 s, and answer in milliseconds. */
    private static final Duration METRICS_ARE_THERE_WITHIN = Duration.ofSeconds(3);

    @Mixin private StackOptions options;

    private boolean allWell = true;

    @Override
    public Integer call() {
        StackSettings settings = options.runningSettings();
        StackAddresses addresses =
                StackAddresses.read(settings.home()).orOf(CommandEnvironment.variables());
        LocalStack stack = new LocalStack(settings, line -> {});
        TextTable parts = new TextTable("PART", "STATE", ">PID", "ADDRESS");
        for (LocalStack.Part part : stack.parts(addresses)) {
            allWell &= part.isWell();
            parts.row(
                    part.name(),
                    part.state(),
                    part.pid().isPresent() ? part.pid().getAsLong() : null,
                    part.address());
        }
        parts.print(System.out, "");
        System.out.println();
        section(
                "job",
                () -> {
                    stack.require(addresses, StackServer.ZOOKEEPER, StackServer.JOB_MANAGER);
                    stack.jobs().forEach(job -> job(job, addresses));
                });
        section(
                "active job",
                () -> {
                    stack.require(addresses, StackServer.NATS);
                    activeJob(addresses);
                });
        section(
                "envelopes",
                () -> {
                    stack.require(addresses, StackServer.NATS);
                    envelopes(addresses);
                });
        section(
                "rows",
                () -> {
                    stack.require(addresses, StackServer.CLICKHOUSE);
                    rows(addresses);
                });
        section(
                "disk use",
                () -> {
                    DiskUse use = new DiskUse(addresses, settings.home());
                    try {
                        stack.require(addresses, StackServer.NATS, StackServer.CLICKHOUSE);
                    } catch (CommandException e) {
                        // They may be away because there is no room.
                        System.out.println("disk           " + use.room());
                        throw e;
                    }
                    disk(use);
                });
        section(
                "database log",
                () -> {
                    stack.require(addresses, StackServer.POSTGRES);
                    new ReplicationSlots(addresses).all().forEach(this::slot);
                });
        return allWell ? 0 : 1;
    }

    private void section(String name, Runnable print) {
        try {
            print.run();
        } catch (CommandException e) {
            allWell = false;
            System.out.printf("%-14s unknown: %s%n", name, e.getMessage());
        }
    }

    private void job(KnownJob known, StackAddresses addresses) {
        FlinkRest flink = new FlinkRest(addresses.dashboardUrl());
        // Of a stack with one job everybody knows which it is.
        String title = known.isEnvelopePipeline() ? "" : known.id() + ": ";
        Optional<FlinkRest.Job> active = flink.activeJob(known.name());
        if (active.isEmpty()) {
            allWell = false;
            Optional<FlinkRest.Job> last = flink.jobs(known.name()).stream().findFirst();
            if (last.filter(FlinkRest.Job::isSuspended).isPresent()) {
                System.out.println(
                        "job            "
                                + title
                                + "SUSPENDED; the JobManager takes it up again once it leads the"
                                + " cluster");
                return;
            }
            System.out.println(
                    "job            "
                            + title
                            + "not running; ./ponix up submits it"
                            + last.map(job -> ", the last one is " + job.state()).orElse(""));
            last.ifPresent(job -> printFailure(flink, job));
            return;
        }
        FlinkRest.Job job = active.get();
        boolean running = job.isFullyRunning();
        allWell &= running;
        Duration since = Duration.between(Instant.ofEpochMilli(job.startTime()), Instant.now());
        System.out.printf(
                "job            %s%s, %d of %d tasks, for %s, restarts: %d%n",
                title,
                job.state(),
                job.runningTasks(),
                job.totalTasks(),
                humanReadable(since),
                flink.restarts(job.id()));
        FlinkRest.Checkpoints checkpoints = flink.checkpoints(job.id());
        System.out.printf(
                "checkpoints    %,d completed, the latest %,d ms and %,d bytes%s%n",
                checkpoints.completed(),
                checkpoints.latestDuration(),
                checkpoints.latestSize(),
                checkpoints.failing() ? "; the last attempt FAILED" : "");
        if (!running) {
            printFailure(flink, job);
        }
        System.out.println("lag            " + lag(flink, job));
        waitingMessages(flink, job.id());
        OptionalLong unmatched = flink.sumOfMetric(job.id(), "unmatched");
        if (unmatched.isPresent() && unmatched.getAsLong() > 0) {
            System.out.printf(
                    "unmatched      %,d envelopes, since its tasks started, that no contract is"
                            + " for%n",
                    unmatched.getAsLong());
        }
        OptionalLong empty = flink.sumOfMetric(job.id(), "empty");
        if (empty.isPresent() && empty.getAsLong() > 0) {
            System.out.printf(
                    "empty          %,d envelopes, since its tasks started, whose transform gave no row%n",
                    empty.getAsLong());
        }
        OptionalLong rewinds = flink.sumOfMetric(job.id(), "rewinds");
        if (rewinds.isPresent() && rewinds.getAsLong() > 0) {
            System.out.printf(
                    "rewound        %s went back since the job's tasks started, and was read again"
                            + " in %,d of its parts; the log has the sequences%n",
                    addresses.names().rawStream(), rewinds.getAsLong());
        }
        if (flink.sumOfMetric(job.id(), "publicationProblems").orElse(0) > 0) {
            allWell = false;
            System.out.println(
                    "unpublished    changes of devices do not all reach the job: the Postgres"
                            + " publication leaves some out; ./ponix logs taskmanager-1 names them and"
                            + " what mends it");
        }
        if (flink.sumOfMetric(job.id(), "unreadSubjects").orElse(0) > 0) {
            allWell = false;
            System.out.printf(
                    "unread         %s has subjects that the job does not read: their messages"
                            + " wait; ./ponix logs taskmanager-1 names them%n",
                    addresses.names().rawStream());
        }
    }

    private static String lag(FlinkRest flink, FlinkRest.Job job) {
        if (!job.isFullyRunning()) {
            return "unknown until all tasks run";
        }
        OptionalLong lag =
                flink.awaitSumOfMetric(job.id(), "pendingRecords", METRICS_ARE_THERE_WITHIN);
        return lag.isPresent()
                ? "%,d envelopes".formatted(lag.getAsLong())
                : "unknown: the tasks have not told yet";
    }

    private static void printFailure(FlinkRest flink, FlinkRest.Job job) {
        flink.latestFailure(job.id())
                .ifPresent(
                        failure ->
                                System.out.println(
                                        "failure        " + TerminalText.escaped(failure)));
    }

    /** What the job could not publish: dead letters, and readings where it publishes them. */
    private void waitingMessages(FlinkRest flink, String jobId) {
        long waiting = flink.sumOfMetric(jobId, "JetStreamSink.waiting").orElse(0);
        if (waiting > 0) {
            allWell = false;
            boolean heldUp = flink.sumOfMetric(jobId, "JetStreamSink.heldUp").orElse(0) > 0;
            System.out.printf(
                    "waiting        %,d dead letters or readings, which JetStream does not store:"
                            + " ./ponix logs taskmanager-1 says why%s%n",
                    waiting, heldUp ? "; no more can wait, so ENVELOPES ARE HELD UP" : "");
        }
    }

    private void activeJob(StackAddresses addresses) {
        try (DeadLetterReader leases = new DeadLetterReader(addresses)) {
            leases.pipelineLease(addresses)
                    .ifPresent(
                            lease ->
                                    System.out.printf(
                                            "active job     %s, on host %s since %s, in epoch %d%n",
                                            lease.holder(),
                                            lease.host(),
                                            lease.since(),
                                            lease.epoch()));
        }
    }

    private void envelopes(StackAddresses addresses) {
        try (DeadLetterReader deadLetters = new DeadLetterReader(addresses)) {
            stored("envelopes", addresses.names().rawStream(), deadLetters);
            stored("dead letters", addresses.names().deadLettersStream(), deadLetters);
        }
    }

    private void stored(String what, String stream, DeadLetterReader reader) {
        StoredMessages.Extent extent = reader.extent(stream);
        allWell &= extent.exists() && extent.refusal().isEmpty();
        System.out.printf(
                "%-14s %s%n",
                what,
                extent.exists()
                        ? "%,d stored in JetStream%s"
                                .formatted(
                                        extent.messages(),
                                        extent.refusal()
                                                .map(
                                                        refusal ->
                                                                ", and no more: the stream "
                                                                        + stream
                                                                        + " "
                                                                        + refusal)
                                                .orElse(""))
                        : "none can be stored: there is no stream "
                                + stream
                                + "; ./ponix up says what to do");
    }

    private static void rows(StackAddresses addresses) {
        ClickHouseQueries clickHouse = new ClickHouseQueries(addresses);
        String[] rows =
                clickHouse.row(
                        "SELECT count(), uniqExact(stream, stream_sequence, received_at, row_index),"
                                + " uniqExact(stream, stream_sequence, received_at) FROM "
                                + clickHouse.table());
        long all = Long.parseLong(rows[0]);
        long different = Long.parseLong(rows[1]);
        System.out.printf(
                "rows           %,d%s, of %,d envelopes%n",
                all,
                all == different ? "" : " (only %,d different)".formatted(different),
                Long.parseLong(rows[2]));
    }

    private void disk(DiskUse use) {
        List<DiskUse.Store> stores = use.stores();
        DiskForecast forecast = use.forecast(stores);
        System.out.println("disk           " + forecast);
        for (DiskUse.Store store : stores) {
            System.out.printf(
                    "               %s: %s, kept %s%n",
                    store.name(), DiskForecast.size(store.bytes()), store.kept());
        }
        if (forecast.isUrgent()) {
            allWell = false;
            System.out.println(
                    "               WARNING: soon full. PONIX_ROW_RETENTION limits rows, nats"
                            + " stream edit --max-age a stream; PONIX_RAW_RETENTION and"
                            + " PONIX_DEAD_LETTER_RETENTION new streams");
        }
    }

    private void slot(ReplicationSlots.Slot slot) {
        System.out.println("database log   " + slot);
        slot.warning()
                .ifPresent(
                        warning -> {
                            allWell = false;
                            System.out.println("               WARNING: " + warning);
                        });
    }

    private static String humanReadable(Duration duration) {
        if (duration.toHours() > 0) {
            return duration.toHours() + " h " + duration.toMinutesPart() + " min";
        }
        if (duration.toMinutes() > 0) {
            return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
        }
        return duration.toSeconds() + " s";
    }
}
