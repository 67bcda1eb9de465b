package io.ponix.cli.simulation;

import io.ponix.proto.envelope.v1.RawEnvelope;

/** Brings envelopes to the pipeline by one way. For one thread. */
public interface ReadingPublisher extends AutoCloseable {

    /**
     * Publishes; returns before it is acknowledged.
     *
     * @param envelope names its device by the device's id
     * @throws io.ponix.cli.program.CommandException when one that was published before is not taken
     */
    void publish(RawEnvelope envelope);

    /**
     * Waits until everything published is acknowledged.
     *
     * @throws io.ponix.cli.program.CommandException when something is not taken
     */
    void flush();

    @Override
    void close();
}
