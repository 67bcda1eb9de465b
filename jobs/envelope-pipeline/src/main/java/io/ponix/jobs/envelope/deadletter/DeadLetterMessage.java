package io.ponix.jobs.envelope.deadletter;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.util.Timestamps;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.dead_letter.v1.DeadLetterStage;
import java.time.Instant;

/**
 * The JetStream message of a dead letter: a {@code ponix.dead_letter.v1.DeadLetter}, with its main
 * fields as headers, on the subject {@code <stream>.<reason>}.
 *
 * <p>Whatever the envelope holds, the message can be published: ids and texts are cut, headers hold
 * printable ASCII only, and a raw message that would make it larger than the server takes is cut
 * and marked so.
 */
final class DeadLetterMessage {

    /** The reason's name. */
    static final String REASON_HEADER = "Ponix-Reason";

    /** The stage's name. */
    static final String STAGE_HEADER = "Ponix-Stage";

    /** The stream the envelope was read from. */
    static final String STREAM_HEADER = "Ponix-Stream";

    /** The envelope's sequence in the stream. */
    static final String STREAM_SEQUENCE_HEADER = "Ponix-Stream-Sequence";

    /** When JetStream stored the envelope, as RFC 3339 in UTC. */
    static final String RECEIVED_AT_HEADER = "Ponix-Received-At";

    /** The subject the envelope is stored under. */
    static final String SUBJECT_HEADER = "Ponix-Subject";

    /** The organization that the envelope names. */
    static final String ORGANIZATION_HEADER = "Ponix-Organization";

    /** The device that the envelope names. */
    static final String DEVICE_HEADER = "Ponix-Device";

    /** What went wrong. */
    static final String MESSAGE_HEADER = "Ponix-Message";

    private static final int MAXIMUM_ID_CHARACTERS = 256;
    private static final int MAXIMUM_MESSAGE_CHARACTERS = 4_096;
    private static final int MAXIMUM_HEADER_CHARACTERS = 256;

    /** Tag, length and the other fields about the raw bytes take less. */
    private static final int RAW_FIELDS_BYTES = 32;

    private DeadLetterMessage() {}

    /**
     * Makes the message of a dead letter.
     *
     * @param deadLetterStream the stream of dead letters, which is the first token of the subject
     *     as well
     * @param letter what is to be published
     * @param maximumBytes the largest message the server takes, headers included
     */
    static JetStreamPublication of(String deadLetterStream, DeadLetter letter, long maximumBytes) {
        return of(
                deadLetterStream,
                letter,
                letter.envelope().organizationId(),
                letter.envelope().endDeviceId(),
                maximumBytes);
    }

    /** The same where the ids are known from elsewhere than the envelope. */
    static JetStreamPublication of(
            String deadLetterStream,
            DeadLetter letter,
            String organizationId,
            String deviceId,
            long maximumBytes) {
        String stream = letter.envelope().stream();
        long sequence = letter.envelope().streamSequence();
        Reason reason = letter.reason();
        byte[] raw = letter.envelope().data();

        io.ponix.proto.dead_letter.v1.DeadLetter.Builder message =
                io.ponix.proto.dead_letter.v1.DeadLetter.newBuilder()
                        .setStream(stream)
                        .setStreamSequence(sequence)
                        .setSubject(letter.envelope().subject())
                        .setReceivedAt(timestamp(letter.envelope().receivedAt()))
                        .setOrganizationId(cut(organizationId, MAXIMUM_ID_CHARACTERS))
                        .setEndDeviceId(cut(deviceId, MAXIMUM_ID_CHARACTERS))
                        .setStage(stage(reason.stage()))
                        .setReason(reason(reason))
                        .setMessage(cut(letter.message(), MAXIMUM_MESSAGE_CHARACTERS))
                        .setFailedAt(timestamp(letter.failedAt()))
                        .setRawEnvelopeSize(raw.length);

        // The size of the headers does not depend on the data.
        JetStreamPublication headersOnly =
                withHeaders(new byte[0], deadLetterStream, letter, organizationId, deviceId);
        long room =
                maximumBytes
                        - headersOnly.size()
                        - message.build().getSerializedSize()
                        - RAW_FIELDS_BYTES;
        int rawLength = (int) Math.max(0, Math.min(raw.length, room));
        byte[] data =
                message.setRawEnvelope(rawBytes(raw, rawLength))
                        .setRawEnvelopeTruncated(rawLength < raw.length)
                        .build()
                        .toByteArray();
        return withHeaders(data, deadLetterStream, letter, organizationId, deviceId);
    }

