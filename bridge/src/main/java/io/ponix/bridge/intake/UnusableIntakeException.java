package io.ponix.bridge.intake;

/** The intake of a gateway cannot be used by this bridge; the message tells a person why. */
final class UnusableIntakeException extends Exception {

    private static final long serialVersionUID = 1L;

    UnusableIntakeException(String message) {
        super(message);
    }
}
