package io.ponix.connector.nats.source.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.StreamInfo;
import io.nats.client.support.JsonParser;
import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.nats.source.settings.RewoundStreamPolicy;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.MessageStamp;
import io.ponix.connector.nats.source.stream.StreamInspector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a detector concludes from messages that a real stream has, has not, or has otherwise. */
class RewindDetectorITCase {

    private static final int MESSAGES = 100;
    private static final long NOW = 1_000;
    private static final long LATER = NOW + RewindDetector.BEHIND_BELIEVED_NANOS;

    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    private String stream;
    private StreamInspector inspector;
    private long[] stored;

    @BeforeEach
    void publish(TestInfo test) throws Exception {
        stream = test.getTestMethod().orElseThrow().getName();
        NATS.createStream(stream, stream + ".*");
        NATS.publish(MESSAGES, stream + ".a");
        inspector = new StreamInspector(NATS.admin().connection(), Duration.ofSeconds(5));
        long[] sequences = new long[MESSAGES];
        for (int i = 0; i < MESSAGES; i++) {
            sequences[i] = i + 1;
        }
        stored = inspector.timestamps(stream, sequences);
    }

    @Test
    void streamThatHasEverythingIsReadOn() throws Exception {
        RewindDetector detector = detector(at(50), at(99), at(100));

        assertThat(detector.atConsumerCreation(101, NOW, info(), inspector)).isEqualTo(101);
        assertThat(detector.rewinds()).isZero();
        assertThat(detector.isSame(info().getStreamState(), inspector)).isTrue();
    }

    @Test
    void whatWasDeletedOrExpiredSaysNothing() throws Exception {
        NATS.management().deleteMessage(stream, 99);
        NATS.management()
                .purgeStream(stream, io.nats.client.PurgeOptions.builder().sequence(50).build());
        RewindDetector detector = detector(at(30), at(70), at(99));

        assertThat(detector.atConsumerCreation(101, NOW, info(), inspector)).isEqualTo(101);
        assertThat(detector.rewinds()).isZero();
    }

    @Test
    void streamThatEndsBeforeWhatWasReadIsReadOnAtItsEnd() throws Exception {
        RewindDetector detector = detector(at(90), at(95), new MessageStamp(130, stored[99] + 30));

        assertThat(detector.atConsumerCreation(131, NOW, info(), inspector)).isEqualTo(101);
        assertThat(detector.rewinds()).isEqualTo(1);
        assertThat(detector.sharedBefore()).isEqualTo(101);
        assertThat(detector.atConsumerCreation(101, NOW, info(), inspector))
                .as("it is known now")
                .isEqualTo(101);
        assertThat(detector.rewinds()).isEqualTo(1);
    }

    @Test
    void leaderOfReplicasThatHasYetToApplyWhatWasReadIsWaitedForHoweverLong() throws Exception {
        RewindDetector detector = detector(at(95), new MessageStamp(130, stored[99] + 30));

        assertThatThrownBy(
                        () -> detector.atConsumerCreation(131, NOW, replicated(info()), inspector))
                .hasMessageContaining("ends at sequence 100, but message 130 was read: waiting");
        assertThatThrownBy(
                        () ->
                                detector.atConsumerCreation(
                                        131, LATER + 100, replicated(info()), inspector))
                .hasMessageContaining("waiting");
        assertThat(detector.rewinds()).isZero();

        // Whoever stores a message has applied all that there is.
        NATS.publish(1, stream + ".a");
        assertThat(detector.atConsumerCreation(131, LATER + 200, replicated(info()), inspector))
                .isEqualTo(101);
        assertThat(detector.rewinds()).isEqualTo(1);
    }

    @Test
    void streamOfReplicasThatEndsEarlierButYoungerIsBelievedAfterAMoment() throws Exception {
        RewindDetector detector = detector(at(95), new MessageStamp(130, stored[97] + 1));

        assertThatThrownBy(
                        () -> detector.atConsumerCreation(131, NOW, replicated(info()), inspector))
                .hasMessageContaining("waiting");
        assertThat(detector.atConsumerCreation(131, LATER, replicated(info()), inspector))
                .isEqualTo(99);
    }

