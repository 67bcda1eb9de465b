package io.ponix.migrations;

import java.time.Instant;
import java.util.Optional;

/**
 * What the database knows of one migration.
 *
 * @param id the timestamp in the file's name
 * @param description the words in the file's name
 * @param state whether it is applied
 * @param recordedAt when the database last recorded a step of it; empty when it never did
 */
public record MigrationStatus(
        long id, String description, State state, Optional<Instant> recordedAt) {

    /** Whether a migration is applied. */
    public enum State {
        /** There is a file, and the database does not have it yet. */
        PENDING,
        /** The database has it. */
        APPLIED,
        /** The database has it, but there is no file: a newer release made it. */
        APPLIED_WITHOUT_FILE,
        /**
         * A run stopped in the middle of applying it; {@link Migrations#up()} continues. ClickHouse
         * only.
         */
        PARTLY_APPLIED,
        /**
         * A run stopped in the middle of undoing it; {@link Migrations#down()} continues.
         * ClickHouse only.
         */
        PARTLY_UNDONE
    }
}
