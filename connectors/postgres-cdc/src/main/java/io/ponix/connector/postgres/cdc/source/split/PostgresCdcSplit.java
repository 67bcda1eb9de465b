package io.ponix.connector.postgres.cdc.source.split;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * The one split of the source: a slot read through a publication, and how far. Immutable; the
 * reader keeps a {@link PostgresCdcSplitState} beside it.
 *
 * @param slotName replication slot
 * @param publicationName publication whose changes are read
 * @param position up to where they were read
 */
@Internal
public record PostgresCdcSplit(
        String slotName, String publicationName, ReplicationPosition position)
        implements SourceSplit {

    @Override
    public String splitId() {
        return slotName;
    }
}
