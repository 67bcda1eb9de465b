package io.ponix.connector.nats.sink;

import io.nats.client.JetStreamApiException;
import io.ponix.connector.nats.MessageLimits;
import java.io.IOException;

/** A message that no stream has stored yet. Changed under the lock of its writer. */
final class UnstoredMessage {

    private JetStreamPublication publication;
    private int size;

    /** Why it was not stored when it was tried last; null before the first answer. */
    private Throwable failure;

    UnstoredMessage(JetStreamPublication publication) {
        setPublication(publication);
    }

    JetStreamPublication publication() {
        return publication;
    }

    /** Bytes, with its headers. */
    int size() {
        return size;
    }

    Throwable failure() {
        return failure;
    }

    void setPublication(JetStreamPublication other) {
        publication = other;
        size = other.size();
    }

    void setFailure(Throwable reason) {
        failure = reason;
    }

    boolean isTooLargeForStream() {
        return failure instanceof TooLargeException
                || failure instanceof JetStreamApiException refusal
                        && refusal.getApiErrorCode() == MessageLimits.TOO_LARGE_FOR_STREAM;
    }

    /** There is no shorter form of a message that is too large. */
    static final class TooLargeException extends IOException {

        private static final long serialVersionUID = 1L;

        TooLargeException(String message) {
            super(message);
        }
    }
}
