package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.jobs.envelope.options.PipelineOptions;
import io.ponix.jobs.preflight.SavepointCheck;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.KeyGroupRangeOffsets;
import org.apache.flink.runtime.state.KeyGroupsSavepointStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SavepointCheckTest {

    private static final int MAX_PARALLELISM = 128;

    @TempDir private Path folder;

    @Test
    void aSavepointOfThisJobIsTakenWhole() throws Exception {
        savepoint(MAX_PARALLELISM, operators());
        assertThatCode(() -> check(folder.toString())).doesNotThrowAnyException();
        assertThatCode(() -> check(folder.toUri().toString())).doesNotThrowAnyException();
        assertThatCode(() -> check(folder.resolve("_metadata").toString()))
                .doesNotThrowAnyException();
    }

    @Test
    void withoutASavepointThereIsNothingToLookAt() {
        assertThatCode(() -> check(new Configuration())).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "/nope,cannot be found",
        "file:///nope,cannot be found",
        "nope,is not named by its whole path",
        "flie:///nope,cannot be read",
        "s3://bucket/savepoint,cannot be read",
        "'http://[',cannot be read",
    })
    void aMistypedPathIsNamed(String path, String problem) {
        assertThatThrownBy(() -> check(path))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageStartingWith("The savepoint " + path + " " + problem)
                .hasMessageContaining("Check -s (execution.state-recovery.path)");
    }

    @Test
    void aFolderThatIsNoSavepointIsNamed() {
        refused("cannot be found");
    }

    /** Wherever it ends, and whichever byte is another: refused or taken, never anything else. */
    @Test
    void aDamagedOneIsRefused() throws Exception {
        savepoint(MAX_PARALLELISM, operators());
        Path metadata = folder.resolve("_metadata");
        byte[] whole = Files.readAllBytes(metadata);
        for (int length = 0; length < whole.length - 1; length++) {
            Files.write(metadata, Arrays.copyOf(whole, length));
            refused("cannot be read");
        }
        Files.write(metadata, Arrays.copyOf(whole, whole.length / 2));
        refused("its metadata end too early");
        int refusals = 0;
        for (int place = 0; place < whole.length; place++) {
            byte[] damaged = whole.clone();
            damaged[place] = (byte) ~damaged[place];
            Files.write(metadata, damaged);
            try {
                check(folder.toString());
            } catch (ProgramParametrizationException refusal) {
                assertThat(refusal).hasMessageStartingWith("The savepoint " + folder + " ");
                refusals++;
            }
        }
        // What is not noticed here is inside the state of an operator.
        assertThat(refusals).isGreaterThan(whole.length / 4);
    }

    @Test
    void aStateFileThatIsMissingOrCutIsNamed() throws Exception {
        Path state = Files.write(folder.resolve("state-1"), new byte[10]);
        savepoint(MAX_PARALLELISM, operators(), handle(state, 10));
        assertThatCode(() -> check(folder.toString())).doesNotThrowAnyException();

        Files.write(state, new byte[9]);
        refused("is not whole: file:" + state + " has 9 bytes of 10");
        Files.delete(state);
        refused("is not whole: file:" + state + " is missing");
    }

    /** As a job with keyed state leaves it; this one has none. */
    @Test
    void aFileOfKeyedStateThatIsMissingOrCutIsNamed() throws Exception {
        Path state = Files.write(folder.resolve("state-1"), new byte[10]);
        KeyGroupRangeOffsets groups = new KeyGroupRangeOffsets(0, MAX_PARALLELISM - 1);
        savepoint(
                MAX_PARALLELISM,
                operators(),
                subtask ->
                        subtask.setManagedKeyedState(
                                new KeyGroupsSavepointStateHandle(groups, file(state, 10))));
        assertThatCode(() -> check(folder.toString())).doesNotThrowAnyException();

        Files.write(state, new byte[9]);
        refused("is not whole: file:" + state + " has 9 bytes of 10");
        Files.delete(state);
        refused("is not whole: file:" + state + " is missing");
    }

    @Test
    void oneOfAnotherJobIsRefusedUnlessItsStateIsNotWanted() throws Exception {
        Path state = Files.write(folder.resolve("state-1"), new byte[10]);
        savepoint(MAX_PARALLELISM, List.of(new OperatorID(1, 2)), handle(state, 10));
        refused(
                "is of another job, or of another version of this one: it holds state of an"
                        + " operator with the id "
                        + new OperatorID(1, 2));
        refused("--allowNonRestoredState");

        Configuration configuration = from(folder.toString());
        configuration.set(StateRecoveryOptions.SAVEPOINT_IGNORE_UNCLAIMED_STATE, true);
        assertThatCode(() -> check(configuration)).doesNotThrowAnyException();
    }

    @Test
    void anOperatorThatIsGoneAndHadNoStateIsNoReasonToRefuse() throws Exception {
        savepoint(MAX_PARALLELISM, List.of(new OperatorID(1, 2)));
        assertThatCode(() -> check(folder.toString())).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void aParallelismThatTheSavepointDoesNotAllowIsNamed(int most) throws Exception {
        savepoint(most, operators());
        assertThatThrownBy(() -> new SavepointCheck(graph(from(folder.toString()), 4)).check())
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageContaining("with a parallelism of " + most + " at most")
                .hasMessageContaining("Check -p");
    }

    @Test
    void anotherMaximumParallelismIsNamed() throws Exception {
        savepoint(MAX_PARALLELISM, operators());
        Configuration configuration = from(folder.toString());
        configuration.setString("pipeline.max-parallelism", "64");
        assertThatThrownBy(() -> check(configuration))
                .hasMessageContaining("was taken with a maximum parallelism of 128")
                .hasMessageContaining("now has 64");
    }

    private void refused(String problem) {
        assertThatThrownBy(() -> check(folder.toString()))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageStartingWith("The savepoint " + folder)
                .hasMessageContaining(problem);
    }

    private static void check(String path) {
        check(from(path));
    }

    private static void check(Configuration configuration) {
        new SavepointCheck(graph(configuration, 1)).check();
    }

    private static Configuration from(String path) {
        Configuration configuration = new Configuration();
        configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, path);
        return configuration;
    }

    private static StreamGraph graph(Configuration configuration, int parallelism) {
        PipelineOptions options =
                PipelineOptions.parse(new String[0], Map.of(), System.out).orElseThrow();
        StreamExecutionEnvironment environment = EnvelopePipeline.environment(options);
        environment.configure(configuration);
        environment.setParallelism(parallelism);
        EnvelopePipeline.build(environment, options, new Connectors(options));
        return environment.getStreamGraph();
    }

    /** Operators of the job that may run in parallel. */
    private static List<OperatorID> operators() {
        List<OperatorID> operators = new ArrayList<>();
        for (JobVertex task : graph(new Configuration(), 1).getJobGraph().getVertices()) {
            if (task.getMaxParallelism() == JobVertex.MAX_PARALLELISM_DEFAULT) {
                task.getOperatorIDs().stream()
                        .map(OperatorIDPair::getGeneratedOperatorID)
                        .forEach(operators::add);
            }
        }
        return operators;
    }

    private static OperatorStateHandle handle(Path file, long size) {
        return new OperatorStreamStateHandle(Collections.emptyMap(), file(file, size));
    }

    private static FileStateHandle file(Path file, long size) {
        return new FileStateHandle(new org.apache.flink.core.fs.Path(file.toUri()), size);
    }

    /** One in which every operator has its first instance's state, if any. */
    private void savepoint(
            int maxParallelism, List<OperatorID> operators, OperatorStateHandle... state)
            throws IOException {
        savepoint(
                maxParallelism,
                operators,
                subtask -> List.of(state).forEach(subtask::setManagedOperatorState));
    }

    private void savepoint(
            int maxParallelism,
            List<OperatorID> operators,
            Consumer<OperatorSubtaskState.Builder> state)
            throws IOException {
        List<OperatorState> states = new ArrayList<>();
        for (OperatorID id : operators) {
            OperatorState operator = new OperatorState(null, null, id, 1, maxParallelism);
            OperatorSubtaskState.Builder subtask = OperatorSubtaskState.builder();
            state.accept(subtask);
            operator.putState(0, subtask.build());
            states.add(operator);
        }
        try (OutputStream out = Files.newOutputStream(folder.resolve("_metadata"))) {
            Checkpoints.storeCheckpointMetadata(new CheckpointMetadata(1, states, List.of()), out);
        }
    }
}
