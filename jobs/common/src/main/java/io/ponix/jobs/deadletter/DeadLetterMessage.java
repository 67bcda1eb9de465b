package io.ponix.jobs.deadletter;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.util.Timestamps;
import io.nats.client.impl.Headers;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.jobs.message.MessageIdentity;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.dead_letter.v1.DeadLetterStage;
import io.ponix.proto.deadletter.DeadLetterHeaders;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.time.Instant;
import java.util.List;

/**
 * The JetStream message of a dead letter: a {@code ponix.dead_letter.v1.DeadLetter}, with its main
 * fields as headers, on the subject {@code <stream>.<reason>}.
 *
 * <p>Whatever the envelope holds, the message can be published: ids and texts are cut, headers hold
 * printable ASCII only. What the server or the stream finds too large is {@linkplain #shorten
 * shortened}: the raw bytes first, which stay in the stream they came from.
 */
final class DeadLetterMessage {

    private static final int MAXIMUM_ID_CHARACTERS = 4_096;
    private static final int MAXIMUM_MESSAGE_CHARACTERS = 4_096;
    private static final int MAXIMUM_HEADER_CHARACTERS = 256;

    /** Tag, length and the other fields about the raw bytes take less. */
    private static final int RAW_FIELDS_BYTES = 32;

    /** Characters of ids and of the message that a letter keeps for which little room is left. */
    private static final int SHORT_TEXT_CHARACTERS = 256;

    /** Ends a text that was cut to make the letter fit. */
    private static final String CUT = "…";

    /** The headers that tools and later runs of the job find a letter by. */
    private static final List<String> IDENTIFYING_HEADERS =
            List.of(
                    DeadLetterHeaders.ID,
                    DeadLetterHeaders.REASON,
                    DeadLetterHeaders.STREAM,
                    DeadLetterHeaders.STREAM_SEQUENCE,
                    DeadLetterHeaders.RECEIVED_AT,
                    DeadLetterHeaders.DEVICE);

    private DeadLetterMessage() {}

    /**
     * Makes the message of a dead letter, as large as it comes.
     *
     * @param deadLetterStream the stream of dead letters, which is the first token of the subject
     *     as well
     * @param letter what is to be published
     */
    static JetStreamPublication of(String deadLetterStream, DeadLetter letter) {
        RawMessage origin = letter.origin();
        DeadLetterReason reason = letter.reason();
        DeadLetterStage stage = DeadLetterReasons.stage(reason);
        byte[] raw = origin.data();
        byte[] data =
                io.ponix.proto.dead_letter.v1.DeadLetter.newBuilder()
                        .setStream(origin.stream())
                        .setStreamSequence(origin.sequence())
                        .setSubject(origin.subject())
                        .setReceivedAt(timestamp(origin.receivedAt()))
                        .setOrganizationId(cut(letter.organizationId(), MAXIMUM_ID_CHARACTERS))
                        .setEndDeviceId(cut(letter.endDeviceId(), MAXIMUM_ID_CHARACTERS))
                        .setExternalId(cut(letter.externalId(), MAXIMUM_ID_CHARACTERS))
                        .setStage(stage)
                        .setReason(reason)
                        .setMessage(cut(letter.message(), MAXIMUM_MESSAGE_CHARACTERS))
                        .setFailedAt(timestamp(letter.failedAt()))
                        .setRawEnvelope(rawBytes(raw, raw.length))
                        .setRawEnvelopeTruncated(raw.length < letter.originSize())
                        .setRawEnvelopeSize(letter.originSize())
                        .build()
                        .toByteArray();
        JetStreamPublication publication =
                JetStreamPublication.of(DeadLetterReasons.subject(deadLetterStream, reason), data)
                        .messageId(MessageIdentity.of(origin))
                        .header(DeadLetterHeaders.REASON, DeadLetterReasons.name(reason))
                        .header(DeadLetterHeaders.STAGE, DeadLetterReasons.name(stage))
                        .header(DeadLetterHeaders.STREAM, origin.stream())
                        .header(DeadLetterHeaders.STREAM_SEQUENCE, Long.toString(origin.sequence()))
                        .header(
                                DeadLetterHeaders.RECEIVED_AT,
                                Instant.ofEpochMilli(origin.receivedAt()).toString())
                        .header(DeadLetterHeaders.SUBJECT, headerValue(origin.subject()))
                        .header(
                                DeadLetterHeaders.ORGANIZATION,
                                headerValue(letter.organizationId()))
                        .header(DeadLetterHeaders.DEVICE, headerValue(letter.endDeviceId()))
                        .header(DeadLetterHeaders.MESSAGE, headerValue(letter.message()));
        return letter.externalId().isEmpty()
                ? publication
                : publication.header(
                        DeadLetterHeaders.EXTERNAL_ID, headerValue(letter.externalId()));
    }

