package io.ponix.cli.chaos;

import io.ponix.cli.demo.Poison;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.simulation.HttpPublisher;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** To the bridge by HTTP, whose answer names the sequence. */
final class HttpPath implements LoadPath {

    private final HttpPublisher publisher;

    /** Posted and not answered yet, in order. */
    private final Deque<Ledger.Envelope> inFlight = new ArrayDeque<>();

    HttpPath(StackAddresses addresses, String gatewayKey, Ledger ledger, Duration patience) {
        publisher =
                new HttpPublisher(
                        addresses.uplinksUrl(),
                        addresses.bridgeTrust(),
                        gatewayKey,
                        1,
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
        return poison.isPossibleByBridge();
    }

    @Override
    public void publish(Poison poison, RegisteredDevice device, Ledger.Envelope noted) {
        publish(poison.envelope(device), noted);
    }

    @Override
    public void flush() {
        publisher.flush();
    }

    @Override
    public Arrivals arrivals() {
        // The sequences of the ledger tell the rest.
        return new Arrivals("the bridge", 0, List.of(), List.of());
    }

    @Override
    public void close() {
        publisher.close();
    }
}
