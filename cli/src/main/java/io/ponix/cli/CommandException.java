package io.ponix.cli;

/**
 * An error that a person can do something about: its message is printed alone, without a stack
 * trace, and the exit status is 1.
 */
public final class CommandException extends RuntimeException {

    /**
     * @param message what is wrong and what to do
     */
    public CommandException(String message) {
        super(message);
    }

    /**
     * @param message what is wrong and what to do
     * @param cause kept for {@code PONIX_LOG_LEVEL=debug}
     */
    public CommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
