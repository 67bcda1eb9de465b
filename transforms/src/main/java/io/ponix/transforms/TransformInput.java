package io.ponix.transforms;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.GlobalResolver;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What an expression can see of an envelope. A mutable holder, made to be filled anew for every
 * evaluation instead of allocated; nothing is copied or converted before an expression asks for it.
 *
 * <table>
 * <caption>Variables of an expression</caption>
 * <tr><td>{@code input}</td><td>bytes: the payload</td></tr>
 * <tr><td>{@code f_port}</td><td>int: the LoRaWAN port, 0 where there is none</td></tr>
 * <tr><td>{@code attributes}</td><td>map(string, string): the envelope's attributes</td></tr>
 * <tr><td>{@code occurred_at}</td><td>timestamp: when the device sent it; naming it where it is not
 *     set is an error</td></tr>
 * <tr><td>{@code device}</td><td>map(string, string): {@code device.id}, {@code device.name}, {@code
 *     device.organization}, as far as they are set</td></tr>
 * <tr><td>{@code previous}</td><td>map(string, dyn): {@code previous.result}, {@code
 *     previous.occurred_at} and {@code previous.f_port} of the device's envelope before, see {@link
 *     PreviousResult}; without keys where there is none</td></tr>
 * </table>
 *
 * <p>Not thread-safe: one input per thread. The arrays and maps handed in must not change during an
 * evaluation.
 */
public final class TransformInput {
    private static final byte[] NO_PAYLOAD = new byte[0];

    private byte[] payload = NO_PAYLOAD;
    private int payloadOffset;
    private int payloadLength;
    private long fPort;
    private Map<String, String> attributes = Map.of();
    private boolean hasOccurredAt;
    private long occurredAtSeconds;
    private int occurredAtNanos;
    private String deviceId;
    private String deviceName;
    private String deviceOrganization;
    private PreviousResult previous;

    private final GlobalResolver resolver = this::find;
    private CelByteString payloadValue;
    private Map<String, Object> previousValue = Map.of();

    /** An empty payload, port 0, no attributes, neither a time nor a device. */
    public TransformInput() {}

    /** Sets the payload to the whole of {@code payload}. */
    public TransformInput setPayload(byte[] payload) {
        return setPayload(payload, 0, payload.length);
    }

    /**
     * Sets the payload to a part of an array, which is not copied.
     *
     * @throws IndexOutOfBoundsException if the part is not inside the array
     */
    public TransformInput setPayload(byte[] payload, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, payload.length);
        this.payload = payload;
        this.payloadOffset = offset;
        this.payloadLength = length;
        this.payloadValue = null;
        return this;
    }

    /** Sets the LoRaWAN port; 0 means that there is none. */
    public TransformInput setFPort(long fPort) {
        this.fPort = fPort;
        return this;
    }

    /** Sets the attributes, which are not copied and hold no null. */
    public TransformInput setAttributes(Map<String, String> attributes) {
        this.attributes = Objects.requireNonNull(attributes, "attributes");
        return this;
    }

    /**
     * Sets when the device sent the payload.
     *
     * @param seconds since 1970-01-01T00:00:00Z
     * @param nanos what goes beyond them, 0 to 999,999,999
     */
    public TransformInput setOccurredAt(long seconds, int nanos) {
        this.hasOccurredAt = true;
        this.occurredAtSeconds = seconds;
        this.occurredAtNanos = nanos;
        return this;
    }

    /** Sets that nobody says when the device sent the payload. */
    public TransformInput clearOccurredAt() {
        this.hasOccurredAt = false;
        return this;
    }

    /**
     * Sets the device that sent the payload.
     *
     * @param id its id, or null: then {@code device} has no such key
     * @param name its name, or null in the same way
     * @param organization the id of the organization it belongs to, or null in the same way
     */
    public TransformInput setDevice(String id, String name, String organization) {
        this.deviceId = id;
        this.deviceName = name;
        this.deviceOrganization = organization;
        return this;
    }

    /**
     * Sets what the device's envelope before this one became.
     *
     * @param previous null if there is none: then {@code previous} has no keys
     */
    public TransformInput setPrevious(PreviousResult previous) {
        this.previous = previous;
        this.previousValue = previous == null ? Map.of() : null;
        return this;
    }

    /** Looks a variable of the expression up; the same object for every evaluation. */
    GlobalResolver resolver() {
        return resolver;
    }

    private Object find(String name) {
        switch (name) {
            case TransformEnvironment.INPUT:
                return payloadValue();
            case TransformEnvironment.F_PORT:
                return fPort;
            case TransformEnvironment.ATTRIBUTES:
                return attributes;
            case TransformEnvironment.OCCURRED_AT:
                return occurredAt();
            case TransformEnvironment.DEVICE:
                return device();
            case PreviousResult.VARIABLE:
                return previousValue();
            default:
                return null;
        }
    }

    private Instant occurredAt() {
        if (!hasOccurredAt) {
            throw new CelInvalidArgumentException("occurred_at is not set");
        }
        try {
            return Instant.ofEpochSecond(occurredAtSeconds, occurredAtNanos);
        } catch (DateTimeException e) {
            throw new CelInvalidArgumentException("occurred_at is out of range");
        }
    }

    private Map<String, String> device() {
        Map<String, String> device = new LinkedHashMap<>();
        put(device, "id", deviceId);
        put(device, "name", deviceName);
        put(device, "organization", deviceOrganization);
        return device;
    }

    private static void put(Map<String, String> map, String key, String value) {
        if (value != null) {
            map.put(key, value);
        }
    }

    private Map<String, Object> previousValue() {
        if (previousValue == null) {
            previousValue = previous.value();
        }
        return previousValue;
    }

    private CelByteString payloadValue() {
        if (payloadValue == null) {
            // CelByteString copies; a payload that is a whole array needs no second copy.
            boolean whole = payloadOffset == 0 && payloadLength == payload.length;
            payloadValue =
                    CelByteString.of(
                            whole
                                    ? payload
                                    : Arrays.copyOfRange(
                                            payload, payloadOffset, payloadOffset + payloadLength));
        }
        return payloadValue;
    }
}
