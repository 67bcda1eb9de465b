package io.ponix.jobs.envelope.transform;

import static java.util.Objects.requireNonNull;

import io.ponix.jobs.envelope.devices.Definition;
import io.ponix.jobs.envelope.devices.Device;
import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.serialization.SerializedType;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * An envelope with what decodes it, for an operator that knows no devices. The text goes with each
 * envelope, which needs no second copy of the registry; it is limited, see {@link
 * io.ponix.transforms.PreviousResult}.
 *
 * @param message the envelope's bytes, which were found to be an envelope
 * @param device its device
 * @param definition the device's, or {@code null} if the device has a transform of its own
 * @param text the transform or the contracts, in UTF-8; shared, not to be written to
 * @param isStored whether all its rows are stored already: it is decoded for what comes after it
 * @param storedRows the indexes of those that are stored, where some are and others are not
 */
public record KnownEnvelope(
        RawMessage message,
        Device device,
        Definition definition,
        byte[] text,
        boolean isStored,
        Set<Integer> storedRows) {

    /** How Flink carries it. */
    public static final TypeInformation<KnownEnvelope> TYPE =
            new SerializedType<>(KnownEnvelope.class, KnownEnvelopeSerializer.INSTANCE);

    /** Checks that nothing is missing that is never missing. */
    public KnownEnvelope {
        requireNonNull(message, "message");
        requireNonNull(device, "device");
        requireNonNull(text, "text");
        requireNonNull(storedRows, "storedRows");
    }

    /** One of which nothing is stored. */
    static KnownEnvelope of(RawMessage message, Device device, Definition definition, String text) {
        return new KnownEnvelope(
                message,
                device,
                definition,
                text.getBytes(StandardCharsets.UTF_8),
                false,
                Set.of());
    }

    /** The same, all of which is stored. */
    KnownEnvelope stored() {
        return new KnownEnvelope(message, device, definition, text, true, Set.of());
    }

    /** The same, of which some rows are stored. */
    KnownEnvelope storedInPart(Set<Integer> rows) {
        return rows.isEmpty()
                ? this
                : new KnownEnvelope(message, device, definition, text, false, rows);
    }

    /** What all envelopes have in common that are decoded one after another. */
    String deviceId() {
        return device.id();
    }

    /** Names the text. */
    TransformKey key() {
        return definition == null ? device.transform() : definition.contracts();
    }

    @Override
    public String toString() {
        return "KnownEnvelope{" + message + " of " + device.id() + "}";
    }
}