    private static JetStreamPublication withHeaders(
            byte[] data,
            String deadLetterStream,
            DeadLetter letter,
            String organizationId,
            String deviceId) {
        String stream = letter.envelope().stream();
        long sequence = letter.envelope().streamSequence();
        Reason reason = letter.reason();
        return JetStreamPublication.of(deadLetterStream + "." + reason.name(), data)
                .messageId(stream + ":" + sequence)
                .header(REASON_HEADER, reason.name())
                .header(STAGE_HEADER, reason.stage().name())
                .header(STREAM_HEADER, stream)
                .header(STREAM_SEQUENCE_HEADER, Long.toString(sequence))
                .header(
                        RECEIVED_AT_HEADER,
                        Instant.ofEpochMilli(letter.envelope().receivedAt()).toString())
                .header(SUBJECT_HEADER, headerValue(letter.envelope().subject()))
                .header(ORGANIZATION_HEADER, headerValue(organizationId))
                .header(DEVICE_HEADER, headerValue(deviceId))
                .header(MESSAGE_HEADER, headerValue(letter.message()));
    }

    private static ByteString rawBytes(byte[] raw, int length) {
        // Nobody writes to the array while the message is built.
        return UnsafeByteOperations.unsafeWrap(raw, 0, length);
    }

    private static Timestamp timestamp(long millis) {
        return Timestamps.fromMillis(millis);
    }

    private static DeadLetterReason reason(Reason reason) {
        return switch (reason) {
            case MALFORMED_ENVELOPE -> DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE;
            case DEVICE_NOT_FOUND -> DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND;
            case ORGANIZATION_MISMATCH -> DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_MISMATCH;
            case ORGANIZATION_NOT_ACTIVE ->
                    DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_NOT_ACTIVE;
            case NO_CONVERSION -> DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION;
            case CONVERSION_FAILED -> DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED;
            case INVALID_OUTPUT -> DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT;
            case SCHEMA_VIOLATION -> DeadLetterReason.DEAD_LETTER_REASON_SCHEMA_VIOLATION;
            case TIMESTAMP_OUT_OF_RANGE ->
                    DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE;
            case REJECTED_BY_STORE -> DeadLetterReason.DEAD_LETTER_REASON_REJECTED_BY_STORE;
        };
    }

    private static DeadLetterStage stage(Stage stage) {
        return switch (stage) {
            case DECODE -> DeadLetterStage.DEAD_LETTER_STAGE_DECODE;
            case ENRICH -> DeadLetterStage.DEAD_LETTER_STAGE_ENRICH;
            case TRANSFORM -> DeadLetterStage.DEAD_LETTER_STAGE_TRANSFORM;
            case STORE -> DeadLetterStage.DEAD_LETTER_STAGE_STORE;
        };
    }

    private static String cut(String text, int maximumCharacters) {
        if (text.length() <= maximumCharacters) {
            return text;
        }
        // Not between the halves of a surrogate pair: protobuf would refuse the string.
        int end =
                Character.isHighSurrogate(text.charAt(maximumCharacters - 1))
                        ? maximumCharacters - 1
                        : maximumCharacters;
        return text.substring(0, end);
    }

    private static String headerValue(String text) {
        String shortened = cut(text, MAXIMUM_HEADER_CHARACTERS);
        StringBuilder value = new StringBuilder(shortened.length());
        for (int i = 0; i < shortened.length(); i++) {
            char c = shortened.charAt(i);
            value.append(c >= ' ' && c <= '~' ? c : '?');
        }
        return value.toString();
    }
}
