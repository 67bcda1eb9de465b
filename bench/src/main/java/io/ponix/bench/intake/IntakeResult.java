package io.ponix.bench.intake;

import io.ponix.bench.measurement.Percentiles;
import io.ponix.bench.measurement.ProcessMemory;
import java.util.List;
import java.util.Map;

/**
 * What a run measured.
 *
 * @param processors of this machine, shared by everything
 * @param messages sent by each way as fast as it went
 * @param ratePerSecond of the steady load
 * @param throughput by each way
 * @param steady by each way that sends one message at a time; empty without a steady load
 * @param gateways what they cost, in the order in which they were added; empty without a steady
 *     load
 * @param account of all messages
 */
record IntakeResult(
        int processors,
        int messages,
        double ratePerSecond,
        List<Throughput> throughput,
        List<Steady> steady,
        List<Gateways> gateways,
        Account account) {

    /**
     * As fast as it went.
     *
     * @param perSecond messages stored
     * @param ratio to publishing directly
     * @param cpuMicros CPU microseconds of each process per message
     */
    record Throughput(String way, double perSecond, double ratio, Map<String, Double> cpuMicros) {}

    /**
     * At the steady rate.
     *
     * @param perSecond messages stored
     * @param untilStored by JetStream
     * @param untilAcknowledged to the sender
     * @param cpuMicros CPU microseconds of each process per message
     */
    record Steady(
            String way,
            double perSecond,
            Percentiles untilStored,
            Percentiles untilAcknowledged,
            Map<String, Double> cpuMicros) {}

    /**
     * Gateways, without any load but that of {@code untilStored}.
     *
     * @param connected gateways whose broker is subscribed to, besides the stack's own
     * @param failing gateways whose broker cannot be used
     * @param secondsToStatus from when the last of them was added until each had the status it was
     *     to have
     * @param statusesRewritten gateways that were changed after that, in the seconds of the
     *     measurement; what fails goes on being tried
     * @param bridge its memory and threads
     * @param cpuMillisPerSecond CPU milliseconds of each process per second
     * @param untilStored of messages to the stack's own gateway by MQTT, at the steady rate
     */
    record Gateways(
            long connected,
            long failing,
            double secondsToStatus,
            long statusesRewritten,
            ProcessMemory bridge,
            Map<String, Double> cpuMillisPerSecond,
            Percentiles untilStored) {}

    /**
     * Where the messages are.
     *
     * @param sent and acknowledged
     * @param stored messages in the stream
     * @param unique among them
     */
    record Account(long sent, long stored, long unique) {

        /** Whether each message is in the stream once. */
        boolean balances() {
            return sent == stored && stored == unique;
        }

        Account plus(Account other) {
            return new Account(sent + other.sent, stored + other.stored, unique + other.unique);
        }
    }
}
