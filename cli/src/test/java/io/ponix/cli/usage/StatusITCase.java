package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.StreamConfiguration;
import io.ponix.cli.PonixProcess;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.cli.stack.StackAddresses;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@code status} says of a stack that is not as it should be. */
@ExtendWith(RunningStack.Shared.class)
class StatusITCase {

    private static final Duration SOON = RunningStack.SOON;

    private final RunningStack stack;

    StatusITCase(RunningStack stack) {
        this.stack = stack;
    }

    @Test
    void statusTellsWhatIsDownAndUpMendsIt() throws Exception {
        String before = stack.rows();
        String jobId = stack.jobId();
        stack.process("taskmanager-1").kill();
        stack.process("jobmanager").kill();

        PonixProcess.Outcome broken = stack.ponix().run("status");
        assertThat(broken.status()).isEqualTo(1);
        assertThat(broken.output())
                .containsPattern("taskmanager-1 +stopped")
                .containsPattern("jobmanager +stopped");

        stack.run("simulate", "--devices", "10", "--envelopes", "500");
        // The JobManager's successor has the job again: no second one is submitted.
        assertThat(stack.run("up").errors()).doesNotContain("submitting the job");
        assertThat(stack.run("status").output())
                .containsPattern("job +RUNNING")
                .as("also the first time that anybody asks")
                .containsPattern("lag +[\\d,]+ envelopes");
        stack.awaitRows(before, 500);
        assertThat(stack.jobId()).isEqualTo(jobId);
        assertThat(stack.rowsAndUniqueRows()).matches("(\\d+)\t\\1");
    }

    @Test
    void statusSaysWhyTheJobDoesNotGoOn() throws Exception {
        String before = stack.rows();
        stack.run("query", "ALTER TABLE processed_envelopes DROP COLUMN processed_at");
        stack.run("simulate", "--devices", "10", "--envelopes", "100");

        Pattern reason = Pattern.compile("failure .* column processed_at is missing: (ALTER .*)");
        await().atMost(SOON)
                .until(() -> reason.matcher(stack.ponix().run("status").output()).find());
        Matcher advice = reason.matcher(stack.ponix().run("status").output());
        assertThat(advice.find()).isTrue();
        stack.run("query", advice.group(1));
        stack.awaitRows(before, 100);

        // A stream that somebody deletes.
        StackAddresses addresses = stack.addresses();
        Connection nats = NatsConnection.open(addresses.nats(), "test");
        try {
            JetStreamManagement streams = nats.jetStreamManagement();
            StreamConfiguration letters = streams.getStreamInfo("dead_letters").getConfiguration();
            streams.deleteStream("dead_letters");
            PonixProcess.Outcome status = stack.ponix().run("status");
            assertThat(status.output())
                    .contains("dead letters   none can be stored: there is no stream dead_letters");
            assertThat(status.status()).isEqualTo(1);
            streams.addStream(letters);

            StreamConfiguration raw = streams.getStreamInfo("raw_envelopes").getConfiguration();
            streams.updateStream(
                    StreamConfiguration.builder(raw).addSubjects("raw_envelopes.9.*").build());
            await().atMost(SOON)
                    .until(
                            () -> stack.ponix().run("status"),
                            shown -> shown.output().contains("unread ") && shown.status() == 1);
            streams.updateStream(raw);
        } finally {
            nats.close();
        }

        // A publication that leaves out changes.
        try (java.sql.Connection postgres =
                        DriverManager.getConnection(
                                "jdbc:postgresql://%s:%d/%s"
                                        .formatted(
                                                addresses.postgres().servers().get(0).host(),
                                                addresses.postgres().servers().get(0).port(),
                                                addresses.postgres().database()),
                                addresses.postgres().username(),
                                addresses.postgres().password());
                Statement statement = postgres.createStatement()) {
            statement.execute("ALTER PUBLICATION ponix_cdc_publication DROP TABLE gateways");
            await().atMost(SOON)
                    .until(
                            () -> stack.ponix().run("status"),
                            shown ->
                                    shown.output().contains("unpublished ") && shown.status() == 1);
            statement.execute("ALTER PUBLICATION ponix_cdc_publication ADD TABLE gateways");
            await().atMost(SOON)
                    .until(
                            () -> stack.ponix().run("status"),
                            shown -> !shown.output().contains("unpublished "));
        }
    }
}
