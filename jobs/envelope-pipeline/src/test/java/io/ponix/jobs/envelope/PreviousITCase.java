package io.ponix.jobs.envelope;

import static io.ponix.jobs.envelope.inbound.Envelopes.envelope;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.nats.client.api.PublishAck;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a device's envelope before became is seen by the next one, whatever fails in between: of
 * devices that count, each row has the difference to the row before it.
 */
@ExtendWith(SharedStack.class)
class PreviousITCase {

    private static final String ORGANIZATION = "org-previous";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String DIFFERENCES =
            "{'n': int(input.u32be(0)), 'step': int(input.u32be(0)) -"
                    + " previous.?result.?n.orValue(0)}";

    /** Each number comes twice, and is one row. */
    private static final String ONCE =
            "previous.?result.?n == optional.of(int(input.u32be(0)) / 2) ? dyn([]) : {'n':"
                    + " int(input.u32be(0)) / 2, 'step': int(input.u32be(0)) / 2 -"
                    + " previous.?result.?n.orValue(-1)}";

    private static PipelineStack stack;

    @BeforeAll
    static void start(PipelineStack shared) throws Exception {
        stack = shared;
        stack.organization(ORGANIZATION);
        for (int i = 0; i < 4; i++) {
            stack.device("counter-" + i, ORGANIZATION, DIFFERENCES);
            stack.device("again-" + i, ORGANIZATION, DIFFERENCES);
        }
        stack.device("repeats", ORGANIZATION, ONCE);
        stack.submit();
    }

    @Test
    void aKilledTaskManagerAndARescaleLeaveNoStepOut() throws Exception {
        publish("counter", 1, 500);
        await().atMost(PATIENCE).until(() -> stack.rows("counter-0") > 0);
        publish("counter", 501, 1_000);
        stack.flink().taskManager(1).kill();
        publish("counter", 1_001, 1_500);
        stack.flink().taskManager(1).start();
        publish("counter", 1_501, 2_000);
        awaitSteps("counter", 2_000);
        stack.awaitRunning();

        String savepoint = stack.stopWithSavepoint();
        publish("counter", 2_001, 2_500);
        stack.resumeAt(1, savepoint);
        publish("counter", 2_501, 3_000);
        awaitSteps("counter", 3_000);

        savepoint = stack.stopWithSavepoint();
        stack.resumeAt(2, savepoint);
        publish("counter", 3_001, 3_500);
        awaitSteps("counter", 3_500);
    }

    @Test
    void anOlderSavepointReadsAgainWhatIsStoredAndStoresItOnce() throws Exception {
        publish("again", 1, 500);
        awaitSteps("again", 500);
        String older = stack.takeSavepoint();
        publish("again", 501, 1_000);
        awaitSteps("again", 1_000);
        stack.cancel();

        stack.resume(older);
        publish("again", 1_001, 1_500);
        awaitSteps("again", 1_500);
    }

    @Test
    void aRepeatIsLeftOut() throws Exception {
        List<CompletableFuture<PublishAck>> published = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            published.add(publishNumber("repeats", i));
        }
        CompletableFuture.allOf(published.toArray(CompletableFuture[]::new)).get();

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(stack.rows("repeats")).isEqualTo(100));
        assertThat(
                        stack.number(
                                "SELECT countIf(data.step.:Int64 = 1) FROM processed_envelopes"
                                        + " WHERE end_device_id = 'repeats'"))
                .isEqualTo(100);
    }

    private static void publish(String devices, int first, int last) throws Exception {
        List<CompletableFuture<PublishAck>> published = new ArrayList<>();
        for (int number = first; number <= last; number++) {
            for (int i = 0; i < 4; i++) {
                published.add(publishNumber(devices + "-" + i, number));
            }
        }
        CompletableFuture.allOf(published.toArray(CompletableFuture[]::new)).get();
    }

    private static CompletableFuture<PublishAck> publishNumber(String device, int number) {
        return stack.publishAsync(
                envelope(ORGANIZATION, device, Instant.now())
                        .setPayload(
                                ByteString.copyFrom(
                                        ByteBuffer.allocate(Integer.BYTES).putInt(number).array()))
                        .build());
    }

    /** Every number of each device is there once, and a step of 1 from the one before. */
    private static void awaitSteps(String devices, int last) throws Exception {
        for (int i = 0; i < 4; i++) {
            String device = devices + "-" + i;
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(stack.rows(device)).isEqualTo(last));
            assertThat(
                            stack.query(
                                            "SELECT uniqExact(data.n.:Int64), max(data.n.:Int64),"
                                                    + " countIf(data.step.:Int64 != 1) FROM"
                                                    + " processed_envelopes WHERE end_device_id = '"
                                                    + device
                                                    + "'")
                                    .get(0))
                    .as(device)
                    .containsExactly(String.valueOf(last), String.valueOf(last), "0");
        }
    }
}