    @Test
    void messageThatALeaderNumbersDifferentlyIsReadOnBehind() throws Exception {
        // Read from a server that had lost two messages, then from one that had twice what another
        // lost.
        for (int difference : new int[] {-2, 3}) {
            MessageStamp last = new MessageStamp(98 + difference, stored[97]);
            MessageStamp before = new MessageStamp(96 + difference, stored[95]);
            RewindDetector detector = detector(at(50), before, last);

            assertThat(
                            detector.atConsumerCreation(
                                    last.sequence() + 1, NOW, replicated(info()), inspector))
                    .isEqualTo(99);
            assertThat(detector.newest()).isEqualTo(at(98));
            assertThat(detector.sharedBefore()).isEqualTo(Math.min(before.sequence(), 99));
            assertThat(detector.isSame(info().getStreamState(), inspector)).isTrue();
            detector.told();
            assertThat(detector.atConsumerCreation(99, NOW, replicated(info()), inspector))
                    .as("it is known now")
                    .isEqualTo(99);
            assertThat(detector.rewinds()).isEqualTo(1);
        }
    }

    @Test
    void messageThatALeaderNumbersDifferentlyIsNotReadInDoubt() throws Exception {
        RewindDetector detector = detector(new MessageStamp(60, stored[59]));
        detector.atConsumerCreation(61, NOW, replicated(info()), inspector);
        detector.read(70, stored[70]);
        assertThat(detector.isSame(info().getStreamState(), inspector)).isTrue();
        detector.read(80, stored[80]);

        assertThat(detector.isSame(info().getStreamState(), inspector)).isFalse();
        assertThat(detector.hasReadInDoubt(info(), inspector)).isTrue();
        assertThat(detector.hasReadInDoubt(replicated(info()), inspector)).isFalse();
    }

    @Test
    void whatWasToldOfOneRewindDoesNotMoveThePositionAtTheNext() throws Exception {
        RewindDetector detector = detector(at(20), new MessageStamp(40, stored[29]));
        assertThat(detector.atConsumerCreation(41, NOW, info(), inspector)).isEqualTo(31);
        assertThat(detector.sharedBefore()).isEqualTo(31);
        detector.told();

        detector.read(80, stored[79]);
        detector.read(130, stored[99] + 30);
        assertThat(detector.atConsumerCreation(131, NOW, info(), inspector)).isEqualTo(101);
        assertThat(detector.sharedBefore()).isEqualTo(101);
    }

    /** The same, as if there were three of it. */
    private static StreamInfo replicated(StreamInfo info) throws Exception {
        String one = "\"num_replicas\":1";
        String json = info.getJv().toJson();
        assertThat(json).contains(one);
        return new StreamInfo(JsonParser.parse(json.replace(one, "\"num_replicas\":3")));
    }

    @Test
    void historiesPartWhereTheTimesSayEvenIfNothingNearIsKnown() throws Exception {
        // Message 80 was read when 60 messages of today's stream had been stored.
        RewindDetector detector = detector(at(10), new MessageStamp(80, stored[59]));
        assertThat(detector.atConsumerCreation(81, NOW, info(), inspector)).isEqualTo(61);

        RewindDetector withoutShared = detector(new MessageStamp(80, stored[59]));
        assertThat(withoutShared.atConsumerCreation(81, NOW, info(), inspector)).isEqualTo(61);

        RewindDetector slowClock = detector(at(70), new MessageStamp(80, stored[59]));
        assertThat(slowClock.atConsumerCreation(81, NOW, info(), inspector))
                .as("message 70 was read")
                .isEqualTo(71);
        RewindDetector fastClock = detector(at(70), new MessageStamp(80, stored[99]));
        assertThat(fastClock.atConsumerCreation(81, NOW, info(), inspector))
                .as("message 80 was not read")
                .isEqualTo(80);
    }

