package io.ponix.transforms;

import dev.cel.common.values.CelByteString;
import dev.cel.runtime.GlobalResolver;
import java.util.Arrays;
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

    private final GlobalResolver resolver = this::find;
    private CelByteString payloadValue;

    /** An empty payload, port 0, no attributes. */
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
            default:
                return null;
        }
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
