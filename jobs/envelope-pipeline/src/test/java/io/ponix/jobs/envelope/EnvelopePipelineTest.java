package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.jobs.envelope.options.PipelineOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.jobgraph.DistributionPattern;
import org.apache.flink.runtime.jobgraph.JobEdge;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvelopePipelineTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void noRecordIsSerializedBetweenTransformAndBatch(int parallelism) {
        List<JobVertex> tasks = tasks(parallelism);
        assertThat(tasks)
                .extracting(JobVertex::getName)
                .containsExactlyInAnyOrder(
                        "Source: raw envelopes (JetStream)",
                        "Source: device changes (Postgres CDC) -> by use -> announced changes"
                                + " (JetStream): Writer",
                        "enrich and transform -> (processed_envelopes (ClickHouse): Writer, dead"
                                + " letters (JetStream): Writer, processed_envelopes (JetStream):"
                                + " Writer)",
                        "processed_envelopes (ClickHouse): Committer",
                        "decode after previous -> (processed_envelopes (ClickHouse): Writer, dead"
                                + " letters (JetStream): Writer, processed_envelopes (JetStream):"
                                + " Writer)",
                        "processed_envelopes (ClickHouse): Committer");
        assertThat(tasks)
                .allSatisfy(
                        task ->
                                assertThat(task.getParallelism())
                                        .as(task.getName())
                                        .isEqualTo(
                                                task.getName().contains("CDC") ? 1 : parallelism));
        assertThat(inputOf(tasks, "enrich and transform", "Source: raw envelopes"))
                .isEqualTo(DistributionPattern.POINTWISE);
        assertThat(inputOf(tasks, "enrich and transform", "Source: device changes"))
                .isEqualTo(DistributionPattern.ALL_TO_ALL);
        assertThat(inputOf(tasks, "decode after previous", "enrich and transform"))
                .isEqualTo(DistributionPattern.ALL_TO_ALL);
    }

    private static DistributionPattern inputOf(List<JobVertex> tasks, String task, String source) {
        return tasks.stream()
                .filter(each -> each.getName().startsWith(task))
                .flatMap(each -> each.getInputs().stream())
                .filter(edge -> edge.getSource().getProducer().getName().startsWith(source))
                .map(JobEdge::getDistributionPattern)
                .findAny()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--publish-gateway-changes=false", "--publish-registry-changes"})
    void aSavepointFitsWhateverIsAnnounced(String option) {
        assertThat(identities(option)).isEqualTo(identities());
    }

    @Test
    void aSavepointFitsWhetherReadingsArePublishedOrNot() {
        assertThat(identities("--publish-processed-envelopes")).isEqualTo(identities());
    }

    private static List<String> identities(String... arguments) {
        return graph(1, arguments).getStreamNodes().stream()
                .map(StreamNode::getTransformationUID)
                .sorted()
                .toList();
    }

    /** A change here is a savepoint that does not fit any more. */
    @Test
    void theIdentitiesOfTheOperatorsAreThoseOfTheDescriptor() {
        assertThat(identities())
                // Flink makes it of the sink's.
                .contains("Sink Committer: rows", "Sink Committer: rows-after-previous")
                .filteredOn(identity -> !identity.startsWith("Sink Committer: "))
                .hasSameElementsAs(EnvelopePipeline.DESCRIPTOR.uids());
    }

    @Test
    void helpNamesTheJarOfTheDescriptor() {
        ByteArrayOutputStream help = new ByteArrayOutputStream();
        PipelineOptions.parse(new String[] {"--help"}, Map.of(), new PrintStream(help));

        assertThat(help.toString())
                .contains("Usage: flink run " + EnvelopePipeline.DESCRIPTOR.jar() + " [");
    }

    @ParameterizedTest
    @MethodSource("io.ponix.jobs.envelope.ReleasedSavepointsITCase#releases")
    void theSavepointOfEveryReleaseIsToldByItsOperators(String release) throws IOException {
        assertThat(
                        EnvelopePipeline.DESCRIPTOR.isNamedIn(
                                Files.readAllBytes(
                                        ReleasedSavepointsITCase.FOLDER
                                                .resolve(release)
                                                .resolve("savepoint/_metadata"))))
                .isTrue();
    }

    @Test
    void checkpointsEverySecondUnlessToldOtherwise() {
        assertThat(environment().getCheckpointConfig().getCheckpointInterval()).isEqualTo(1_000);
        assertThat(
                        environment("--checkpoint-interval", "250 ms")
                                .getCheckpointConfig()
                                .getCheckpointInterval())
                .isEqualTo(250);
    }

    @Test
    void secretsAreNotPartOfTheConfigurationThatTheDashboardShows() {
        StreamExecutionEnvironment environment =
                environment("--postgres-password", "sesame", "--clickhouse-password", "sesame");
        assertThat(environment.getConfiguration().toString()).doesNotContain("sesame");
        assertThat(environment.getConfig().getGlobalJobParameters().toMap()).isEmpty();
    }

    private static List<JobVertex> tasks(int parallelism, String... arguments) {
        return graph(parallelism, arguments)
                .getJobGraph()
                .getVerticesSortedTopologicallyFromSources();
    }

    private static StreamGraph graph(int parallelism, String... arguments) {
        PipelineOptions options = options(arguments);
        StreamExecutionEnvironment environment = EnvelopePipeline.environment(options);
        environment.setParallelism(parallelism);
        EnvelopePipeline.build(environment, options, new Connectors(options));
        return environment.getStreamGraph();
    }

    private static StreamExecutionEnvironment environment(String... arguments) {
        return EnvelopePipeline.environment(options(arguments));
    }

    private static PipelineOptions options(String... arguments) {
        return PipelineOptions.parse(arguments, Map.of(), System.out).orElseThrow();
    }
}
