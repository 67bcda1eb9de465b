package io.ponix.connector.postgres.cdc.source.enumerator;

import io.ponix.connector.postgres.cdc.source.split.PostgresCdcSplit;
import org.apache.flink.annotation.Internal;

/**
 * What the enumerator knows at a checkpoint.
 *
 * @param phase how far the one split has come
 * @param split the split while the enumerator holds it, that is in {@link Phase#UNASSIGNED};
 *     otherwise null
 */
@Internal
public record PostgresCdcEnumeratorState(Phase phase, PostgresCdcSplit split) {

    /** The life of the one split. */
    public enum Phase {
        /** The slot was not known to exist: it may be created. */
        SLOT_NOT_READY,
        /** The slot exists; no reader has the split. */
        UNASSIGNED,
        /** A reader has the split, and its own state the position. */
        ASSIGNED
    }

    public PostgresCdcEnumeratorState {
        if ((phase == Phase.UNASSIGNED) != (split != null)) {
            throw new IllegalArgumentException(
                    "A split is held in the phase UNASSIGNED and only there");
        }
    }
}
