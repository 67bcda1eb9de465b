package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.DeviceName;
import io.ponix.jobs.envelope.inbound.InboundEnvelope;
import io.ponix.jobs.message.RawMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * Envelopes whose device, or the definition of whose device, is not known yet, in the order of
 * their arrival, bounded in number and bytes. A device that is created and used at once has its
 * first reading here until Postgres has told of the device. Not thread-safe.
 */
final class ParkedEnvelopes {

    /** What an envelope takes beside its message and texts, by a rough count of the objects. */
    static final int OVERHEAD_BYTES = 512;

    /** What each of its attributes takes besides: an entry and two strings, without their text. */
    static final int ATTRIBUTE_BYTES = 160;

    /** What a character of a text takes at most, once it is decoded. */
    static final int CHARACTER_BYTES = 2;

    /** How many envelopes are called overdue at once: what one query can well ask for. */
    static final int MOST_OVERDUE = 5_000;

    private final int maximumCount;
    private final long maximumBytes;

    // A linked set: the oldest is found, and any is removed, in constant time.
    private final LinkedHashSet<Parked> byArrival = new LinkedHashSet<>();
    private final Map<DeviceName, Queue<Parked>> byDevice = new HashMap<>();
    private long bytes;
    private long lastNumber;

    /**
     * The oldest envelopes, those that can wait no longer.
     *
     * @param devices of these envelopes
     * @param lastNumber of the youngest of them, for {@link #pollUpTo}
     */
    record Overdue(Set<DeviceName> devices, long lastNumber) {}

    /** Identity counts: the same message could be parked twice. */
    private static final class Parked {
        final InboundEnvelope envelope;
        final DeviceName device;
        final long deadline;
        final long size;

        /** Ascends in the order of arrival. */
        final long number;

        Parked(InboundEnvelope envelope, long deadline, long number) {
            this.envelope = envelope;
            this.device = nameIn(envelope);
            this.deadline = deadline;
            this.size = sizeOf(envelope);
            this.number = number;
        }
    }

    /**
     * @param maximumCount the largest number of envelopes
     * @param maximumBytes the largest number of bytes: of messages, {@link #OVERHEAD_BYTES} for
     *     each envelope, {@link #ATTRIBUTE_BYTES} for each attribute, and {@link #CHARACTER_BYTES}
     *     for each character of ids and attributes
     */
    ParkedEnvelopes(int maximumCount, long maximumBytes) {
        this.maximumCount = maximumCount;
        this.maximumBytes = maximumBytes;
    }

    /**
     * Parks an envelope.
     *
     * @param deadline when its grace period ends; not before that of any envelope parked earlier
     */
    void add(InboundEnvelope envelope, long deadline) {
        Parked parked = new Parked(envelope, deadline, ++lastNumber);
        byArrival.add(parked);
        byDevice.computeIfAbsent(parked.device, name -> new ArrayDeque<>()).add(parked);
        bytes += parked.size;
    }

    /** Whether an envelope alone takes more than all may: it would only drive the others out. */
    boolean isTooLarge(InboundEnvelope envelope) {
        return sizeOf(envelope) > maximumBytes;
    }

    /** Whether there are more envelopes or bytes than allowed. */
    boolean isOverfull() {
        return byArrival.size() > maximumCount || bytes > maximumBytes;
    }

    /**
     * The envelopes that can wait no longer: those whose grace period has ended and, of a park that
     * is overfull, the older half. At most {@link #MOST_OVERDUE}.
     *
     * @return {@code null} if there are none
     */
    Overdue overdue(long now) {
        int atLeast = isOverfull() ? byArrival.size() / 2 + 1 : 0;
        Set<DeviceName> devices = new HashSet<>();
        long number = 0;
        int count = 0;
        for (Parked parked : byArrival) {
            if (count == MOST_OVERDUE || (count >= atLeast && parked.deadline > now)) {
                break;
            }
            devices.add(parked.device);
            number = parked.number;
            count++;
        }
        return count == 0 ? null : new Overdue(devices, number);
    }

    /**
     * Takes out the oldest envelope if it arrived no later than the one with this number, else
     * returns {@code null}.
     */
    InboundEnvelope pollUpTo(long number) {
        return !byArrival.isEmpty() && oldest().number <= number ? pollOldest() : null;
    }

    /** When the first grace period ends; {@link Long#MAX_VALUE} if nothing is parked. */
    long firstDeadline() {
        return byArrival.isEmpty() ? Long.MAX_VALUE : oldest().deadline;
    }

    /** Takes out all envelopes that name a device so, in the order of their arrival. */
    List<InboundEnvelope> release(DeviceName device) {
        Queue<Parked> parked = byDevice.remove(device);
        if (parked == null) {
            return List.of();
        }
        List<InboundEnvelope> released = new ArrayList<>(parked.size());
        for (Parked each : parked) {
            byArrival.remove(each);
            bytes -= each.size;
            released.add(each.envelope);
        }
        return released;
    }

    /** The devices that have envelopes here, at this moment, as these name them. */
    List<DeviceName> devices() {
        return List.copyOf(byDevice.keySet());
    }

    /** The messages of all envelopes in the order of their arrival. */
    List<RawMessage> snapshot() {
        List<RawMessage> messages = new ArrayList<>(byArrival.size());
        for (Parked parked : byArrival) {
            messages.add(parked.envelope.message());
        }
        return messages;
    }

    /** How many envelopes are parked. */
    int count() {
        return byArrival.size();
    }

    /** How many bytes they take. */
    long bytes() {
        return bytes;
    }

    private static DeviceName nameIn(InboundEnvelope envelope) {
        return envelope.externalId().isEmpty()
                ? DeviceName.ofId(envelope.endDeviceId())
                : DeviceName.ofExternalId(envelope.organizationId(), envelope.externalId());
    }

    private static long sizeOf(InboundEnvelope envelope) {
        // Texts are here twice, in the message and decoded. An external id that is brought into its
        // normal form is there once more then, but of one byte a character.
        long characters =
                envelope.organizationId().length()
                        + envelope.endDeviceId().length()
                        + envelope.externalId().length();
        for (Map.Entry<String, String> attribute : envelope.attributes().entrySet()) {
            characters += attribute.getKey().length() + attribute.getValue().length();
        }
        // Four bytes of a message can be an attribute: 8 MB of them take 300 MB here.
        return OVERHEAD_BYTES
                + (long) envelope.message().data().length
                + (long) ATTRIBUTE_BYTES * envelope.attributes().size()
                + CHARACTER_BYTES * characters;
    }

    private Parked oldest() {
        return byArrival.iterator().next();
    }

    private InboundEnvelope pollOldest() {
        Iterator<Parked> iterator = byArrival.iterator();
        Parked oldest = iterator.next();
        iterator.remove();
        bytes -= oldest.size;
        Queue<Parked> ofDevice = byDevice.get(oldest.device);
        // The oldest of all is the oldest of its device.
        ofDevice.remove();
        if (ofDevice.isEmpty()) {
            byDevice.remove(oldest.device);
        }
        return oldest.envelope;
    }
}
