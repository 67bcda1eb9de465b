package io.ponix.migrations;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is to be done, found by comparing the files with what the database has recorded. */
final class MigrationPlan {

    private static final Logger LOG = LoggerFactory.getLogger(MigrationPlan.class);

    /** What a database has recorded of one migration. */
    record Recorded(long id, String description, MigrationStatus.State state, Instant at) {}

    private final List<Migration> files;
    private final Map<Long, Recorded> recorded = new HashMap<>();

    /** Takes the migrations that have a file, oldest first, and those that the database knows. */
    MigrationPlan(List<Migration> files, List<Recorded> recorded) {
        this.files = files;
        recorded.forEach(entry -> this.recorded.put(entry.id(), entry));
    }

    /** Returns the migrations to apply, oldest first. */
    List<Migration> pending() {
        Optional<Recorded> newest =
                recorded.values().stream().max(Comparator.comparingLong(Recorded::id));
        List<Migration> pending = new ArrayList<>();
        for (Migration migration : files) {
            Recorded entry = recorded.get(migration.id());
            if (entry == null || entry.state() == MigrationStatus.State.PARTLY_APPLIED) {
                if (newest.isPresent() && migration.id() < newest.get().id()) {
                    throw new MigrationException(
                            migration
                                    + " is not applied, but the newer "
                                    + newest.get().id()
                                    + " ("
                                    + newest.get().description()
                                    + ") is: give its file a timestamp after that, or undo back to it");
                }
                pending.add(migration);
            } else if (entry.state() == MigrationStatus.State.PARTLY_UNDONE) {
                throw new MigrationException(
                        migration
                                + " is half undone, by a run that stopped: finish that first with 'down'");
            }
        }
        for (MigrationStatus status : status()) {
            if (status.state() == MigrationStatus.State.APPLIED_WITHOUT_FILE) {
                LOG.warn(
                        "The database has the migration {} ({}), for which there is no file: it belongs to a newer release",
                        status.id(),
                        status.description());
            }
        }
        return pending;
    }

    /** Returns the migration to undo. */
    Optional<Migration> newestApplied() {
        Optional<Recorded> newest =
                recorded.values().stream().max(Comparator.comparingLong(Recorded::id));
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        Recorded entry = newest.get();
        if (entry.state() == MigrationStatus.State.PARTLY_APPLIED) {
            throw new MigrationException(
                    entry.id()
                            + " ("
                            + entry.description()
                            + ") is half applied, by a run that stopped: finish that first with 'up'");
        }
        return Optional.of(
                files.stream()
                        .filter(migration -> migration.id() == entry.id())
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new MigrationException(
                                                "Cannot undo "
                                                        + entry.id()
                                                        + " ("
                                                        + entry.description()
                                                        + "): there is no file for it; undo it with the release that"
                                                        + " made it")));
    }

    /** Returns the state of each migration, oldest first. */
    List<MigrationStatus> status() {
        List<MigrationStatus> statuses = new ArrayList<>();
        Map<Long, Recorded> withoutFile = new HashMap<>(recorded);
        for (Migration migration : files) {
            Recorded entry = withoutFile.remove(migration.id());
            statuses.add(
                    new MigrationStatus(
                            migration.id(),
                            migration.description(),
                            entry == null ? MigrationStatus.State.PENDING : entry.state(),
                            Optional.ofNullable(entry).map(Recorded::at)));
        }
        for (Recorded entry : withoutFile.values()) {
            MigrationStatus.State state =
                    entry.state() == MigrationStatus.State.APPLIED
                            ? MigrationStatus.State.APPLIED_WITHOUT_FILE
                            : entry.state();
            statuses.add(
                    new MigrationStatus(
                            entry.id(), entry.description(), state, Optional.of(entry.at())));
        }
        statuses.sort(Comparator.comparingLong(MigrationStatus::id));
        return statuses;
    }
}
