package io.ponix.connector.nats.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.connector.nats.FlinkFixture;
import io.ponix.connector.nats.NatsFixture;
import io.ponix.connector.nats.source.settings.RecreatedStreamPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job's state meets other settings, or another stream, than it was written with: what is
 * configured takes effect, and no message is lost, doubled, or mistaken for another.
 */
@Timeout(60)
class JetStreamSourceChangesITCase {

    @RegisterExtension static final MiniClusterExtension FLINK = FlinkFixture.withSlots(2);

    @RegisterExtension static final NatsFixture NATS = new NatsFixture();

    @TempDir Path state;

    private String stream;

    @BeforeEach
    void nameStream(TestInfo test) {
        stream = test.getTestMethod().orElseThrow().getName();
    }

    @Test
    void changedSubjectsTakeEffectOnRestore() throws Exception {
        NATS.createStream(stream, stream + ".>");
        NATS.publish(300, stream + ".a.x", stream + ".b.x", stream + ".c.x");
        LedgerJob job = start(filters("a.*", "b.*"), null);
        job.awaitSize(200);
        String savepoint = job.stopWithSavepoint(state);
        NATS.publish(300, stream + ".a.x", stream + ".b.x", stream + ".c.x");

        // a stays, b is not read any more, c is new and starts at the beginning.
        job.ledger().clear();
        LedgerJob changed;
        try (CapturedLog log = CapturedLog.open()) {
            changed = start(filters("a.*", "c.*"), savepoint);
            changed.awaitSize(500);
            assertThat(log.lines())
                    .anySatisfy(line -> assertThat(line).contains("removed", stream + ".b.*"))
                    .anySatisfy(line -> assertThat(line).contains("new: split", stream + ".c.*"));
        }
        changed.awaitCheckpoint();
        changed.cancel();

        List<Long> expected = new ArrayList<>();
        for (long sequence = 1; sequence <= 600; sequence++) {
            boolean ofB = sequence % 3 == 2;
            if (!ofB || sequence <= 300) {
                expected.add(sequence);
            }
        }
        assertThat(changed.ledger().sequences()).isEqualTo(expected);
    }

    @Test
    void wildcardReplacesPartitionsAndPartitionsTheWildcardWithoutARepetition() throws Exception {
        NATS.createStream(stream, stream + ".*.*");
        // b is ahead of a, c is not read yet.
        NATS.publish(100, stream + ".a.x", stream + ".b.x", stream + ".b.x", stream + ".c.x");
        LedgerJob partitions = start(filters("a.*", "b.*"), null);
        partitions.awaitSize(75);
        String first = partitions.stopWithSavepoint(state);
        NATS.publish(100, stream + ".a.x", stream + ".b.x", stream + ".b.x", stream + ".c.x");

        partitions.ledger().clear();
        LedgerJob wildcard;
        try (CapturedLog log = CapturedLog.open()) {
            wildcard = start(filters("*.*"), first);
            wildcard.awaitSize(200);
            assertThat(log.lines())
                    .anySatisfy(
                            line -> assertThat(line).contains("goes on where removed ones were"));
        }
        wildcard.awaitCheckpoint();
        assertThat(wildcard.ledger().sequences()).isEqualTo(range(1, 200));
        String second = wildcard.stopWithSavepoint(state);
        NATS.publish(100, stream + ".a.x", stream + ".b.x", stream + ".b.x", stream + ".c.x");

        wildcard.ledger().clear();
        LedgerJob again = start(filters("a.*", "b.*", "c.*"), second);
        again.awaitSize(300);
        again.awaitCheckpoint();
        again.cancel();
        assertThat(again.ledger().sequences()).isEqualTo(range(1, 300));
        assertThat(again.ledger().processed()).as("nothing was processed twice").isEqualTo(300);
    }

