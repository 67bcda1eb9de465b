package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.cli.stack.StackAddresses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stack whose streams and table are called otherwise, and that loses streams as it runs. */
class NamedPipelineITCase {

    private static final Duration SOON = Duration.ofSeconds(90);

    @TempDir private Path home;

    /** Without what the stack was started with in its environment. */
    private PonixProcess ponix;

    @AfterEach
    void down() throws Exception {
        assertThat(ponix.run("down").status()).isZero();
    }

    @Test
    void commandsKnowItsNamesAndUpSaysWhichStreamIsMissing() throws Exception {
        ponix = new PonixProcess(home);
        PonixProcess named =
                ponix.with("PONIX_NATS_RAW_STREAM", "uplinks")
                        .with("PONIX_DEAD_LETTERS_STREAM", "rejects")
                        .with("PONIX_CLICKHOUSE_TABLE", "readings");
        PonixProcess.Outcome noTable = named.run(PonixProcess.upOnFreePorts());
        assertThat(noTable.status()).as("%s", noTable).isEqualTo(1);
        assertThat(noTable.errors()).contains("readings");
        run("query", "CREATE TABLE readings AS processed_envelopes");
        assertThat(named.run("up").status()).isZero();

        PonixProcess.Outcome demo = run("demo", "--exit", "--envelopes", "2000", "--devices", "20");
        assertThat(demo.output()).contains("none lost, none doubled");
        assertThat(run("status").output())
                .containsPattern("active job +[0-9a-f]{32}")
                .containsPattern("envelopes +2,000 stored")
                .containsPattern("dead letters +\\d+ stored")
                .containsPattern("rows +4,385, of 1,990 envelopes")
                .contains("uplinks: ", "rejects: ", "readings: ");
        assertThat(run("dead-letters", "--limit", "1").output()).contains("1 of ");

        delete("rejects");
        PonixProcess.Outcome missing = ponix.run("up");
        assertThat(missing.status()).as("%s", missing).isEqualTo(1);
        assertThat(missing.errors())
                .contains("misses the stream rejects")
                .contains("./ponix flink stop");
        run("flink", "stop");
        run("up");
        assertThat(run("status").output()).containsPattern("dead letters +0 stored");

        update("uplinks", stream -> stream.maxMessages(2_000).discardPolicy(DiscardPolicy.New));
        assertThat(ponix.run("status").output())
                .containsPattern(
                        "envelopes +2,000 stored in JetStream, and no more: the stream uplinks is full");
        update("uplinks", StreamConfiguration.Builder::seal);
        PonixProcess.Outcome sealed = ponix.run("status");
        assertThat(sealed.output())
                .containsPattern(
                        "envelopes +[\\d,]+ stored in JetStream, and no more: the stream uplinks is sealed");
        assertThat(sealed.status()).isEqualTo(1);

        delete("uplinks");
        assertThat(ponix.run("status").output())
                .contains("there is no stream uplinks; ./ponix up says what to do");
        missing = ponix.run("up");
        assertThat(missing.status()).as("%s", missing).isEqualTo(1);
        assertThat(missing.errors())
                .contains("misses the stream uplinks")
                .contains("./ponix flink cancel")
                .contains("PONIX_NATS_RECREATED_STREAM=start-over ./ponix up");
        run("flink", "cancel");
        PonixProcess.Outcome undecided = ponix.run("up");
        assertThat(undecided.status()).as("%s", undecided).isEqualTo(1);
        assertThat(undecided.errors())
                .contains("Stream 'uplinks' was deleted and created again")
                .contains("--nats-recreated-stream (PONIX_NATS_RECREATED_STREAM)");
        PonixProcess.Outcome anew =
                ponix.with("PONIX_NATS_RECREATED_STREAM", "start-over").run("up");
        assertThat(anew.status()).as("%s", anew).isZero();
        String before = rows();
        run("simulate", "--devices", "10", "--envelopes", "100");
        await().atMost(SOON)
                .untilAsserted(
                        () ->
                                assertThat(Integer.parseInt(rows()))
                                        .isEqualTo(Integer.parseInt(before) + 100));
    }

    private String rows() {
        return new ClickHouseQueries(StackAddresses.read(home))
                .row("SELECT count() FROM readings")[0];
    }

    @SuppressWarnings("try") // Closing a connection may be interrupted, like all of this.
    private void delete(String stream) throws Exception {
        try (Connection nats = NatsConnection.open(StackAddresses.read(home).nats(), "test")) {
            nats.jetStreamManagement().deleteStream(stream);
        }
    }

    @SuppressWarnings("try") // As above.
    private void update(String stream, UnaryOperator<StreamConfiguration.Builder> change)
            throws Exception {
        try (Connection nats = NatsConnection.open(StackAddresses.read(home).nats(), "test")) {
            JetStreamManagement streams = nats.jetStreamManagement();
            StreamConfiguration now = streams.getStreamInfo(stream).getConfiguration();
            streams.updateStream(change.apply(StreamConfiguration.builder(now)).build());
        }
    }

    private PonixProcess.Outcome run(String... arguments) throws Exception {
        PonixProcess.Outcome outcome = ponix.run(arguments);
        assertThat(outcome.status()).as("%s", outcome).isZero();
        return outcome;
    }
}
