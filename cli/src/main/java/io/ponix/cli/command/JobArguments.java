package io.ponix.cli.command;

import io.ponix.cli.program.CommandException;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The job and the folder among the arguments of {@code flink savepoint}, {@code stop} and {@code
 * cancel}.
 */
final class JobArguments {

    private static final String SAVEPOINT = "savepoint";
    private static final Set<String> FOLDER_OPTIONS =
            Set.of("-p", "--savepointPath", "-s", "--withSavepoint");
    private static final Set<String> OPTIONS_WITH_VALUES =
            Set.of(
                    "-D",
                    "-e",
                    "--executor",
                    "-j",
                    "--jarfile",
                    "-m",
                    "--jobmanager",
                    "-t",
                    "--target",
                    "-type",
                    "--type",
                    "-z",
                    "--zookeeperNamespace");

    private JobArguments() {}

    /**
     * Puts the job in where it is left out, and makes paths of folders whole: Flink would take the
     * first argument that is no job for a folder below the JobManager's own.
     *
     * @param arguments changed in place; the first is the command
     * @param runningJob asked where no job is named
     * @throws CommandException where something stands in a job's place that is none
     */
    static void complete(List<String> arguments, Supplier<String> runningJob) {
        int job = -1;
        int folder = -1;
        for (int i = 1; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int value = argument.indexOf('=') + 1;
            if (value > 0 && FOLDER_OPTIONS.contains(argument.substring(0, value - 1))) {
                arguments.set(
                        i,
                        argument.substring(0, value)
                                + whole(
                                        argument.substring(0, value - 1),
                                        argument.substring(value)));
            } else if (FOLDER_OPTIONS.contains(argument)) {
                // Cancel's may do without.
                if (i + 1 < arguments.size() && !isJob(arguments.get(i + 1))) {
                    i++;
                    arguments.set(i, whole(argument, arguments.get(i)));
                }
            } else if (OPTIONS_WITH_VALUES.contains(argument)) {
                i++;
            } else if (!argument.startsWith("-")) {
                if (isJob(argument)) {
                    job = i;
                } else if (folder < 0) {
                    folder = i;
                }
            }
        }
        if (folder >= 0) {
            String argument = arguments.get(folder);
            boolean mayBeFolder =
                    arguments.get(0).equals(SAVEPOINT)
                            && (job >= 0 ? folder > job : argument.contains("/"));
            if (!mayBeFolder) {
                throw CommandException.calledWrongly(
                        "'"
                                + argument
                                + "' is no job id, which has 32 hexadecimal digits: ./ponix flink"
                                + " list shows them"
                                + (arguments.get(0).equals(SAVEPOINT)
                                        ? "; without one, a folder has a / in it, as ./" + argument
                                        : ""));
            }
            arguments.set(folder, whole(SAVEPOINT, argument));
        }
        if (job < 0) {
            // Flink reads savepoint's arguments by position: job id, then folder.
            arguments.add(
                    arguments.get(0).equals(SAVEPOINT) ? 1 : arguments.size(), runningJob.get());
        }
    }

    private static boolean isJob(String argument) {
        return argument.matches("[0-9a-f]{32}");
    }

    private static String whole(String option, String folder) {
        return FlinkPath.local(option, folder).map(EmbeddedFlinkCluster::location).orElse(folder);
    }
}
