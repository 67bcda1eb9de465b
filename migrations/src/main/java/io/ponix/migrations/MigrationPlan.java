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

    /**
     * What a database has recorded of one migration.
     *
     * @param description the words of the file's name; empty where goose has recorded it
     * @param checksum of the file that was applied; empty where goose or a first release has
     *     recorded it
     */
    record Recorded(
            long id,
            String description,
            MigrationStatus.State state,
            Instant at,
            Optional<String> checksum) {

        @Override
        public String toString() {
            return description.isEmpty() ? String.valueOf(id) : id + " (" + description + ")";
        }
    }

    private final List<Migration> files;
    private final Map<Long, Recorded> recorded = new HashMap<>();

    /** Takes the migrations that have a file, oldest first, and those that the database knows. */
    MigrationPlan(List<Migration> files, List<Recorded> recorded) {
        this.files = files;
        recorded.forEach(entry -> this.recorded.put(entry.id(), entry));
    }

    /**
     * Returns the migrations to apply, oldest first.
     *
     * @param last the id of the last one, or {@code Long.MAX_VALUE}
     */
    List<Migration> pending(long last) {
        if (last != Long.MAX_VALUE && files.stream().noneMatch(file -> file.id() == last)) {
            throw new MigrationException(
                    "There is no migration "
                            + last
                            + " to go up to: 'status' lists those that there are");
        }
        List<Migration> pending = new ArrayList<>();
        for (Migration migration : files) {
            if (migration.id() > last) {
                break;
            }
            Recorded entry = recorded.get(migration.id());
            if (entry == null || entry.state() == MigrationStatus.State.PARTLY_APPLIED) {
                late(migration)
                        .ifPresent(
                                problem -> {
                                    throw new MigrationException(problem);
                                });
                pending.add(migration);
            } else if (entry.state() == MigrationStatus.State.PARTLY_UNDONE) {
                throw new MigrationException(halfUndone(entry));
            }
        }
        for (Recorded entry : withoutFile()) {
            LOG.warn("{}", noFile(entry));
        }
        return pending;
    }

    /** Logs which files are no longer what was applied. */
    void warnOfChanges() {
        files.stream().flatMap(file -> changed(file).stream()).forEach(LOG::warn);
    }

    /** Returns the state of each migration and what is wrong. */
    MigrationReport report() {
        List<String> problems = new ArrayList<>();
        for (Migration migration : files) {
            Recorded entry = recorded.get(migration.id());
            if (entry == null) {
                late(migration).ifPresent(problems::add);
                continue;
            }
            switch (entry.state()) {
                case PARTLY_APPLIED -> problems.add(halfApplied(entry));
                case PARTLY_UNDONE -> problems.add(halfUndone(entry));
                default -> changed(migration).ifPresent(problems::add);
            }
        }
        withoutFile().forEach(entry -> problems.add(noFile(entry)));
        return new MigrationReport(status(), problems);
    }

    /** What is wrong with a migration that is to be applied after newer ones. */
    private Optional<String> late(Migration migration) {
        return newest().filter(newest -> migration.id() < newest.id())
                .map(
                        newest ->
                                migration
                                        + " is not applied, but the newer "
                                        + newest
                                        + " is: give its file a timestamp after that, or undo back to"
                                        + " it");
    }

    private Optional<String> changed(Migration migration) {
        return Optional.ofNullable(recorded.get(migration.id()))
                .flatMap(Recorded::checksum)
                .filter(checksum -> !checksum.equals(migration.checksum()))
                .map(
                        checksum ->
                                migration
                                        + " was changed after it was applied: give it back what it was,"
                                        + " and make the change in a new file");
    }

    private static String halfApplied(Recorded entry) {
        return entry + " is half applied, by a run that stopped: finish that first with 'up'";
    }

    private static String halfUndone(Recorded entry) {
        return entry + " is half undone, by a run that stopped: finish that first with 'down'";
    }

    private static String noFile(Recorded entry) {
        return "The database has the migration "
                + entry
                + ", for which there is no file: it belongs to a newer release";
    }

    private List<Recorded> withoutFile() {
        return recorded.values().stream()
                .filter(entry -> files.stream().noneMatch(file -> file.id() == entry.id()))
                .sorted(Comparator.comparingLong(Recorded::id))
                .toList();
    }

    private Optional<Recorded> newest() {
        return recorded.values().stream().max(Comparator.comparingLong(Recorded::id));
    }

    /** Returns the migration to undo. */
    Optional<Migration> newestApplied() {
        Optional<Recorded> newest = newest();
        if (newest.isEmpty()) {
            return Optional.empty();
        }
        Recorded entry = newest.get();
        if (entry.state() == MigrationStatus.State.PARTLY_APPLIED) {
            throw new MigrationException(halfApplied(entry));
        }
        return Optional.of(
                files.stream()
                        .filter(migration -> migration.id() == entry.id())
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new MigrationException(
                                                "Cannot undo "
                                                        + entry
                                                        + ": there is no file for it; undo it with the"
                                                        + " release that made it")));
    }

    private List<MigrationStatus> status() {
        List<MigrationStatus> statuses = new ArrayList<>();
        for (Migration migration : files) {
            Recorded entry = recorded.get(migration.id());
            statuses.add(
                    new MigrationStatus(
                            migration.id(),
                            migration.description(),
                            entry == null ? MigrationStatus.State.PENDING : entry.state(),
                            Optional.ofNullable(entry).map(Recorded::at)));
        }
        for (Recorded entry : withoutFile()) {
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
