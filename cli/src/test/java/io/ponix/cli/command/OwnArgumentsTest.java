package io.ponix.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OwnArgumentsTest {

    @Test
    void theJobsOptionsAreTakenOutWithTheirValuesWhereverTheyStand() {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "run",
                                "-d",
                                "--nats-url",
                                "nats://elsewhere:4222",
                                "-p",
                                "2",
                                "--take-over",
                                "-s",
                                "/savepoint",
                                "--allowed-age=7d"));

        assertThat(OwnArguments.takeFrom(arguments))
                .containsExactly(
                        "--nats-url", "nats://elsewhere:4222", "--take-over", "--allowed-age=7d");
        assertThat(arguments).containsExactly("run", "-d", "-p", "2", "-s", "/savepoint");
    }

    @Test
    void flinksOwnStay() {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "run",
                                "--detached",
                                "--fromSavepoint=/savepoint",
                                "--parallelism",
                                "2",
                                "--allowNonRestoredState",
                                "-Dkey=value"));
        List<String> before = List.copyOf(arguments);

        assertThat(OwnArguments.takeFrom(arguments)).isEmpty();
        assertThat(arguments).isEqualTo(before);
    }
}
