package io.ponix.client.nats;

import java.io.IOException;

/**
 * The server refuses what we ask for, or what we ask for does not exist: trying again would not
 * help.
 */
public final class NatsAccessException extends IOException {

    private static final long serialVersionUID = 1L;

    /**
     * @param message what was refused, and which setting to change
     * @param cause the client's exception, or null
     */
    public NatsAccessException(String message, Throwable cause) {
        super(message, cause);
    }
}
