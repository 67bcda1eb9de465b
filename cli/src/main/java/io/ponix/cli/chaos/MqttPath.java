package io.ponix.cli.chaos;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.ponix.cli.demo.Poison;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.simulation.MqttPublisher;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * To the MQTT broker, from which the bridge takes it. The broker's acknowledgement names no
 * sequence: each payload begins with a serial number, by which it is found in the stream.
 */
final class MqttPath implements LoadPath {

    /** A channel of Cayenne LPP that no device has, with a time: four bytes, whatever they are. */
    private static final byte[] SERIAL = {(byte) 255, (byte) 133};

    private static final Duration POLL = Duration.ofMillis(250);

    private final MqttPublisher publisher;
    private final StreamReader reader;
    private final Ledger ledger;
    private final Duration patience;
    private final Thread reading = new Thread(this::read, "chaos-arrivals");

    /** Published and not acknowledged yet, in order; of the publishing thread alone. */
    private final Deque<Integer> inFlight = new ArrayDeque<>();

    /** By serial number. This and what follows is guarded by this. */
    private final List<Ledger.Envelope> published = new ArrayList<>();

    private final Set<Integer> arrived = new HashSet<>();

    /** Acknowledged, and not in the stream yet. */
    private final Set<Integer> awaited = new LinkedHashSet<>();

    private final List<String> doubled = new ArrayList<>();
    private volatile boolean ended;

    /**
     * @param patience how long one is published again until it is acknowledged, and then waited for
     *     in the stream
     */
    MqttPath(StackAddresses addresses, Ledger ledger, Duration patience) {
        this.ledger = ledger;
        this.patience = patience;
        this.publisher = new MqttPublisher(addresses.mqttUrl(), this::acknowledged, patience);
        this.reader = new StreamReader(addresses.nats(), addresses.names().rawStream());
        reading.setDaemon(true);
        reading.start();
    }

    @Override
    public void publish(RawEnvelope envelope, Ledger.Envelope noted) {
        int serial;
        synchronized (this) {
            serial = published.size();
            published.add(noted);
        }
        inFlight.add(serial);
        ByteBuffer prefix = ByteBuffer.allocate(SERIAL.length + Integer.BYTES);
        prefix.put(SERIAL).putInt(serial).flip();
        publisher.publish(
                envelope.toBuilder()
                        .setPayload(ByteString.copyFrom(prefix).concat(envelope.getPayload()))
                        .build());
    }

    @Override
    public boolean carries(Poison poison) {
        return poison.isPossibleByBridge();
    }

    @Override
    public void publish(Poison poison, RegisteredDevice device, Ledger.Envelope noted) {
        publish(poison.envelope(device), noted);
    }

    private synchronized void acknowledged() {
        int serial = inFlight.remove();
        if (!arrived.contains(serial)) {
            awaited.add(serial);
        }
    }

    private void read() {
        while (!ended) {
            try {
                reader.read(this::arrived);
                Thread.sleep(POLL.toMillis());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private synchronized void arrived(long sequence, byte[] message) {
        ByteString payload;
        try {
            payload = RawEnvelope.parseFrom(message).getPayload();
        } catch (InvalidProtocolBufferException e) {
            return; // none of ours: the account finds it
        }
        if (payload.size() < SERIAL.length + Integer.BYTES
                || !payload.startsWith(ByteString.copyFrom(SERIAL))) {
            return;
        }
        int serial = payload.asReadOnlyByteBuffer().getInt(SERIAL.length);
        if (serial < 0 || serial >= published.size()) {
            return;
        }
        ledger.published(sequence, published.get(serial));
        awaited.remove(serial);
        if (!arrived.add(serial)) {
            doubled.add("%,d %s: in the stream again".formatted(sequence, published.get(serial)));
        }
    }

    @Override
    public void flush() {
        publisher.flush();
        int before = -1;
        long lastChange = System.nanoTime();
        while (System.nanoTime() - lastChange < patience.toNanos()) {
            int waiting = awaitedNow();
            if (waiting == 0) {
                return;
            }
            if (waiting != before) {
                before = waiting;
                lastChange = System.nanoTime();
            }
            ChaosStack.pause(POLL);
        }
    }

    private synchronized int awaitedNow() {
        return awaited.size();
    }

    @Override
    public synchronized Arrivals arrivals() {
        return new Arrivals(
                "the MQTT broker",
                publisher.repeated(),
                awaited.stream()
                        .map(serial -> published.get(serial) + ": is not in the stream")
                        .toList(),
                List.copyOf(doubled));
    }

    @Override
    public void close() {
        ended = true;
        reading.interrupt();
        publisher.close();
        try {
            reading.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
        reader.close();
    }
}
