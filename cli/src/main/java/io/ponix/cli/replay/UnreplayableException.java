package io.ponix.cli.replay;

/** A stored message cannot be replayed; the message of this says why. Others can. */
public final class UnreplayableException extends Exception {

    private static final long serialVersionUID = 1L;

    public UnreplayableException(String message) {
        super(message);
    }
}
