package io.ponix.connector.nats.source;

import java.io.IOException;

/** Stream and source settings do not fit: the message says why, and which setting to change. */
public final class JetStreamPreflightException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Says why, and which setting to change. */
    public JetStreamPreflightException(String message) {
        super(message);
    }
}
