package io.ponix.connector.postgres.cdc.source.reader;

import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.SourceInfo;
import io.debezium.data.Envelope;
import io.ponix.connector.postgres.cdc.PostgresCdcException;
import io.ponix.connector.postgres.cdc.PostgresCdcException.Problem;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange.Operation;
import io.ponix.connector.postgres.cdc.source.split.ReplicationPosition;
import java.util.Map;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Gives every record of Debezium its position, and leaves out those that were read before a
 * reconnect or restart.
 *
 * <p>Leans on these properties of Debezium's Postgres connector 3.6: the offset of each record
 * carries under {@code lsn_commit} the end of the last transaction that was complete when the
 * record was made; with {@code provide.transaction.metadata} a record follows each transaction,
 * whose offset carries the end of that very transaction; {@code lsn} and {@code txId} are the
 * change's own.
 */
final class PositionTracker {

    private ReplicationPosition position;

    // Where the stream stands, which is behind the position while a transaction is read again.
    private long streamTransactionId;
    private long streamLsn;
    private int streamOrdinal;
    private int streamTimeline;

    PositionTracker(ReplicationPosition position) {
        this.position = position;
        this.streamTimeline = position.timeline();
    }

    /** Up to where records were returned. */
    ReplicationPosition position() {
        return position;
    }

    /**
     * The stream begins again at the end of the last completely read transaction.
     *
     * @param timeline of the log it is read from
     */
    void restarted(int timeline) {
        streamTransactionId = 0;
        streamTimeline = timeline;
        // Whether another server's log has the rest of a transaction shows when it is sent.
        if (!position.isWithinTransaction() || position.timeline() == 0) {
            position = position.on(timeline);
        }
    }

    /**
     * Returns the record with its position, or null if there is nothing to pass on.
     *
     * @throws PostgresCdcException if a transaction was read in part from the log of another
     *     server, and this one's goes on without it
     */
    PositionedChange track(SourceRecord record) {
        Map<String, ?> offset = record.sourceOffset();
        Long committed = (Long) offset.get(PostgresOffsetContext.LAST_COMMIT_LSN_KEY);
        boolean moved = false;
        if (committed != null) {
            WalPosition end = new WalPosition(committed);
            if (end.isAfter(position.committed())) {
                requireRestOfTransaction();
                position = position.movedTo(end);
                moved = true;
            }
        }
        PostgresChange change = toChange(record);
        if (change == null) {
            return moved ? new PositionedChange(position, null) : null;
        }
        long transactionId = (Long) offset.get(SourceInfo.TXID_KEY);
        long lsn = (Long) offset.get(SourceInfo.LSN_KEY);
        if (transactionId == streamTransactionId && lsn == streamLsn) {
            streamOrdinal++;
        } else {
            streamTransactionId = transactionId;
            streamLsn = lsn;
            streamOrdinal = 0;
        }
        if (transactionId != position.transactionId()) {
            requireRestOfTransaction();
        } else if (position.timeline() != streamTimeline) {
            position = position.on(streamTimeline);
        }
        if (position.covers(transactionId, lsn, streamOrdinal)) {
            return null;
        }
        position = position.within(transactionId, lsn, streamOrdinal);
        return new PositionedChange(position, change);
    }

    /**
     * That another server has what was read of the transaction was looked at before (then it has
     * not given the id to another one either), not that it has the commit.
     */
    private void requireRestOfTransaction() {
        if (position.isWithinTransaction() && position.timeline() != streamTimeline) {
            throw new PostgresCdcException(
                    Problem.STATE_AHEAD_OF_SERVER,
                    String.format(
                            "A transaction was read in part, up to %s of timeline %d, and the server does not have it, whose timeline"
                                    + " is %d: a standby was promoted that had not received it. Start the job without state, or with resnapshot, so"
                                    + " that tables are loaded again. To prevent it, name the slot of the standby in synchronized_standby_slots of"
                                    + " the primary.",
                            position, position.timeline(), streamTimeline));
        }
    }

    private static PostgresChange toChange(SourceRecord record) {
        if (record.valueSchema() == null || !Envelope.isEnvelopeSchema(record.valueSchema())) {
            return null;
        }
        Struct value = (Struct) record.value();
        String code = value.getString(Envelope.FieldName.OPERATION);
        Operation operation =
                switch (Envelope.Operation.forCode(code)) {
                    case CREATE -> Operation.INSERT;
                    case UPDATE -> Operation.UPDATE;
                    case DELETE -> Operation.DELETE;
                    case TRUNCATE -> Operation.TRUNCATE;
                    // Logical decoding messages carry no row; rows are read by snapshots, which are
                    // turned off.
                    case MESSAGE, READ -> null;
                };
        if (operation == null) {
            return null;
        }
        return new PostgresChange(
                record,
                operation,
                operation == Operation.TRUNCATE ? null : value.getStruct(Envelope.FieldName.BEFORE),
                operation == Operation.TRUNCATE ? null : value.getStruct(Envelope.FieldName.AFTER),
                value.getStruct(Envelope.FieldName.SOURCE));
    }
}
