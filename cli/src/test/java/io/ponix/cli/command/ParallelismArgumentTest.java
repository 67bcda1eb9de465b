package io.ponix.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParallelismArgumentTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run -p 3",
                "run -d --parallelism 3 -s /sp",
                "run --parallelism=3 job.jar -p 9",
            })
    void itIsReadAsFlinkReadsIt(String arguments) {
        assertThat(ParallelismArgument.of(List.of(arguments.split(" ")))).hasValue(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "run -p", "run -p many", "run -p 0", "run job.jar -p 3"})
    void whatIsNoneIsLeftToFlink(String arguments) {
        assertThat(ParallelismArgument.of(List.of(arguments.split(" ")))).isEmpty();
    }

    @Test
    void tooFewSlotsAreToldWithWhatMakesThemEnough() {
        assertThat(ParallelismArgument.problem(2, 2)).isEmpty();
        assertThat(ParallelismArgument.problem(3, 2))
                .hasValue(
                        "a parallelism of 3 takes 3 slots, and the cluster has 2: the job does not run"
                                + " until ./ponix up --task-managers 2 starts more");
        assertThat(ParallelismArgument.problem(5, 4).orElseThrow()).contains("--task-managers 3");
    }
}
