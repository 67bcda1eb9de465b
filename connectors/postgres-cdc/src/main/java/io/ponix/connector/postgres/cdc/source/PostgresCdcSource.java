package io.ponix.connector.postgres.cdc.source;

import io.ponix.connector.postgres.cdc.source.change.PostgresChangeDeserializer;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumerator;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorState;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorState.Phase;
import io.ponix.connector.postgres.cdc.source.enumerator.PostgresCdcEnumeratorStateSerializer;
import io.ponix.connector.postgres.cdc.source.reader.PostgresCdcSourceReader;
import io.ponix.connector.postgres.cdc.source.settings.PostgresCdcSettings;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplit;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplitSerializer;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Streams the row-level changes of a Postgres publication, by logical replication (plugin pgoutput,
 * read through Debezium). Postgres 14 or newer, a primary.
 *
 * <p><b>Guarantee.</b> Exactly once within the job: every change committed after the slot was
 * created is emitted, in the order of the commits; a restored job continues behind the very change
 * its checkpoint saw, also in the middle of a transaction. The position in Flink's state is the
 * only truth. Postgres is told about it only after a checkpoint has completed, only up to the end
 * of the last transaction read completely before it, and less {@link
 * PostgresCdcSourceBuilder#setRestorableWalBytes}; nothing else ever moves the slot. So without
 * checkpointing the slot is never confirmed, and Postgres keeps its log for ever.
 *
 * <p><b>No snapshot.</b> Rows that existed before the slot are not emitted. An operator that needs
 * them loads them by SQL once the slot exists, see {@link
 * io.ponix.connector.postgres.cdc.slot.ReplicationSlotAwaiter}. A start without state on an
 * existing slot begins at what was confirmed last: changes may then be emitted that such an
 * operator has loaded already.
 *
 * <p><b>The slot</b> is created by a fresh start, in the JobManager, before any change is read; it
 * is never dropped and never created again for a restored job. A slot that is missing, invalidated,
 * ahead of the state or in use by another connection fails the job with its own error, see {@link
 * io.ponix.connector.postgres.cdc.PostgresCdcException.Problem}; {@link
 * PostgresCdcSourceBuilder#setResnapshot} is the way out for a job that can load its tables again.
 * Remember to drop the slot when the job is retired ({@code SELECT
 * pg_drop_replication_slot('...')}): until then it keeps WAL.
 *
 * <p><b>Older states.</b> What was confirmed cannot be read again. A checkpoint or savepoint that
 * is not the latest can be restored while no more than {@link
 * PostgresCdcSourceBuilder#setRestorableWalBytes} was written to Postgres' log since it was taken.
 *
 * <p><b>Failures of Postgres</b> (restart, lost connection) do not fail the job: the reader
 * reconnects with growing pauses, from its position.
 *
 * <p><b>Failover.</b> From Postgres 17 on the slot is one that standbys may keep a copy of; after a
 * promotion the reader goes on from there, if the connection's address leads to the new primary or
 * its hosts name it. Standbys are waited for, and so is a server that was failed over from and came
 * back. A new primary that lacks changes which were read fails the job: its history is compared
 * with the timeline of the position. So that this does not happen, name the standby's slot in
 * {@code synchronized_standby_slots}.
 *
 * <p>A slot has one consumer, so the source reads with one reader: run it with {@code
 * setParallelism(1)}; further readers idle.
 *
 * @param <OUT> type of the records
 */
@PublicEvolving
public final class PostgresCdcSource<OUT>
        implements Source<OUT, PostgresCdcSplit, PostgresCdcEnumeratorState>,
                ResultTypeQueryable<OUT> {

    private static final long serialVersionUID = 1L;

    private final PostgresCdcSettings settings;
    private final PostgresChangeDeserializer<OUT> deserializer;

    PostgresCdcSource(PostgresCdcSettings settings, PostgresChangeDeserializer<OUT> deserializer) {
        this.settings = settings;
        this.deserializer = deserializer;
    }

    /**
     * Starts with the defaults; connection, slot, publication and deserializer have to be given.
     */
    public static <OUT> PostgresCdcSourceBuilder<OUT> builder() {
        return new PostgresCdcSourceBuilder<>();
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SplitEnumerator<PostgresCdcSplit, PostgresCdcEnumeratorState> createEnumerator(
            SplitEnumeratorContext<PostgresCdcSplit> context) {
        return new PostgresCdcEnumerator(
                context, settings, new PostgresCdcEnumeratorState(Phase.SLOT_NOT_READY, null));
    }

    @Override
    public SplitEnumerator<PostgresCdcSplit, PostgresCdcEnumeratorState> restoreEnumerator(
            SplitEnumeratorContext<PostgresCdcSplit> context,
            PostgresCdcEnumeratorState checkpoint) {
        return new PostgresCdcEnumerator(context, settings, checkpoint);
    }

    @Override
    public SourceReader<OUT, PostgresCdcSplit> createReader(SourceReaderContext context) {
        return PostgresCdcSourceReader.create(context, settings, deserializer);
    }

    @Override
    public SimpleVersionedSerializer<PostgresCdcSplit> getSplitSerializer() {
        return new PostgresCdcSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<PostgresCdcEnumeratorState>
            getEnumeratorCheckpointSerializer() {
        return new PostgresCdcEnumeratorStateSerializer();
    }

    @Override
    public TypeInformation<OUT> getProducedType() {
        return deserializer.getProducedType();
    }

    PostgresCdcSettings settings() {
        return settings;
    }
}
