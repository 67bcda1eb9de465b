package io.ponix.cli.chaos;

import io.ponix.cli.demo.Poison;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.util.List;

/** How the load gets into the stream; what is in there the ledger is told. For one thread. */
interface LoadPath extends AutoCloseable {

    /**
     * Publishes; returns before it is acknowledged.
     *
     * @param noted what the ledger is to know of it
     */
    void publish(RawEnvelope envelope, Ledger.Envelope noted);

    /** Whether it can publish such. */
    boolean carries(Poison poison);

    /** Publishes one such. */
    void publish(Poison poison, RegisteredDevice device, Ledger.Envelope noted);

    /** Waits until everything is acknowledged, and the ledger knows the sequence of each. */
    void flush();

    /**
     * What happened before the stream.
     *
     * @param acknowledgedBy who says that an envelope is published
     * @param repeated acknowledged messages that were published again, as they may have been
     *     forgotten
     * @param lost acknowledged and not in the stream, described
     * @param doubled more than once in the stream, described
     */
    record Arrivals(
            String acknowledgedBy, long repeated, List<String> lost, List<String> doubled) {}

    /** What happened so far. */
    Arrivals arrivals();

    @Override
    void close();
}
