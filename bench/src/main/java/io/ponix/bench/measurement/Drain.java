package io.ponix.bench.measurement;

import io.ponix.bench.measurement.RowWatch.Sample;
import java.util.List;
import java.util.Map;

/**
 * How a backlog was drained, or messages became those of a stream, which count as rows here.
 *
 * @param envelopes in the backlog
 * @param secondsToFirstRow from the start until rows could be seen
 * @param seconds from the first rows to the last
 * @param perSecond rows after the first ones, per second of that time
 * @param steadyPerSecond the same while 20 % to 90 % of the rows became visible: without the start,
 *     when code is still interpreted, and the end
 * @param cpuMicros CPU microseconds of each process per envelope in that middle part
 * @param cpuMicrosInAll CPU microseconds of each process per envelope from start to end
 */
public record Drain(
        long envelopes,
        double secondsToFirstRow,
        double seconds,
        double perSecond,
        double steadyPerSecond,
        Map<String, Double> cpuMicros,
        Map<String, Double> cpuMicrosInAll) {

    private static final double STEADY_FROM = 0.2;
    private static final double STEADY_TO = 0.9;
    private static final double NANOS_PER_SECOND = 1e9;

    /**
     * Evaluates what was seen.
     *
     * @param samples the first from before the start; the last with all rows
     */
    public static Drain of(List<Sample> samples) {
        Sample start = samples.get(0);
        Sample first = samples.get(1);
        Sample last = samples.get(samples.size() - 1);
        long all = last.rows() - start.rows();
        Sample from = reaching(samples, start.rows() + (long) (STEADY_FROM * all));
        Sample to = reaching(samples, start.rows() + (long) (STEADY_TO * all));
        if (to.rows() == from.rows()) {
            // So few that they came at once.
            from = start;
            to = last;
        }
        return new Drain(
                all,
                seconds(start, first),
                seconds(first, last),
                perSecond(first, last),
                perSecond(from, to),
                CpuMeter.perEnvelope(from.cpuMicros(), to.cpuMicros(), to.rows() - from.rows()),
                CpuMeter.perEnvelope(start.cpuMicros(), last.cpuMicros(), all));
    }

    private static Sample reaching(List<Sample> samples, long rows) {
        return samples.stream()
                .skip(1)
                .filter(sample -> sample.rows() >= rows)
                .findFirst()
                .orElseThrow();
    }

    private static double seconds(Sample from, Sample to) {
        return (to.nanos() - from.nanos()) / NANOS_PER_SECOND;
    }

    /** 0 where all came at once. */
    private static double perSecond(Sample from, Sample to) {
        return to == from ? 0 : (to.rows() - from.rows()) / seconds(from, to);
    }
}
