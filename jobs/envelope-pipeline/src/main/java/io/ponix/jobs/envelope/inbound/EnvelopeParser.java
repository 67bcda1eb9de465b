package io.ponix.jobs.envelope.inbound;

import io.ponix.jobs.message.RawMessage;

/**
 * Says what the bytes of messages mean. One for all messages of a task: a message is read once on
 * its way from the stream to the table. Not thread-safe.
 */
public final class EnvelopeParser {

    private final RawEnvelopeParser fields = new RawEnvelopeParser();
    private long parsed;

    /** A parser that has read nothing. */
    public EnvelopeParser() {}

    /**
     * Reads a message's bytes. Never fails: see {@link InboundEnvelope#malformation()}.
     *
     * @param message kept by the envelope, not copied
     */
    public InboundEnvelope parse(RawMessage message) {
        parsed++;
        String malformation = null;
        try {
            fields.parse(message.data());
        } catch (MalformedEnvelopeException e) {
            malformation = e.getMessage();
        }
        return new InboundEnvelope(message, malformation, fields);
    }

    /** How many messages it has read. */
    public long parsed() {
        return parsed;
    }
}