    @Test
    void rewindThatWasNotNoticedInTimeIsNoticedByOlderMessages() throws Exception {
        RewindDetector detector =
                detector(at(50), new MessageStamp(60, stored[54]), at(90), at(100));

        assertThat(detector.atConsumerCreation(101, NOW, info(), inspector)).isEqualTo(56);
    }

    @Test
    void whatIsReadInDoubtIsNoticed() throws Exception {
        RewindDetector detector = detector(at(50), new MessageStamp(60, stored[59]));
        detector.atConsumerCreation(61, NOW, info(), inspector);
        detector.read(70, stored[69]);
        assertThat(detector.isSame(info().getStreamState(), inspector)).isTrue();

        // The last look was at message 70; what follows came behind another one.
        RewindDetector other = detector(new MessageStamp(60, stored[59]));
        other.atConsumerCreation(61, NOW, info(), inspector);
        other.read(70, stored[69] + 1);
        assertThat(other.isSame(info().getStreamState(), inspector))
                .as("message 60 is there")
                .isTrue();
        assertThat(other.isSame(info().getStreamState(), inspector)).isFalse();
        assertThat(other.hasReadInDoubt(info(), inspector)).isFalse();
        other.read(75, stored[74]);
        assertThat(other.isSame(info().getStreamState(), inspector)).isFalse();
        assertThat(other.hasReadInDoubt(info(), inspector)).isTrue();
    }

    @Test
    void splitWithoutHistoryBeginsWithTheMessageBeforeItsPosition() throws Exception {
        RewindDetector detector = detector();
        assertThat(detector.beginAt(81, info().getStreamState(), inspector)).isEqualTo(at(80));
        assertThat(detector.beginAt(81, info().getStreamState(), inspector)).isNull();

        assertThat(detector().beginAt(1, info().getStreamState(), inspector)).isNull();
        assertThat(detector().beginAt(200, info().getStreamState(), inspector)).isNull();
    }

    @Test
    void policyOrAnEndThatIsASequenceMakeItFail() {
        MessageStamp lost = new MessageStamp(130, stored[99] + 30);
        assertThatThrownBy(
                        () ->
                                detector(RewoundStreamPolicy.FAIL, JetStreamSplit.NO_STOP, lost)
                                        .atConsumerCreation(131, NOW, info(), inspector))
                .isInstanceOf(RewoundStreamException.class)
                .hasMessageContaining("was read up to sequence 130")
                .hasMessageContaining("ends at sequence 100")
                .hasMessageContaining("from sequence 101 on")
                .hasMessageContaining("'reread'");
        assertThatThrownBy(
                        () ->
                                detector(RewoundStreamPolicy.REREAD, 200, lost)
                                        .atConsumerCreation(131, NOW, info(), inspector))
                .isInstanceOf(RewoundStreamException.class)
                .hasMessageContaining("bounded source");
    }

    private MessageStamp at(int sequence) {
        return new MessageStamp(sequence, stored[sequence - 1]);
    }

    private StreamInfo info() throws Exception {
        return inspector.streamInfo(stream);
    }

    private RewindDetector detector(MessageStamp... history) {
        return detector(RewoundStreamPolicy.REREAD, JetStreamSplit.NO_STOP, history);
    }

    private RewindDetector detector(
            RewoundStreamPolicy policy, long stoppingSequence, MessageStamp... history) {
        return new RewindDetector(
                new JetStreamSplit(
                        stream,
                        ">",
                        1,
                        stoppingSequence,
                        1,
                        List.of(),
                        new ArrayList<>(List.of(history))),
                policy,
                "--rewound",
                new ReaderMetrics(
                        InternalSourceReaderMetricGroup.mock(
                                UnregisteredMetricsGroup.createOperatorMetricGroup())));
    }
}
