package io.ponix.cli.program;

/**
 * An error that a person can do something about: its message is printed alone, without a stack
 * trace. The exit status is 1, or 2 where the command was called wrongly.
 */
public class CommandException extends RuntimeException {

    private static final int FAILED = 1;
    private static final int CALLED_WRONGLY = 2;

    private final int exitStatus;

    /**
     * @param message what is wrong and what to do
     */
    public CommandException(String message) {
        this(message, null, FAILED);
    }

    /**
     * @param message what is wrong and what to do
     * @param cause kept for {@code PONIX_LOG_LEVEL=debug}
     */
    public CommandException(String message, Throwable cause) {
        this(message, cause, FAILED);
    }

    private CommandException(String message, Throwable cause, int exitStatus) {
        super(message, cause);
        this.exitStatus = exitStatus;
    }

    /**
     * The value of an option or a setting means nothing.
     *
     * @param message what is wrong and what would be right
     */
    public static CommandException calledWrongly(String message) {
        return new CommandException(message, null, CALLED_WRONGLY);
    }

    /** What the command line ends with. */
    int exitStatus() {
        return exitStatus;
    }
}
