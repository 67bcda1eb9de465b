package io.ponix.connector.postgres.cdc.source.split;

import org.apache.flink.annotation.Internal;

/**
 * The split while it is being read: its position moves with every record that is emitted. Used by
 * the task thread only.
 */
@Internal
public final class PostgresCdcSplitState {

    private final PostgresCdcSplit split;
    private ReplicationPosition position;

    public PostgresCdcSplitState(PostgresCdcSplit split) {
        this.split = split;
        this.position = split.position();
    }

    public void setPosition(ReplicationPosition position) {
        this.position = position;
    }

    /** The split as a checkpoint keeps it. */
    public PostgresCdcSplit toSplit() {
        return new PostgresCdcSplit(split.slotName(), split.publicationName(), position);
    }
}
