package io.ponix.embedded.process;

/**
 * A part of the stack could not be installed, started or stopped. The message is for the person at
 * the terminal: it names what to change (a port option, a package to install) or shows the end of
 * the log and where the log is.
 */
public final class EmbeddedProcessException extends RuntimeException {

    /** Creates an exception with a message for the person at the terminal. */
    public EmbeddedProcessException(String message) {
        super(message);
    }

    /** Creates an exception with a message for the person at the terminal and its cause. */
    public EmbeddedProcessException(String message, Throwable cause) {
        super(message, cause);
    }
}
