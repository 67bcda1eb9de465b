package io.ponix.jobs.envelope.inbound;

/**
 * The bytes are not a {@code ponix.envelope.v1.RawEnvelope}. The message says what is wrong and at
 * which byte.
 */
final class MalformedEnvelopeException extends Exception {

    private static final long serialVersionUID = 1L;

    MalformedEnvelopeException(String message) {
        // Without a stack trace: it would always be the same, and whoever sends poison sends a lot
        // of it.
        super(message, null, false, false);
    }
}