    @Test
    void streamThatWasCreatedAgainIsNotMistakenForTheOldOne() throws Exception {
        NATS.createStream(stream, stream + ".*");
        NATS.publish(100, stream + ".a");
        LedgerJob job = start(all(), null);
        job.awaitSize(100);
        String savepoint = job.stopWithSavepoint(state);
        NATS.management().deleteStream(stream);
        NATS.createStream(stream, stream + ".*");
        NATS.publish(150, stream + ".a"); // has grown past the old position

        LedgerJob refused = LedgerJob.startWithoutRestarts(all().build(), stream, state, savepoint);
        assertThat(ExceptionUtils.stringifyException(refused.awaitFailure()))
                .contains("Stream '" + stream + "' was deleted and created again")
                .contains("was read up to sequence 100")
                .contains("start-over");

        refused.ledger().clear();
        LedgerJob startedOver =
                start(all().setRecreatedStreamPolicy(RecreatedStreamPolicy.START_OVER), savepoint);
        startedOver.awaitSize(250);
        String later = startedOver.stopWithSavepoint(state);
        List<Long> expected = range(1, 100);
        expected.addAll(range(1, 150));
        expected.sort(null);
        assertThat(startedOver.ledger().sequences()).isEqualTo(expected);

        startedOver.ledger().clear();
        LedgerJob goingOn = start(all(), later);
        NATS.publish(10, stream + ".a");
        goingOn.awaitSize(260);
        goingOn.cancel();
        expected.addAll(range(151, 160));
        expected.sort(null);
        assertThat(goingOn.ledger().sequences()).isEqualTo(expected);

        goingOn.ledger().clear();
        LedgerJob keeping =
                start(
                        all().setRecreatedStreamPolicy(RecreatedStreamPolicy.KEEP_POSITION),
                        savepoint);
        keeping.awaitSize(160);
        keeping.cancel();
        assertThat(keeping.ledger().sequences()).isEqualTo(range(1, 160));
    }

    @Test
    void filterWithoutMessagesBelongsToTheNewStreamToo() throws Exception {
        NATS.createStream(stream, stream + ".*.*");
        NATS.publish(100, stream + ".a.x");
        LedgerJob job = start(filters("a.*", "b.*"), null);
        job.awaitSize(100);
        String savepoint = job.stopWithSavepoint(state);
        NATS.management().deleteStream(stream);
        NATS.createStream(stream, stream + ".*.*");
        NATS.publish(150, stream + ".a.x");

        job.ledger().clear();
        LedgerJob startedOver =
                start(
                        filters("a.*", "b.*")
                                .setRecreatedStreamPolicy(RecreatedStreamPolicy.START_OVER),
                        savepoint);
        startedOver.awaitSize(250);
        startedOver.awaitCheckpoint();
        String later = startedOver.stopWithSavepoint(state);

        // It is accepted once and for all, not only for the filter that has read something of it.
        startedOver.ledger().clear();
        LedgerJob goingOn =
                LedgerJob.startWithoutRestarts(filters("a.*", "b.*").build(), stream, state, later);
        NATS.publish(20, stream + ".a.x", stream + ".b.x");
        goingOn.awaitSize(270);
        goingOn.cancel();
    }

    @Test
    void streamThatIsCreatedAgainWhileItIsReadIsNotMistakenForTheOldOne() throws Exception {
        NATS.createStream(stream, stream + ".*");
        NATS.publish(100, stream + ".a");
        LedgerJob job =
                start(all().setRecreatedStreamPolicy(RecreatedStreamPolicy.START_OVER), null);
        job.awaitSize(100);
        job.awaitCheckpoint();

        NATS.management().deleteStream(stream);
        NATS.createStream(stream, stream + ".*");
        NATS.publish(150, stream + ".a");
        job.awaitSize(250);
        job.awaitCheckpoint();
        job.cancel();

        List<Long> expected = range(1, 100);
        expected.addAll(range(1, 150));
        expected.sort(null);
        assertThat(job.ledger().sequences()).isEqualTo(expected);
    }

    @Test
    void streamThatIsDeletedWhileItIsReadFailsTheJob() throws Exception {
        NATS.createStream(stream, stream + ".*");
        NATS.publish(10, stream + ".a");
        LedgerJob job = LedgerJob.startWithoutRestarts(all().build(), stream, state, null);
        job.awaitSize(10);
        job.awaitCheckpoint();
        NATS.management().deleteStream(stream);

        assertThat(ExceptionUtils.stringifyException(job.awaitFailure()))
                .contains("Stream '" + stream + "' does not exist any more");
    }

    private LedgerJob start(JetStreamSourceBuilder<Long> source, String savepoint)
            throws Exception {
        return LedgerJob.start(source.build(), stream, 2, state, savepoint);
    }

    private JetStreamSourceBuilder<Long> filters(String... filters) {
        List<String> subjects = new ArrayList<>();
        for (String filter : filters) {
            subjects.add(stream + "." + filter);
        }
        return all().setFilterSubjects(subjects).allowUncoveredSubjects();
    }

    private JetStreamSourceBuilder<Long> all() {
        return JetStreamSource.<Long>builder()
                .setConnection(NATS.connection())
                .setStream(stream)
                .setDeserializer(new SequenceDeserializer());
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().collect(Collectors.toList());
    }
}
