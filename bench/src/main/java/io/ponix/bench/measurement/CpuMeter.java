package io.ponix.bench.measurement;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Reads the CPU time of named processes. */
public final class CpuMeter {

    private final Map<String, Supplier<OptionalLong>> processes = new LinkedHashMap<>();

    /**
     * Adds a process.
     *
     * @param pid asked at every reading; a process that does not run has used nothing
     */
    public CpuMeter add(String name, Supplier<OptionalLong> pid) {
        processes.put(name, pid);
        return this;
    }

    /** CPU microseconds of each process since its start, in the order they were added. */
    public Map<String, Long> read() {
        Map<String, Long> micros = new LinkedHashMap<>();
        processes.forEach(
                (name, pid) -> {
                    OptionalLong running = pid.get();
                    micros.put(
                            name,
                            running.isPresent() ? ProcessCpu.micros(running.getAsLong()) : 0L);
                });
        return micros;
    }

    /**
     * What each process used between two readings, for each of a number of envelopes; the last
     * entry, {@code all}, is the sum.
     */
    public static Map<String, Double> perEnvelope(
            Map<String, Long> from, Map<String, Long> to, long envelopes) {
        Map<String, Double> used = new LinkedHashMap<>();
        double all = 0;
        for (Map.Entry<String, Long> end : to.entrySet()) {
            long micros = end.getValue() - from.get(end.getKey());
            used.put(end.getKey(), (double) micros / envelopes);
            all += micros;
        }
        used.put("all", all / envelopes);
        return used;
    }
}