    /**
     * The message with as much of it as there is room for. The raw bytes are cut first; if that is
     * not enough, the texts and the headers that only repeat them.
     *
     * @param publication made by {@link #of}, here or in an earlier run
     * @param maximumBytes the largest message that is taken, headers included
     * @return a message of no more bytes, or the same if there is no room for what identifies it
     * @throws InvalidProtocolBufferException if it is no dead letter
     */
    static JetStreamPublication shorten(JetStreamPublication publication, long maximumBytes)
            throws InvalidProtocolBufferException {
        io.ponix.proto.dead_letter.v1.DeadLetter letter =
                io.ponix.proto.dead_letter.v1.DeadLetter.parseFrom(publication.data());
        JetStreamPublication shorter =
                cutRaw(publication.subject(), publication.headers(), letter, maximumBytes);
        if (shorter == null) {
            Headers headers = new Headers();
            for (String name : IDENTIFYING_HEADERS) {
                String value = publication.headers().getFirst(name);
                if (value != null) {
                    headers.put(name, value);
                }
            }
            io.ponix.proto.dead_letter.v1.DeadLetter brief =
                    letter.toBuilder()
                            .setOrganizationId(brief(letter.getOrganizationId()))
                            .setEndDeviceId(brief(letter.getEndDeviceId()))
                            .setExternalId(brief(letter.getExternalId()))
                            .setMessage(brief(letter.getMessage()))
                            .build();
            shorter = cutRaw(publication.subject(), headers, brief, maximumBytes);
            if (shorter == null) {
                shorter =
                        cutRaw(
                                publication.subject(),
                                headers,
                                brief.toBuilder().clearMessage().build(),
                                maximumBytes);
            }
        }
        return shorter == null ? publication : shorter;
    }

    /** Null if there is no room even without the raw bytes. */
    private static JetStreamPublication cutRaw(
            String subject,
            Headers headers,
            io.ponix.proto.dead_letter.v1.DeadLetter letter,
            long maximumBytes) {
        ByteString raw = letter.getRawEnvelope();
        io.ponix.proto.dead_letter.v1.DeadLetter.Builder withoutRaw =
                letter.toBuilder().clearRawEnvelope().setRawEnvelopeTruncated(true);
        long room =
                maximumBytes
                        - headers.serializedLength()
                        - withoutRaw.build().getSerializedSize()
                        - RAW_FIELDS_BYTES;
        if (room < 0) {
            return null;
        }
        int kept = (int) Math.min(raw.size(), room);
        return JetStreamPublication.of(
                subject,
                headers,
                withoutRaw
                        .setRawEnvelope(raw.substring(0, kept))
                        .setRawEnvelopeTruncated(kept < letter.getRawEnvelopeSize())
                        .build()
                        .toByteArray());
    }

    private static String brief(String text) {
        return text.length() <= SHORT_TEXT_CHARACTERS
                ? text
                : cut(text, SHORT_TEXT_CHARACTERS) + CUT;
    }

    private static ByteString rawBytes(byte[] raw, int length) {
        // Nobody writes to the array while the message is built.
        return UnsafeByteOperations.unsafeWrap(raw, 0, length);
    }

    private static Timestamp timestamp(long millis) {
        return Timestamps.fromMillis(millis);
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
