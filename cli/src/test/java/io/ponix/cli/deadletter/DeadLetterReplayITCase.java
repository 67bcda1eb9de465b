package io.ponix.cli.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.util.Timestamps;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.MessageInfo;
import io.nats.client.api.StreamConfiguration;
import io.ponix.cli.NatsAndClickHouse;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.replay.ReplayResult;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterHeaders;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Letters that cannot be replayed are named, and the others are. */
class DeadLetterReplayITCase {

    private static final String RAW = "raw_envelopes";
    private static final String DEAD_LETTERS = "dead_letters";

    private NatsAndClickHouse servers;
    private Connection connection;
    private JetStreamManagement management;
    private int letters;

    @BeforeEach
    void start(@TempDir Path home) throws Exception {
        servers = NatsAndClickHouse.start(home);
        connection = Nats.connect(servers.natsUrl());
        management = connection.jetStreamManagement();
        management.addStream(
                StreamConfiguration.builder().name(RAW).subjects(RAW + ".*.*").build());
        management.addStream(
                StreamConfiguration.builder()
                        .name(DEAD_LETTERS)
                        .subjects(DEAD_LETTERS + ".>")
                        .build());
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        servers.close();
    }

    @Test
    void whatCannotBeReplayedIsNamedAndWhatIsBehindItIsReplayed() throws Exception {
        putLetter(RAW, RAW + ".3.before");
        long stranger =
                connection
                        .jetStream()
                        .publish(DEAD_LETTERS + ".NO_CONVERSION", new byte[] {-1})
                        .getSeqno();
        // As the client library gives it to a job, and as an earlier version of the job kept it.
        putLetter(RAW, RAW + ".3.größe");
        putLetter(RAW, RAW + ".3.gr\uffc3\uffb6\uffc3\uff9fe");
        putLetter(RAW, RAW + ".3.\u001b[2J 温度 \n*>%");
        putLetter(RAW, RAW + ".3." + "x".repeat(3_900));
        long otherStream = putLetter("gone", RAW + ".3.device");
        long otherSubject = putLetter(RAW, "elsewhere.3.device");
        long noSubject = putLetter(RAW, "");
        long spaces = putLetter(RAW, RAW + ".a b.device");
        putLetter(RAW, RAW + ".3.behind");

        ReplayResult result = replay();

        assertThat(result.replayed()).isEqualTo(6);
        assertThat(result.left().keySet())
                .containsExactlyInAnyOrder(stranger, otherStream, otherSubject, noSubject, spaces);
        assertThat(result.left().values()).doesNotContainNull();
        assertThat(open())
                .containsExactlyInAnyOrder(stranger, otherStream, otherSubject, noSubject, spaces);
        List<String> subjects = new ArrayList<>();
        for (long sequence = 1; sequence <= 6; sequence++) {
            MessageInfo message = management.getMessage(RAW, sequence);
            assertThat(message.getSubject()).matches("raw_envelopes\\.3\\.replay-\\d+-\\d+");
            subjects.add(message.getHeaders().getFirst(DeadLetterHeaders.REPLAY_SUBJECT));
        }
        assertThat(subjects)
                .contains(RAW + ".3.before", RAW + ".3.gr%C3%B6%C3%9Fe", RAW + ".3.behind")
                .allMatch(subject -> subject.matches("[!-~]*"));

        // Begun again, it doubles nothing.
        assertThat(replay().replayed()).isZero();
        assertThat(management.getStreamInfo(RAW).getStreamState().getLastSequence()).isEqualTo(6);
    }

    @Test
    void whatMayBeSpokenForAnotherIsReplayedOnlyByName() throws Exception {
        DeadLetterReason mismatch = DeadLetterReason.DEAD_LETTER_REASON_SUBJECT_MISMATCH;
        long refused = putLetter(mismatch, RAW, RAW + ".3.other");
        putLetter(RAW, RAW + ".3.behind");

        ReplayResult result = replay(LetterFilter.ALL);

        assertThat(result.replayed()).isEqualTo(1);
        assertThat(result.left()).containsOnlyKeys(refused);
        assertThat(result.left().get(refused)).contains("--reason SUBJECT_MISMATCH");
        assertThat(open()).containsExactly(refused);

        assertThat(replay(LetterFilter.ofReason(mismatch)).replayed()).isEqualTo(1);
        assertThat(open()).isEmpty();
    }

    /** Any client may send such headers; the library's reading thread ended at them, for ever. */
    @Test
    @Timeout(60)
    void headersOfAnyBytesKeepNoLetterFromBeingRead() throws Exception {
        long first = putLetter(RAW, RAW + ".3.before");
        putWithHeaders("NATS/1.0\r\nKey: größe\r\n\r\n");
        long last = putLetter(RAW, RAW + ".3.behind");

        assertThat(open()).containsExactly(first, first + 1, last);
        try (DeadLetterReader reader = new DeadLetterReader(servers.addresses())) {
            assertThatThrownBy(() -> reader.letter(first + 1))
                    .isInstanceOf(CommandException.class)
                    .hasMessageContaining("headers cannot be read");
        }
        assertThat(replay().replayed()).isEqualTo(2);
    }

    private void putWithHeaders(String headers) throws Exception {
        byte[] bytes = headers.getBytes(UTF_8);
        try (Socket socket = new Socket("127.0.0.1", URI.create(servers.natsUrl()).getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(
                    "CONNECT {\"verbose\":false,\"headers\":true}\r\nHPUB %s.NO_CONVERSION %d %d\r\n"
                            .formatted(DEAD_LETTERS, bytes.length, bytes.length)
                            .getBytes(UTF_8));
            out.write(bytes);
            out.write("\r\nPING\r\n".getBytes(UTF_8));
            StringBuilder answer = new StringBuilder();
            while (answer.indexOf("PONG\r\n") < 0) {
                int next = socket.getInputStream().read();
                assertThat(next).as("the server closed: %s", answer).isNotNegative();
                answer.append((char) next);
            }
        }
        letters++;
    }

    private ReplayResult replay() {
        return replay(LetterFilter.ofReason(DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION));
    }

    private ReplayResult replay(LetterFilter filter) {
        try (DeadLetterReplay replay = new DeadLetterReplay(servers.addresses())) {
            return replay.run(filter, false, soFar -> {});
        }
    }

    private List<Long> open() {
        List<Long> numbers = new ArrayList<>();
        try (DeadLetterReader reader = new DeadLetterReader(servers.addresses())) {
            reader.read(0, LetterFilter.ALL, false, letter -> numbers.add(letter.number()));
        }
        return numbers;
    }

    private long putLetter(String stream, String subject) throws Exception {
        return putLetter(DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION, stream, subject);
    }

    private long putLetter(DeadLetterReason reason, String stream, String subject)
            throws Exception {
        letters++;
        ByteString raw = ByteString.copyFrom("envelope " + letters, UTF_8);
        return connection
                .jetStream()
                .publish(
                        DeadLetterReasons.subject(DEAD_LETTERS, reason),
                        DeadLetter.newBuilder()
                                .setStream(stream)
                                .setStreamSequence(letters)
                                .setSubject(subject)
                                .setReceivedAt(Timestamps.fromMillis(1_000 + letters))
                                .setReason(reason)
                                .setRawEnvelope(raw)
                                .setRawEnvelopeSize(raw.size())
                                .build()
                                .toByteArray())
                .getSeqno();
    }
}
