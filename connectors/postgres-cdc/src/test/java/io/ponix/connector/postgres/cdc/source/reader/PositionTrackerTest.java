package io.ponix.connector.postgres.cdc.source.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.debezium.data.Envelope;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.PostgresCdcException.Problem;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.split.ReplicationPosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

/**
 * Streams as Debezium delivers them: changes carry the end of the transaction before theirs, and an
 * end record follows each.
 */
class PositionTrackerTest {

    private static final Schema ROW =
            SchemaBuilder.struct()
                    .name("t.Value")
                    .optional()
                    .field("id", Schema.INT64_SCHEMA)
                    .build();
    private static final Schema SOURCE =
            SchemaBuilder.struct()
                    .field("schema", Schema.STRING_SCHEMA)
                    .field("table", Schema.STRING_SCHEMA)
                    .build();
    private static final Envelope ENVELOPE =
            Envelope.defineSchema()
                    .withName("t.Envelope")
                    .withRecord(ROW)
                    .withSource(SOURCE)
                    .build();

    /**
     * Transaction 7 (ends at 150): a change at 110, two at 120, one at 130. Transaction 9 (ends at
     * 250): one at 90, begun earlier.
     */
    private static final List<SourceRecord> STREAM =
            List.of(
                    change(100, 7, 110, 1),
                    change(100, 7, 120, 2),
                    change(100, 7, 120, 3),
                    change(100, 7, 130, 4),
                    end(150, 7),
                    change(150, 9, 90, 5),
                    end(250, 9));

    @Test
    void everyChangeHasItsOwnPosition() {
        PositionTracker tracker = new PositionTracker(at(100));
        assertThat(STREAM.stream().map(tracker::track).map(PositionedChange::position))
                .containsExactly(
                        at(100).within(7, 110, 0),
                        at(100).within(7, 120, 0),
                        at(100).within(7, 120, 1),
                        at(100).within(7, 130, 0),
                        at(150),
                        at(150).within(9, 90, 0),
                        at(250));
        assertThat(tracker.position()).isEqualTo(at(250));
    }

    @Test
    void restoredBehindAnyChangeExactlyTheRestIsPassedOn() {
        List<PositionedChange> all = pass(new PositionTracker(at(100)), STREAM);
        for (int read = 0; read < all.size(); read++) {
            ReplicationPosition restored = all.get(read).position();
            // Postgres sends the transactions that end behind the restored one.
            List<SourceRecord> sent =
                    STREAM.subList(
                            restored.committed().value() == 100
                                    ? 0
                                    : restored.committed().value() == 150 ? 5 : 7,
                            7);
            assertThat(ids(pass(new PositionTracker(restored), sent)))
                    .as("restored at " + restored)
                    .isEqualTo(ids(all.subList(read + 1, all.size())));
        }
    }

    @Test
    void aReconnectInTheMiddleOfATransactionRepeatsNothing() {
        PositionTracker tracker = new PositionTracker(at(100));
        assertThat(ids(pass(tracker, STREAM.subList(0, 3)))).containsExactly(1L, 2L, 3L);
        tracker.restarted(1);
        assertThat(ids(pass(tracker, STREAM))).containsExactly(4L, 5L);
    }

    @Test
    void theOneReconnectAfterTheOtherRepeatsNothingEither() {
        PositionTracker tracker = new PositionTracker(at(100));
        pass(tracker, STREAM.subList(0, 3));
        tracker.restarted(1);
        assertThat(pass(tracker, STREAM.subList(0, 2))).isEmpty();
        tracker.restarted(1);
        assertThat(ids(pass(tracker, STREAM))).containsExactly(4L, 5L);
    }

    @Test
    void positionsAreOfTheLogTheyWereReadFrom() {
        PositionTracker tracker = new PositionTracker(at(100).on(1));
        assertThat(tracker.track(STREAM.get(0)).position())
                .isEqualTo(at(100).on(1).within(7, 110, 0));
        tracker.restarted(2);
        assertThat(tracker.position())
                .as("until the rest of the transaction is sent")
                .isEqualTo(at(100).on(1).within(7, 110, 0));
        assertThat(pass(tracker, STREAM))
                .extracting(change -> change.position().timeline())
                .containsOnly(2);
        assertThat(tracker.position()).isEqualTo(at(250).on(2));
    }

    @Test
    void aTransactionThatWasReadInPartAndIsGoneIsNotPassedOver() {
        for (SourceRecord next : List.of(change(100, 9, 90, 5), end(250, 9))) {
            PositionTracker tracker = new PositionTracker(at(100).on(1));
            tracker.track(STREAM.get(0));
            tracker.restarted(2);
            assertThatThrownBy(() -> tracker.track(next))
                    .isInstanceOfSatisfying(
                            PostgresCdcException.class,
                            e -> assertThat(e.problem()).isEqualTo(Problem.STATE_AHEAD_OF_SERVER))
                    .hasMessageContaining("read in part")
                    .hasMessageContaining("with resnapshot");
        }
    }

    @Test
    void aTransactionThatIsNoLongerPublishedDoesNotHideTheNext() {
        // Partly read when it was; now the next one comes first.
        PositionTracker tracker = new PositionTracker(at(100).within(5, 200, 0));
        assertThat(ids(pass(tracker, STREAM))).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    private static ReplicationPosition at(long lsn) {
        return ReplicationPosition.between(new WalPosition(lsn));
    }

    private static List<PositionedChange> pass(
            PositionTracker tracker, List<SourceRecord> records) {
        List<PositionedChange> passed = new ArrayList<>();
        for (SourceRecord record : records) {
            PositionedChange change = tracker.track(record);
            if (change != null) {
                passed.add(change);
            }
        }
        return passed;
    }

    private static List<Long> ids(List<PositionedChange> changes) {
        return changes.stream()
                .filter(change -> change.change() != null)
                .map(change -> change.change().after().getInt64("id"))
                .toList();
    }

    private static SourceRecord change(long committed, long transaction, long lsn, long id) {
        Struct value =
                ENVELOPE.create(
                        new Struct(ROW).put("id", id),
                        new Struct(SOURCE).put("schema", "public").put("table", "t"),
                        null);
        return new SourceRecord(
                Map.of(), offset(committed, transaction, lsn), "t", ENVELOPE.schema(), value);
    }

    private static SourceRecord end(long committed, long transaction) {
        Schema schema =
                SchemaBuilder.struct()
                        .name("io.debezium.connector.common.TransactionMetadataValue")
                        .build();
        return new SourceRecord(
                Map.of(),
                offset(committed, transaction, committed),
                "transaction",
                schema,
                new Struct(schema));
    }

    private static Map<String, Object> offset(long committed, long transaction, long lsn) {
        return new HashMap<>(Map.of("lsn_commit", committed, "txId", transaction, "lsn", lsn));
    }
}
