package io.ponix.connector.nats.source.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.api.StreamInfo;
import io.nats.client.api.StreamState;
import io.nats.client.support.JsonParser;
import io.ponix.connector.nats.source.settings.GapPolicy;
import io.ponix.connector.nats.source.split.AlreadyRead;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import java.util.List;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.junit.jupiter.api.Test;

class GapDetectorTest {

    private final MetricListener metricListener = new MetricListener();
    private final ReaderMetrics metrics =
            new ReaderMetrics(
                    InternalSourceReaderMetricGroup.mock(metricListener.getMetricGroup()));

    @Test
    void earliestBeginsWithWhatThereIs() throws Exception {
        GapDetector gaps = detector(">", GapPolicy.FAIL);

        assertThat(gaps.atConsumerCreation(JetStreamSplit.EARLIEST, state(500, 900)))
                .isEqualTo(500);
        assertThat(gaps.atConsumerCreation(JetStreamSplit.EARLIEST, state(0, 0)))
                .as("an empty stream has no first sequence")
                .isEqualTo(1);
        assertThat(count(JetStreamSourceMetrics.GAPS)).isZero();
    }

    @Test
    void expiredMessagesFailTheJobWithTheirBounds() {
        GapDetector gaps = detector("s.0.*", GapPolicy.FAIL);

        assertThatThrownBy(() -> gaps.atConsumerCreation(100, state(500, 900)))
                .isInstanceOf(GapException.class)
                .hasMessageContaining("Sequences 100 to 499 of stream 's'")
                .hasMessageContaining("set --gaps to 'continue'");
        assertThat(count(JetStreamSourceMetrics.GAPS)).isEqualTo(1);
        assertThat(count(JetStreamSourceMetrics.MISSING_SEQUENCES)).isEqualTo(400);
    }

    @Test
    void policyMayReadOn() throws Exception {
        GapDetector gaps = detector("s.0.*", GapPolicy.CONTINUE);

        assertThat(gaps.atConsumerCreation(100, state(500, 900))).isEqualTo(500);
        assertThat(count(JetStreamSourceMetrics.MISSING_SEQUENCES)).isEqualTo(400);
    }

    @Test
    void nothingIsMissingAtTheEdges() throws Exception {
        GapDetector gaps = detector("s.0.*", GapPolicy.FAIL);

        assertThat(gaps.atConsumerCreation(500, state(500, 900))).isEqualTo(500);
        assertThat(gaps.atConsumerCreation(901, state(500, 900))).isEqualTo(901);
        assertThat(gaps.atConsumerCreation(901, state(901, 900)))
                .as("everything was purged, all of it read")
                .isEqualTo(901);
    }

    @Test
    void streamThatHasLostItsEndIsNotReadOn() {
        for (GapPolicy policy : GapPolicy.values()) {
            GapDetector gaps = detector(">", policy);

            assertThatThrownBy(() -> gaps.atConsumerCreation(1_000, state(1, 10)))
                    .isInstanceOf(StreamBehindException.class)
                    .hasMessageContaining("ends at sequence 10")
                    .hasMessageContaining("read up to 999")
                    .hasMessageContaining("new uid");
        }
    }

    @Test
    void splitThatContinuesOthersMissesWhatTheyHadNotComeTo() throws Exception {
        GapDetector gaps =
                new GapDetector(
                        new JetStreamSplit(
                                "s",
                                "s.*",
                                JetStreamSplit.EARLIEST,
                                JetStreamSplit.NO_STOP,
                                1,
                                List.of(new AlreadyRead("s.0", 90), new AlreadyRead("s.1", 50)),
                                List.of()),
                        GapPolicy.FAIL,
                        "--gaps",
                        metrics);

        assertThatThrownBy(() -> gaps.atConsumerCreation(JetStreamSplit.EARLIEST, state(60, 900)))
                .hasMessageContaining("Sequences 50 to 59 of stream 's'");
        assertThat(gaps.atConsumerCreation(JetStreamSplit.EARLIEST, state(50, 900))).isEqualTo(50);
        gaps.startOver();
        assertThat(gaps.atConsumerCreation(JetStreamSplit.EARLIEST, state(60, 900)))
                .as("of another stream they had read nothing")
                .isEqualTo(60);
    }

    @Test
    void wholeStreamHasNoHoles() throws Exception {
        GapDetector gaps = detector(">", GapPolicy.FAIL);

        gaps.beforeMessage(5, 5);
        assertThatThrownBy(() -> gaps.beforeMessage(6, 9))
                .hasMessageContaining("Sequences 6 to 8 of stream 's'");
    }

    @Test
    void filterSkipsWhatIsNotItsOwn() {
        GapDetector gaps = detector("s.0.*", GapPolicy.FAIL);

        assertThatCode(() -> gaps.beforeMessage(6, 900)).doesNotThrowAnyException();
    }

    @Test
    void filterThatIsOvertakenByExpiryHasAGap() throws Exception {
        GapDetector gaps = detector("s.0.*", GapPolicy.FAIL);
        gaps.duringReading(100, state(200, 900));

        gaps.beforeMessage(100, 150); // fetched before it expired
        assertThatThrownBy(() -> gaps.beforeMessage(151, 250))
                .hasMessageContaining("Sequences 151 to 199");
    }

    @Test
    void filterThatHadFetchedEverythingHasNone() throws Exception {
        GapDetector gaps = detector("s.0.*", GapPolicy.FAIL);
        gaps.duringReading(100, state(200, 900));

        gaps.beforeMessage(100, 199);
        gaps.beforeMessage(200, 250);

        assertThat(count(JetStreamSourceMetrics.GAPS)).isZero();
    }

    private GapDetector detector(String filter, GapPolicy policy) {
        return new GapDetector(
                new JetStreamSplit("s", filter, 1, JetStreamSplit.NO_STOP),
                policy,
                "--gaps",
                metrics);
    }

    private long count(String metric) {
        return metricListener
                .getMetric(Counter.class, JetStreamSourceMetrics.GROUP, metric)
                .orElseThrow()
                .getCount();
    }

    private static StreamState state(long first, long last) throws Exception {
        return new StreamInfo(
                        JsonParser.parse(
                                "{\"config\":{\"name\":\"s\"},\"created\":\"2026-11-21T00:00:00Z\",\"state\":{\"first_seq\":"
                                        + first
                                        + ",\"last_seq\":"
                                        + last
                                        + "}}"))
                .getStreamState();
    }
}
