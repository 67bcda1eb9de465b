package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.ponix.cli.PonixProcess;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.embedded.process.DataOnSmallDisk;
import io.ponix.embedded.process.EmbeddedProcess;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands, while a part of the stack that they need runs and does not answer. */
@ExtendWith(RunningStack.Shared.class)
class HangingPartsITCase {

    private static final int FREE_MEBIBYTES = 32;

    private final RunningStack stack;
    private final PartCommands commands;

    HangingPartsITCase(RunningStack stack) {
        this.stack = stack;
        this.commands = new PartCommands(stack);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nats", "postgres", "clickhouse", "device-service", "jobmanager"})
    void whatNeedsAPartThatHangsSaysSo(String part) throws Exception {
        EmbeddedProcess process = stack.process(part);
        process.freeze();
        try {
            commands.expectOfThoseThatNeed(part, "does not answer");
        } finally {
            process.resume();
            await().atMost(Duration.ofSeconds(60)).until(process::isHealthy);
        }
    }

    @Test
    void aNatsWhoseDiskIsFullIsNamedAndUpStartsItAgain() throws Exception {
        EmbeddedProcess nats = stack.process("nats");
        try (DataOnSmallDisk data = new DataOnSmallDisk(nats, FREE_MEBIBYTES)) {
            data.disk().fill();
            publishUntil(() -> nats.problem().isPresent());

            commands.expectOfThoseThatNeed("nats", "when its disk is full: make room");
            PonixProcess.Outcome status = stack.ponix().run("status");
            assertThat(status.status()).as("%s", status).isEqualTo(1);
            assertThat(status.output())
                    .containsPattern("nats +does not answer")
                    .containsPattern(
                            "envelopes +unknown: NATS does not answer at .*its disk is full: make room"
                                    + ".*; ./ponix up --home .* starts it anew")
                    .as("room, which need not be asked of a server")
                    .containsPattern("disk +[0-9.]+ .?B free of [0-9.]+ .?B\n");

            data.disk().makeRoom();
            PonixProcess.Outcome up = stack.ponix().run("up");
            assertThat(up.status()).as("%s", up).isZero();
            assertThat(up.errors().lines())
                    .filteredOn(line -> line.contains("starting it anew"))
                    .singleElement()
                    .asString()
                    .contains("NATS runs but does not answer (JetStream does not answer");
            status = stack.ponix().run("status");
            assertThat(status.output())
                    .containsPattern("nats +running")
                    .containsPattern("envelopes +[0-9,]+ stored");
        }
    }

    @SuppressWarnings("try") // Closing a connection may be interrupted, like all of this.
    private void publishUntil(BooleanSupplier done) throws Exception {
        try (Connection connection = NatsConnection.open(stack.addresses().nats(), "test")) {
            await().atMost(Duration.ofSeconds(60))
                    .until(
                            () -> {
                                connection.publish("raw_envelopes.device", new byte[100_000]);
                                return done.getAsBoolean();
                            });
        }
    }
}
