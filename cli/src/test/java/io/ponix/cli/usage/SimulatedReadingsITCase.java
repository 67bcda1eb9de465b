package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.cli.PonixProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** {@code simulate} and {@code demo}: what they send becomes rows. */
@ExtendWith(RunningStack.Shared.class)
class SimulatedReadingsITCase {

    private final RunningStack stack;

    SimulatedReadingsITCase(RunningStack stack) {
        this.stack = stack;
    }

    @Test
    void ctrlCSaysWhatIsLeftAndTheNextCommandWorks() throws Exception {
        PonixProcess.Outcome simulation =
                stack.ponix().interruptedAt("sent ", "simulate", "--envelopes", "10000000");
        assertThat(simulation.status()).as("%s", simulation).isEqualTo(130);
        assertThat(simulation.errors())
                .containsPattern("interrupted; sent [\\d,]+ of 10,000,000 envelopes")
                .doesNotContain("\tat ");

        assertThat(stack.ponix().run("status").status()).isZero();
        stack.run("simulate", "--devices", "10", "--envelopes", "100");
    }

    @Test
    void readingsPublishedByMqttBecomeRowsOfAnyOrganization() throws Exception {
        String before = stack.rows();
        PonixProcess.Outcome outcome =
                stack.run("simulate", "--via", "mqtt", "--devices", "10", "--envelopes", "300");
        assertThat(outcome.output()).contains("sent 300 envelopes of 10 devices");
        stack.awaitRows(before, 300);

        // It has no gateway yet.
        stack.run(
                "simulate",
                "--via=mqtt",
                "--organization=org-mqtt",
                "--create-organization",
                "--devices=10",
                "--envelopes=200");
        stack.awaitRows(before, 500);
        assertThat(stack.rowsAndUniqueRows()).matches("(\\d+)\t\\1");
    }

    @Test
    void readingsPostedByHttpBecomeRowsOfTheStacksOwnOrganization() throws Exception {
        String before = stack.rows();
        PonixProcess.Outcome outcome =
                stack.run("simulate", "--via", "http", "--devices", "10", "--envelopes", "300");
        assertThat(outcome.output()).contains("sent 300 envelopes of 10 devices");
        stack.awaitRows(before, 300);
        assertThat(stack.rowsAndUniqueRows()).matches("(\\d+)\t\\1");

        PonixProcess.Outcome another =
                stack.ponix().run("simulate", "--via=http", "--organization=org-elsewhere");
        assertThat(another.status()).isEqualTo(2);
        assertThat(another.errors()).contains("posts to the gateway of org-001", "--via mqtt");
    }

    @Test
    void aDemoAccountsForEveryEnvelope() throws Exception {
        PonixProcess.Outcome outcome =
                stack.ponix().run("demo", "--devices", "20", "--envelopes", "3000", "--exit");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.output())
                .containsPattern("sent +3,000")
                .containsPattern("rows expected +6,578\n")
                .containsPattern("rows stored +6,578\n")
                .containsPattern("1 row +2,386 +2,386 +2,386\n")
                .containsPattern("2 rows +596 +596 +1,192\n")
                .containsPattern("1,000 rows +3 +3 +3,000\n")
                .containsPattern("lost +0\n")
                .containsPattern("duplicates +0\n")
                .contains("none lost, none doubled")
                .contains(
                        "MALFORMED_ENVELOPE",
                        "DEVICE_NOT_FOUND",
                        "CONVERSION_FAILED",
                        "temperature");

        // It found the stack up, and so leaves it up.
        assertThat(stack.ponix().run("status").status()).isZero();

        PonixProcess.Outcome deadLetters =
                stack.ponix().run("dead-letters", "--reason", "invalid_output", "--limit", "1");
        assertThat(deadLetters.output()).contains("INVALID_OUTPUT").contains("$.ratio");
    }
}
