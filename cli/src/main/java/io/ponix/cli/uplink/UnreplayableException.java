package io.ponix.cli.uplink;

/** A refused uplink cannot be replayed; the message says why. Others can. */
final class UnreplayableException extends Exception {

    private static final long serialVersionUID = 1L;

    UnreplayableException(String message) {
        super(message);
    }
}
