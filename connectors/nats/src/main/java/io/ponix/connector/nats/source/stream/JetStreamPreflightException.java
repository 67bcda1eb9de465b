package io.ponix.connector.nats.source.stream;

import java.io.IOException;
import org.apache.flink.annotation.PublicEvolving;

/** Stream and source settings do not fit: the message says why, and which setting to change. */
@PublicEvolving
public final class JetStreamPreflightException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Says why, and which setting to change. */
    public JetStreamPreflightException(String message) {
        super(message);
    }
}
