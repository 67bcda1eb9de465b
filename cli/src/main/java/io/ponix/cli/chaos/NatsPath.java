package io.ponix.cli.chaos;

import io.ponix.cli.demo.Poison;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.simulation.EnvelopePublisher;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** To JetStream, whose acknowledgement names the sequence. */
final class NatsPath implements LoadPath {

    private final EnvelopePublisher publisher;

    /** Published and not acknowledged yet, in order. */
    private final Deque<Ledger.Envelope> inFlight = new ArrayDeque<>();

    NatsPath(StackAddresses addresses, Ledger ledger, Duration patience) {
        publisher =
                EnvelopePublisher.persistent(
                        addresses.nats(),
                        addresses.names().rawStream(),
                        sequence -> ledger.published(sequence, inFlight.remove()),
                        patience);
    }

    @Override
    public void publish(RawEnvelope envelope, Ledger.Envelope noted) {
        inFlight.add(noted);
        publisher.publish(envelope);
    }

    @Override
    public boolean carries(Poison poison) {
        return true;
    }

    @Override
    public void publish(Poison poison, RegisteredDevice device, Ledger.Envelope noted) {
        inFlight.add(noted);
        poison.publish(publisher, device);
    }

    @Override
    public void flush() {
        publisher.flush();
    }

    @Override
    public Arrivals arrivals() {
        // The sequences of the ledger tell the rest.
        return new Arrivals("JetStream", 0, List.of(), List.of());
    }

    @Override
    public void close() {
        publisher.close();
    }
}
