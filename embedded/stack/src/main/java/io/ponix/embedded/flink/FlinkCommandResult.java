package io.ponix.embedded.flink;

import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * How a command of Flink's command line client ended.
 *
 * @param exitCode 0 if it succeeded
 * @param output what it printed, standard output and error together
 */
public record FlinkCommandResult(int exitCode, String output) {

    /** Also the line that counts the frames which a cause has in common with its effect. */
    private static final Pattern STACK_FRAME =
            Pattern.compile("\\s+(at \\S+\\(|\\.\\.\\. \\d+ more)");

    /** What it printed, with the messages of stack traces but not their frames. */
    public String withoutStackFrames() {
        return output.lines().filter(line -> !isStackFrame(line)).collect(Collectors.joining("\n"));
    }

    static boolean isStackFrame(String line) {
        return STACK_FRAME.matcher(line).lookingAt();
    }

    /** Whether the exit code is 0. */
    public boolean succeeded() {
        return exitCode == 0;
    }
}
