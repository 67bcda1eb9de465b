package io.ponix.bridge;

/** The bridge cannot start; the message tells a person why, and what to change. */
final class BridgeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    BridgeException(String message, Throwable cause) {
        super(message, cause);
    }
}
