package io.ponix.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.ListIterator;
import java.util.Set;

/** The job's own arguments among those of {@code flink run} where no jar parts them. */
final class OwnArguments {

    /** Flink's long options for {@code run}; its short ones begin with one dash. */
    private static final Set<String> OF_FLINK =
            Set.of(
                    "--allowNonRestoredState",
                    "--claimMode",
                    "--class",
                    "--classpath",
                    "--detached",
                    "--executor",
                    "--fromSavepoint",
                    "--jarfile",
                    "--jobmanager",
                    "--parallelism",
                    "--pyArchives",
                    "--pyClientExecutable",
                    "--pyExecutable",
                    "--pyFiles",
                    "--pyModule",
                    "--pyPythonPath",
                    "--pyRequirements",
                    "--python",
                    "--restoreMode",
                    "--shutdownOnAttachedExit",
                    "--target",
                    "--zookeeperNamespace");

    private OwnArguments() {}

    /**
     * Takes them out: every long option that is none of Flink's, with its value.
     *
     * @param arguments changed in place; the first is the command
     * @return what has to come after the jar, in the same order
     */
    static List<String> takeFrom(List<String> arguments) {
        List<String> own = new ArrayList<>();
        ListIterator<String> rest = arguments.listIterator(1);
        while (rest.hasNext()) {
            String argument = rest.next();
            if (!argument.startsWith("--") || OF_FLINK.contains(nameOf(argument))) {
                continue;
            }
            own.add(argument);
            rest.remove();
            if (!argument.contains("=") && rest.hasNext()) {
                String value = rest.next();
                if (value.startsWith("-")) {
                    rest.previous();
                } else {
                    own.add(value);
                    rest.remove();
                }
            }
        }
        return own;
    }

    private static String nameOf(String option) {
        int value = option.indexOf('=');
        return value < 0 ? option : option.substring(0, value);
    }
}
