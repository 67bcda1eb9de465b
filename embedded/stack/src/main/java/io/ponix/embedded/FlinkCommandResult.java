package io.ponix.embedded;

/**
 * How a command of Flink's command line client ended.
 *
 * @param exitCode 0 if it succeeded
 * @param output what it printed, standard output and error together
 */
public record FlinkCommandResult(int exitCode, String output) {

    /** Whether the exit code is 0. */
    public boolean succeeded() {
        return exitCode == 0;
    }
}
