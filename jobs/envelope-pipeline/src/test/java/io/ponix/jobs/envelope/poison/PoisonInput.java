package io.ponix.jobs.envelope.poison;

import com.google.protobuf.ByteString;
import io.ponix.jobs.envelope.inbound.Envelopes;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * One hostile input, and how it must end. Unless it says otherwise it is sent by a device of its
 * own, {@link #deviceId()}, whose transform is {@link #transform()}.
 *
 * @param name says what is wrong with it; different for each
 * @param transform of the device that it is sent by
 * @param message makes the message of the device's id
 * @param token the last one of the subject that it is published on
 * @param ending how it must end
 */
public record PoisonInput(
        String name,
        String transform,
        Function<String, byte[]> message,
        String token,
        Ending ending) {

    /** Whatever device it names. */
    private static final String ANY_DEVICE = EnvelopeSubjects.REPLAY_PREFIX + "poison";

    PoisonInput(String name, String transform, Function<String, byte[]> message, Ending ending) {
        this(name, transform, message, ANY_DEVICE, ending);
    }

    /** The organization that the devices belong to. */
    public static final String ORGANIZATION = "org";

    /** When all of it happened, unless the input is about just that. */
    public static final Instant OCCURRED_AT = Instant.parse("2026-11-20T10:11:12.345Z");

    static final String LPP = "cayenne_lpp_decode(input)";

    /** What {@link #LPP} makes of the payload of an ordinary envelope. */
    static final String TEMPERATURE = "{\"temperature_1\":27.2}";

    /** How an input must end. */
    public sealed interface Ending permits Row, Letter {}

    /**
     * As exactly one row.
     *
     * @param deviceId of the row
     * @param occurredAt of the row
     * @param data of the row, as ClickHouse writes its JSON: keys in order, no null
     */
    public record Row(String deviceId, Instant occurredAt, String data) implements Ending {}

    /**
     * As exactly one dead letter.
     *
     * @param reason that it gives
     * @param message a part of its message
     */
    public record Letter(DeadLetterReason reason, String message) implements Ending {}

    /** The id of the device that the input is sent by. */
    public String deviceId() {
        return deviceId(name);
    }

    static String deviceId(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    static byte[] ordinary(String deviceId) {
        return envelope(deviceId).build().toByteArray();
    }

    static RawEnvelope.Builder envelope(String deviceId) {
        return Envelopes.envelope(ORGANIZATION, deviceId, OCCURRED_AT);
    }

    /** Bytes in place of an envelope. */
    static PoisonInput bytes(String name, byte[] message, Ending ending) {
        return new PoisonInput(name, LPP, deviceId -> message, ending);
    }

    /** Bytes behind an ordinary envelope: the fields of both are those of one message. */
    static PoisonInput appended(String name, WireBytes more, Ending ending) {
        return appended(name, LPP, more, ending);
    }

    static PoisonInput appended(String name, String transform, WireBytes more, Ending ending) {
        return new PoisonInput(name, transform, deviceId -> more.after(ordinary(deviceId)), ending);
    }

    /** An ordinary envelope with a change. */
    static PoisonInput changed(
            String name, UnaryOperator<RawEnvelope.Builder> change, Ending ending) {
        return changed(name, LPP, change, ending);
    }

    static PoisonInput changed(
            String name,
            String transform,
            UnaryOperator<RawEnvelope.Builder> change,
            Ending ending) {
        return new PoisonInput(
                name,
                transform,
                deviceId -> change.apply(envelope(deviceId)).build().toByteArray(),
                ending);
    }

    /** An ordinary envelope of a device with such a transform. */
    static PoisonInput transformed(String name, String transform, Ending ending) {
        return changed(name, transform, envelope -> envelope, ending);
    }

    /** The same with a payload of that text. */
    static PoisonInput transformed(String name, String transform, String payload, Ending ending) {
        return changed(
                name,
                transform,
                envelope -> envelope.setPayload(ByteString.copyFromUtf8(payload)),
                ending);
    }

    /** An ordinary envelope on a subject that ends so. */
    static PoisonInput published(String name, String token, Ending ending) {
        return new PoisonInput(name, LPP, PoisonInput::ordinary, token, ending);
    }

    static Letter letter(DeadLetterReason reason, String message) {
        return new Letter(reason, message);
    }

    /** A row of the input's own device. */
    static Row row(String name, String data) {
        return new Row(deviceId(name), OCCURRED_AT, data);
    }
}
