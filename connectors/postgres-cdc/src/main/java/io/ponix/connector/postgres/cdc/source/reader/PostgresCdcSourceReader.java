package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.change.PostgresChangeDeserializer;
import io.ponix.connector.postgres.cdc.source.settings.PostgresCdcSettings;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplit;
import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplitState;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.SingleThreadMultiplexSourceReaderBase;

/**
 * Reads the one split and remembers which position each checkpoint saw, so that no position is
 * confirmed to Postgres that is not in a completed checkpoint.
 *
 * @param <OUT> type of the records
 */
@SuppressWarnings("try") // The interface's close() throws Exception, which javac takes to include
// InterruptedException.
@Internal
public final class PostgresCdcSourceReader<OUT>
        extends SingleThreadMultiplexSourceReaderBase<
                PositionedChange, OUT, PostgresCdcSplit, PostgresCdcSplitState> {

    private final TreeMap<Long, WalPosition> positionsByCheckpoint = new TreeMap<>();
    private final ConfirmablePositions confirmablePositions;
    private final AtomicReference<WalPosition> confirmable;
    private final AtomicBoolean awaitedByStandby;

    private PostgresCdcSourceReader(
            SourceReaderContext context,
            PostgresCdcSettings settings,
            PostgresChangeDeserializer<OUT> deserializer,
            PostgresCdcSourceMetrics metrics,
            AtomicReference<WalPosition> confirmable,
            AtomicBoolean awaitedByStandby) {
        super(
                () -> new PostgresCdcSplitReader(settings, metrics, confirmable, awaitedByStandby),
                new PostgresCdcRecordEmitter<>(deserializer, metrics),
                context.getConfiguration(),
                context);
        this.confirmablePositions = new ConfirmablePositions(settings.restorableWalBytes());
        this.confirmable = confirmable;
        this.awaitedByStandby = awaitedByStandby;
    }

    public static <OUT> PostgresCdcSourceReader<OUT> create(
            SourceReaderContext context,
            PostgresCdcSettings settings,
            PostgresChangeDeserializer<OUT> deserializer) {
        return new PostgresCdcSourceReader<>(
                context,
                settings,
                deserializer,
                new PostgresCdcSourceMetrics(context.metricGroup()),
                new AtomicReference<>(),
                new AtomicBoolean());
    }

    @Override
    public List<PostgresCdcSplit> snapshotState(long checkpointId) {
        List<PostgresCdcSplit> splits = super.snapshotState(checkpointId);
        if (!splits.isEmpty()) {
            positionsByCheckpoint.put(checkpointId, splits.get(0).position().committed());
        }
        return splits;
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        WalPosition position = positionsByCheckpoint.get(checkpointId);
        // Earlier checkpoints are subsumed; notifications may skip them.
        positionsByCheckpoint.headMap(checkpointId, true).clear();
        if (position != null) {
            WalPosition next =
                    awaitedByStandby.get()
                            ? confirmablePositions.completeAndKeepNothing(position)
                            : confirmablePositions.complete(position);
            if (next != null) {
                confirmable.set(next);
            }
        }
    }

    @Override
    protected PostgresCdcSplitState initializedState(PostgresCdcSplit split) {
        return new PostgresCdcSplitState(split);
    }

    @Override
    protected PostgresCdcSplit toSplitType(String splitId, PostgresCdcSplitState splitState) {
        return splitState.toSplit();
    }

    @Override
    protected void onSplitFinished(Map<String, PostgresCdcSplitState> finishedSplits) {
        throw new IllegalStateException(
                "A replication slot has no end, but was finished: " + finishedSplits.keySet());
    }
}
