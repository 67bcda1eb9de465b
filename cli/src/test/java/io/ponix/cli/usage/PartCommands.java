package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.cli.PonixProcess;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What each command says where a part of the stack is missing. */
final class PartCommands {

    /**
     * Three JVMs that start on two busy processors, and the seconds a part is given to answer: less
     * than the 30 seconds after which clients give up that were told nothing else.
     */
    private static final Duration AT_ONCE = Duration.ofSeconds(25);

    private static final int COMMANDS_AT_A_TIME = 3;

    /**
     * A command and the parts that it cannot do without.
     *
     * @param needs names of parts
     * @param mayFail whether it may end with an error while another part is stopped
     */
    private record Command(Set<String> needs, boolean mayFail, String... arguments) {

        @Override
        public String toString() {
            return String.join(" ", arguments);
        }
    }

    private static final List<Command> COMMANDS =
            List.of(
                    new Command(Set.of(), true, "status"),
                    new Command(Set.of(), false, "logs", "nats", "-n", "1"),
                    new Command(Set.of("clickhouse"), false, "query", "SELECT 1"),
                    new Command(
                            Set.of("device-service", "postgres", "nats"),
                            false,
                            "simulate",
                            "--devices",
                            "2",
                            "--envelopes",
                            "2"),
                    new Command(Set.of("nats"), false, "dead-letters"),
                    new Command(Set.of("nats"), true, "dead-letters", "show", "1000000"),
                    new Command(
                            Set.of("nats", "clickhouse"),
                            false,
                            "dead-letters",
                            "replay",
                            "--since",
                            "1h",
                            "--dry-run"),
                    new Command(Set.of("postgres"), false, "migrate", "status", "postgres"),
                    new Command(Set.of("clickhouse"), false, "migrate", "status", "clickhouse"),
                    new Command(Set.of("zookeeper", "jobmanager"), false, "flink", "list"),
                    // While a server is away the job may be restarting, and have no savepoint.
                    new Command(
                            Set.of("zookeeper", "jobmanager", "taskmanager-1", "clickhouse"),
                            true,
                            "flink",
                            "savepoint"));

    private final RunningStack stack;

    PartCommands(RunningStack stack) {
        this.stack = stack;
    }

    /** That those that need the part say what is wrong with it, and all others do their work. */
    void expectOfAll(String part, String problem) throws Exception {
        expectOfEach(COMMANDS, part, problem);
    }

    /** That those that need the part say what is wrong with it. */
    void expectOfThoseThatNeed(String part, String problem) throws Exception {
        expectOfEach(
                COMMANDS.stream().filter(command -> command.needs().contains(part)).toList(),
                part,
                problem);
    }

    /** Several at a time: most of a command's time it waits for the part. */
    private void expectOfEach(List<Command> commands, String part, String problem)
            throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(COMMANDS_AT_A_TIME);
        try {
            for (Future<Void> expectation :
                    executor.invokeAll(
                            commands.stream()
                                    .<Callable<Void>>map(
                                            command ->
                                                    () -> {
                                                        expect(command, part, problem);
                                                        return null;
                                                    })
                                    .toList())) {
                expectation.get();
            }
        } finally {
            executor.shutdown();
        }
    }

    private void expect(Command command, String part, String problem) throws Exception {
        long started = System.nanoTime();
        PonixProcess.Outcome outcome = stack.ponix().run(command.arguments());
        Duration took = Duration.ofNanos(System.nanoTime() - started);

        assertThat(outcome.errors() + outcome.output())
                .as("ponix %s without %s", command, part)
                .doesNotContain("\tat ")
                .doesNotContain("Exception");
        assertThat(took).as("ponix %s without %s: %s", command, part, outcome).isLessThan(AT_ONCE);
        if (command.needs().contains(part)) {
            assertThat(outcome.status()).as("ponix %s: %s", command, outcome).isEqualTo(1);
            assertThat(outcome.errors().strip().lines())
                    .as("ponix %s without %s", command, part)
                    .singleElement()
                    .asString()
                    .startsWith("ponix: ")
                    .containsAnyOf(problem, "a savepoint needs all")
                    .contains("./ponix ");
        } else if (!command.mayFail()) {
            assertThat(outcome.status())
                    .as("ponix %s without %s: %s", command, part, outcome)
                    .isZero();
        }
    }
}
