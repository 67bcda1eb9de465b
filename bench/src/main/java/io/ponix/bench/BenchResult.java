package io.ponix.bench;

import io.ponix.bench.measurement.CheckpointLog;
import io.ponix.bench.measurement.Drain;
import java.util.Map;

/**
 * What a run measured.
 *
 * @param processors of this machine, shared by everything
 * @param devices that sent the envelopes
 * @param job how the job drained the backlog
 * @param jobCheckpoints the job's checkpoints meanwhile
 * @param bareLoop how the bare loop drained the same backlog, or null
 * @param steady under a steady load, or null
 * @param account of all envelopes
 */
public record BenchResult(
        int processors,
        int devices,
        Drain job,
        CheckpointLog.Summary jobCheckpoints,
        Drain bareLoop,
        Steady steady,
        Account account) {

    /**
     * The job under a steady load.
     *
     * @param ratePerSecond asked for
     * @param publishedPerSecond achieved
     * @param seconds measured, after as long a part of the load that is not
     * @param freshnessP50 milliseconds from JetStream's storing an envelope to its row's insert
     * @param freshnessP99 the same, for 99 of 100 envelopes less
     * @param freshnessMaximum the same, for the latest of all
     * @param latestAt the time of day, in UTC, when JetStream stored that one: for a look into logs
     * @param cpuMicros CPU microseconds of each process per envelope
     * @param checkpoints in the measured time
     * @param secondsToFirstRowAfterKill from the kill -9 of the TaskManager, which is started again
     *     at once, to the first row of an envelope that came after the kill; null below one a
     *     second, where that would be the time to the next envelope
     */
    public record Steady(
            double ratePerSecond,
            double publishedPerSecond,
            long seconds,
            double freshnessP50,
            double freshnessP99,
            double freshnessMaximum,
            String latestAt,
            Map<String, Double> cpuMicros,
            CheckpointLog.Summary checkpoints,
            Double secondsToFirstRowAfterKill) {}

    /**
     * Where the envelopes are.
     *
     * @param published stored by JetStream
     * @param rows in ClickHouse
     * @param unique sequences among the rows
     */
    public record Account(long published, long rows, long unique) {

        /** Whether each envelope is one row. */
        public boolean balances() {
            return published == rows && rows == unique;
        }
    }

    /** What part of the bare loop's speed the job has, or null without a bare loop. */
    public Double ratio() {
        return bareLoop == null ? null : job.steadyPerSecond() / bareLoop.steadyPerSecond();
    }
}
