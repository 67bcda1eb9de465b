package io.ponix.jobs.sessions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.jobs.environment.JobEnvironment;
import io.ponix.jobs.sessions.options.SessionsOptions;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeteredSessionsTest {

    @Test
    void noRowIsSerializedBetweenAssemblyAndSinks() {
        assertThat(graph(4).getJobGraph().getVerticesSortedTopologicallyFromSources())
                .extracting(JobVertex::getName)
                .containsExactlyInAnyOrder(
                        "Source: processed_envelopes (JetStream) -> messages",
                        "stations",
                        "sessions -> (sessions (Postgres): Writer, session_meter_values (Postgres):"
                                + " Writer, metered_sessions (ClickHouse): Writer,"
                                + " session_meter_values (ClickHouse): Writer)",
                        "metered_sessions (ClickHouse): Committer",
                        "session_meter_values (ClickHouse): Committer",
                        "dead letters (JetStream): Writer");
    }

    /** A change here is a savepoint that does not fit any more. */
    @Test
    void theIdentitiesOfTheOperatorsAreThoseOfTheDescriptor() {
        assertThat(graph(1).getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .filteredOn(identity -> !identity.startsWith("Sink Committer: "))
                .hasSameElementsAs(MeteredSessions.DESCRIPTOR.uids());
    }

    @Test
    void helpNamesTheJarOfTheDescriptor() {
        ByteArrayOutputStream help = new ByteArrayOutputStream();
        SessionsOptions.parse(new String[] {"--help"}, Map.of(), new PrintStream(help));

        assertThat(help.toString())
                .contains("Usage: flink run " + MeteredSessions.DESCRIPTOR.jar() + " [");
    }

    @Test
    void secretsAreNotPartOfTheConfigurationThatTheDashboardShows() {
        StreamExecutionEnvironment environment = JobEnvironment.create(Optional.empty());
        SessionsOptions options =
                options("--postgres-password", "sesame", "--clickhouse-password", "sesame");
        MeteredSessions.build(environment, options, new Connectors(options));
        assertThat(environment.getConfiguration().toString()).doesNotContain("sesame");
        assertThat(environment.getConfig().getGlobalJobParameters().toMap()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "--session-idle=0 s, --session-idle",
        "--session-retention=1 h, not shorter than --session-idle",
        "--session-max-size=0, --session-max-size",
        "--session-max-per-station=0, --session-max-per-station",
        "--dead-letters-stream=processed_envelopes, a stream of its own",
        "--checkpoint-interval=1 ms, 10 ms or longer",
        "--session-idel=1 h, --session-idle"
    })
    void whatCannotBeUsedIsSaidByItsName(String argument, String said) {
        assertThatThrownBy(() -> options(argument))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageContaining(said);
    }

    @Test
    void variablesStandForOptions() {
        SessionsOptions options =
                SessionsOptions.parse(
                                new String[0],
                                Map.of("PONIX_SESSION_IDLE", "2 h", "PONIX_SESSION_MAX_SIZE", "7"),
                                System.out)
                        .orElseThrow();
        assertThat(options.assembly().idle()).hasHours(2);
        assertThat(options.assembly().maxSize()).isEqualTo(7);
        assertThat(options.assembly().retention()).hasDays(30);
        assertThat(options.assembly().maxSessionsPerStation()).isEqualTo(10_000);
    }

    @Test
    void timeGoesOnWithMessagesAndWithoutThemByTheClock() {
        long[] clock = {1_000_000};
        long[] watermark = {Long.MIN_VALUE};
        WatermarkOutput output =
                new WatermarkOutput() {
                    @Override
                    public void emitWatermark(Watermark emitted) {
                        watermark[0] = emitted.getTimestamp();
                    }

                    @Override
                    public void markIdle() {}

                    @Override
                    public void markActive() {}
                };
        ReceivedTime<String> time = new ReceivedTime<>(() -> clock[0]);
        time.onPeriodicEmit(output);
        assertThat(watermark[0]).isEqualTo(Long.MIN_VALUE);
        // A backlog.
        time.onEvent("a", 500, output);
        clock[0] += ReceivedTime.QUIET_MILLIS;
        time.onPeriodicEmit(output);
        assertThat(watermark[0]).isEqualTo(499);
        clock[0] += 1;
        time.onPeriodicEmit(output);
        assertThat(watermark[0]).isEqualTo(clock[0] - ReceivedTime.QUIET_MILLIS - 1);
        time.onEvent("b", 600, output);
        time.onPeriodicEmit(output);
        assertThat(watermark[0]).isEqualTo(clock[0] - ReceivedTime.QUIET_MILLIS - 1);
    }

    private static StreamGraph graph(int parallelism) {
        StreamExecutionEnvironment environment = JobEnvironment.create(Optional.empty());
        environment.setParallelism(parallelism);
        SessionsOptions options = options();
        MeteredSessions.build(environment, options, new Connectors(options));
        return environment.getStreamGraph();
    }

    private static SessionsOptions options(String... arguments) {
        return SessionsOptions.parse(arguments, Map.of(), System.out).orElseThrow();
    }
}
