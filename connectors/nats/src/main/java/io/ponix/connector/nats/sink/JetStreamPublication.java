package io.ponix.connector.nats.sink;

import io.nats.client.impl.Headers;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/** A message to be published: subject, data, and optionally a message id and headers. */
@PublicEvolving
public final class JetStreamPublication {

    private static final String MESSAGE_ID_HEADER = "Nats-Msg-Id";

    private final String subject;
    private final byte[] data;
    private Headers headers;

    private JetStreamPublication(String subject, byte[] data) {
        this.subject = Objects.requireNonNull(subject, "subject");
        this.data = Objects.requireNonNull(data, "data");
    }

    /**
     * A message without id and headers.
     *
     * @param subject where to publish; a stream must store it. No wildcards.
     * @param data the payload; not copied, must not be changed afterwards
     */
    public static JetStreamPublication of(String subject, byte[] data) {
        return new JetStreamPublication(subject, data);
    }

    /**
     * A message with headers.
     *
     * @param subject as for {@link #of(String, byte[])}
     * @param headers a message id among them, or null for none; not copied
     * @param data as for {@link #of(String, byte[])}
     */
    public static JetStreamPublication of(String subject, Headers headers, byte[] data) {
        JetStreamPublication publication = new JetStreamPublication(subject, data);
        publication.headers = headers;
        return publication;
    }

    /**
     * Gives the message an id: a stream stores only one message of an id within its duplicate
     * window, so a message that is published again after a restart is stored once. It must be a
     * function of the record, not of the moment.
     */
    public JetStreamPublication messageId(String id) {
        return header(MESSAGE_ID_HEADER, id);
    }

    /** The message's id, or null if it has none. */
    public String id() {
        return headers == null ? null : headers.getFirst(MESSAGE_ID_HEADER);
    }

    /** Sets a header, replacing one of that name. */
    public JetStreamPublication header(String name, String value) {
        if (headers == null) {
            headers = new Headers();
        }
        headers.put(name, value);
        return this;
    }

    /** Where to publish. */
    public String subject() {
        return subject;
    }

    /** The payload. */
    public byte[] data() {
        return data;
    }

    /** The headers, the message id among them, or null if there are none. */
    public Headers headers() {
        return headers;
    }

    /** Bytes that count towards the server's limit: payload and headers. */
    public int size() {
        return data.length + (headers == null ? 0 : headers.serializedLength());
    }
}
