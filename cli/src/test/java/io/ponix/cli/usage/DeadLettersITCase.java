package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.cli.PonixProcess;
import io.ponix.cli.replay.ReplayLease;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Dead letters are found, and replayed once their cause is mended. */
@ExtendWith(RunningStack.Shared.class)
class DeadLettersITCase {

    private static final Duration SOON = RunningStack.SOON;
    private static final Pattern LETTER = Pattern.compile("\"letter\":(\\d+)");

    private final RunningStack stack;

    DeadLettersITCase(RunningStack stack) {
        this.stack = stack;
    }

    @Test
    void envelopesOfANameThatNobodyHadAreReplayedOnceADeviceHasIt() throws Exception {
        try (MutedDevice device = new MutedDevice(stack)) {
            device.setTransform("{'size': size(input)}");
            device.sendAs("A84041FFFF1822C4");
            await().atMost(SOON)
                    .until(
                            () ->
                                    stack.run(
                                                    "dead-letters",
                                                    "--device",
                                                    "a84041ffff1822c4",
                                                    "--json")
                                            .output(),
                            letters -> letters.contains("\"external_id\":\"A84041FFFF1822C4\""));

            device.setExternalId("A84041FFFF1822C4");
            // Waits, if it is too early, until the job knows of it.
            device.sendAs("a84041ffff1822c4");
            device.awaitRows(1);
            assertThat(stack.run("dead-letters", "replay", "--device", "a84041ffff1822c4").output())
                    .contains("1  replayed");
            device.awaitRows(2);
        }
    }

    @Test
    void deadLettersAreReplayedWhenTheirCauseIsMended() throws Exception {
        try (MutedDevice device = new MutedDevice(stack)) {
            for (int i = 0; i < 300; i++) {
                device.send(i);
            }
            // As large as the server takes: the letter has no room for all of it.
            device.send(8 * 1024 * 1024 - 200);
            await().atMost(SOON).until(() -> letters(device).size(), count -> count == 301);
            String first = letters(device).get(0);
            Matcher number = LETTER.matcher(first);
            assertThat(number.find()).as(first).isTrue();
            DeadLetter letter =
                    DeadLetter.parseFrom(device.letter(Long.parseLong(number.group(1))).getData());
            assertThat(stack.run("dead-letters", "show", number.group(1)).output())
                    .contains("NO_CONVERSION", device.id(), "2026-11-20T10:00:00Z")
                    .contains("Nats-Msg-Id")
                    .contains("  00000000  0a 07 6f 72 67 2d 30 30");
            assertThat(stack.run(replay(device, "--dry-run")).output()).contains("301  would be");
            try (ReplayLease running = ReplayLease.take(stack.addresses(), "dead_letters")) {
                PonixProcess.Outcome second = stack.ponix().run(replay(device));
                assertThat(second.status()).isEqualTo(1);
                assertThat(second.errors())
                        .contains("is run by process " + ProcessHandle.current().pid())
                        .contains("wait for its end");
                running.check();
            }
            assertThat(letters(device)).hasSize(301);

            device.setTransform("{'size': size(input)}");
            // Until the job knows of it. What comes too early is one letter more.
            await().atMost(SOON)
                    .until(
                            () -> {
                                device.send(1_000);
                                return device.row(
                                                "SELECT count() FROM processed_envelopes WHERE %s")[
                                        0];
                            },
                            rows -> !rows.equals("0"));

            int open = letters(device).size();
            assertThat(stack.run(replay(device)).output()).contains(open + "  replayed");
            await().atMost(SOON)
                    .untilAsserted(
                            () ->
                                    assertThat(
                                                    device.row(
                                                            "SELECT count(),"
                                                                    + " uniqExact(occurred_at),"
                                                                    + " countIf(data.size::Int64 <"
                                                                    + " 300), max(data.size::Int64)"
                                                                    + " FROM processed_envelopes WHERE"
                                                                    + " %s"))
                                            .containsExactly(
                                                    Integer.toString(device.sent()),
                                                    Integer.toString(device.sent()),
                                                    "300",
                                                    Integer.toString(8 * 1024 * 1024 - 200)));
            assertThat(letters(device)).isEmpty();
            assertThat(stack.run(replay(device)).output()).contains("no such dead letter");

            // A replay that ended between publishing an envelope and deleting its letter.
            long before = device.lastRawSequence();
            device.putLetter(letter);
            assertThat(stack.run(replay(device)).output()).contains("1  had been replayed before");
            // A job that started from an old savepoint made a row of it in the meantime.
            String[] row =
                    device.row(
                            "SELECT stream_sequence, toUnixTimestamp64Milli(received_at) FROM"
                                    + " processed_envelopes WHERE %s LIMIT 1");
            device.putLetter(
                    device.newLetter(Long.parseLong(row[0]), Long.parseLong(row[1])).build());
            assertThat(stack.run(replay(device)).output()).contains("1  were rows");
            // The rest of a message that was cut is no longer there.
            long cut =
                    device.putLetter(
                            device.newLetter(before + 1_000_000, 0)
                                    .setRawEnvelopeTruncated(true)
                                    .setRawEnvelopeSize(10)
                                    .build());
            PonixProcess.Outcome outcome = stack.ponix().run(replay(device));
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.output()).contains("1  cannot be replayed", "letter " + cut);
            assertThat(letters(device)).hasSize(1);
            device.deleteLetter(cut);
            assertThat(device.lastRawSequence()).isEqualTo(before);
        }
    }

    private List<String> letters(MutedDevice device) throws Exception {
        return stack.run("dead-letters", "--device", device.id(), "--json", "--limit", "10000")
                .output()
                .lines()
                .toList();
    }

    private String[] replay(MutedDevice device, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "dead-letters",
                                "replay",
                                "--reason",
                                "no_conversion",
                                "--device",
                                device.id(),
                                "--since",
                                "1h"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }
}
