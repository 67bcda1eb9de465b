package io.ponix.migrations;

import java.util.List;
import java.util.Optional;

/**
 * The migrations of one database. Every operation is safe to repeat and to run from several
 * processes at once: the second one waits for the first and then finds nothing left to do.
 */
public interface Migrations {

    /**
     * Applies all pending migrations, oldest first.
     *
     * @return those that were applied by this call, in order; empty when the database was up to
     *     date
     * @throws MigrationException when the database cannot be reached, a file is not a migration or
     *     a statement fails; the message names the setting, or the file and the statement
     */
    default List<Migration> up() {
        return upTo(Long.MAX_VALUE);
    }

    /**
     * Applies the pending migrations up to one of them, oldest first.
     *
     * @param newest the timestamp of the last migration to apply; {@code Long.MAX_VALUE} for all
     * @return those that were applied by this call, in order
     * @throws MigrationException as {@link #up()} does, and when no file has that timestamp
     */
    List<Migration> upTo(long newest);

    /**
     * Undoes the newest applied migration.
     *
     * @return the migration that was undone, or empty when none is applied
     * @throws MigrationException as {@link #up()} does, and when the file of the migration is
     *     missing
     */
    Optional<Migration> down();

    /**
     * Tells which migrations are applied. Changes nothing, and does not wait for a run that is
     * under way.
     *
     * @return one entry for every migration that has a file or is recorded in the database, oldest
     *     first
     * @throws MigrationException when the database cannot be reached or a file is not a migration
     */
    default List<MigrationStatus> status() {
        return report().statuses();
    }

    /**
     * Compares the files with what the database has recorded. Changes nothing, and does not wait
     * for a run that is under way.
     *
     * @throws MigrationException when the database cannot be reached or a file is not a migration
     */
    MigrationReport report();
}
