package io.ponix.cli.command;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The parallelism among the arguments of {@code flink run}, and what it takes of a cluster. */
final class ParallelismArgument {

    private static final List<String> NAMES = List.of("-p", "--parallelism");
    private static final String WITH_VALUE = "--parallelism=";

    /** As in {@code flink-conf/config.yaml}. */
    private static final int SLOTS_OF_A_TASK_MANAGER = 2;

    private ParallelismArgument() {}

    /**
     * Reads it.
     *
     * @param arguments what comes after the jar is the program's
     * @return nothing where there is none, or one that Flink will refuse
     */
    static OptionalInt of(List<String> arguments) {
        for (int i = 1; i < arguments.size() && !arguments.get(i).endsWith(".jar"); i++) {
            String argument = arguments.get(i);
            String value =
                    argument.startsWith(WITH_VALUE)
                            ? argument.substring(WITH_VALUE.length())
                            : NAMES.contains(argument) && i + 1 < arguments.size()
                                    ? arguments.get(i + 1)
                                    : "";
            if (value.matches("[1-9][0-9]{0,5}")) {
                return OptionalInt.of(Integer.parseInt(value));
            }
        }
        return OptionalInt.empty();
    }

    /**
     * What a person is told of a parallelism that a cluster has too few slots for: Flink takes the
     * job, and restarts it until there are enough.
     */
    static Optional<String> problem(int parallelism, int slots) {
        return parallelism <= slots
                ? Optional.empty()
                : Optional.of(
                        "a parallelism of %d takes %d slots, and the cluster has %d: the job does not run until ./ponix up --task-managers %d starts more"
                                .formatted(
                                        parallelism,
                                        parallelism,
                                        slots,
                                        (parallelism + SLOTS_OF_A_TASK_MANAGER - 1)
                                                / SLOTS_OF_A_TASK_MANAGER));
    }
}
