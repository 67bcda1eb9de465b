package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.connector.postgres.cdc.source.PostgresChange;
import io.ponix.connector.postgres.cdc.source.split.ReplicationPosition;

/**
 * What the fetching thread hands to the task's thread.
 *
 * @param position where reading stands once this element has been emitted
 * @param change null for an element that only moves the position: the end of a transaction
 */
record PositionedChange(ReplicationPosition position, PostgresChange change) {}
