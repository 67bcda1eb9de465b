package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.split.ReplicationPosition;

/**
 * What the fetching thread hands to the task's thread.
 *
 * @param position where reading stands once this element has been emitted
 * @param change null for an element that only moves the position (the end of a transaction) or
 *     tells of the publication
 * @param published the publication where it is whole again; otherwise null
 */
record PositionedChange(
        ReplicationPosition position, PostgresChange change, PublicationState published) {

    PositionedChange(ReplicationPosition position, PostgresChange change) {
        this(position, change, null);
    }
}
