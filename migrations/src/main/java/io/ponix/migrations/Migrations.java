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
    List<Migration> up();

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
    List<MigrationStatus> status();
}
