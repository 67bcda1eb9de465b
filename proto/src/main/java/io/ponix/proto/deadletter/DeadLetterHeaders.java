package io.ponix.proto.deadletter;

/**
 * The names of the headers of a dead letter, which repeat the main fields for tools that read no
 * protobuf, and of the message that replays its envelope.
 */
public final class DeadLetterHeaders {

    /**
     * Tells letters apart: {@code <stream>:<sequence>:<received at, in milliseconds since 1970>} of
     * the envelope; earlier versions left the time out.
     */
    public static final String ID = "Nats-Msg-Id";

    /** The reason's {@linkplain DeadLetterReasons#name name}. */
    public static final String REASON = "Ponix-Reason";

    /** The stage's {@linkplain DeadLetterReasons#name name}. */
    public static final String STAGE = "Ponix-Stage";

    /** The stream the envelope was read from. */
    public static final String STREAM = "Ponix-Stream";

    /** The envelope's sequence in the stream. */
    public static final String STREAM_SEQUENCE = "Ponix-Stream-Sequence";

    /** When JetStream stored the envelope, as RFC 3339 in UTC. */
    public static final String RECEIVED_AT = "Ponix-Received-At";

    /** The subject the envelope is stored under. */
    public static final String SUBJECT = "Ponix-Subject";

    /** The organization that the envelope names. */
    public static final String ORGANIZATION = "Ponix-Organization";

    /** The device that the envelope names, or that was found by its external id. */
    public static final String DEVICE = "Ponix-Device";

    /** What the envelope calls its device, if it does not give the device's id. */
    public static final String EXTERNAL_ID = "Ponix-External-Id";

    /** What went wrong. */
    public static final String MESSAGE = "Ponix-Message";

    /**
     * Of the message that replays an envelope: which, {@code <stream>:<sequence>}. What is not
     * printable ASCII is percent-encoded, in the other header too.
     */
    public static final String REPLAY_OF = "Ponix-Replay-Of";

    /** Of the message that replays an envelope: the subject that it was stored under first. */
    public static final String REPLAY_SUBJECT = "Ponix-Replay-Subject";

    private DeadLetterHeaders() {}
}
