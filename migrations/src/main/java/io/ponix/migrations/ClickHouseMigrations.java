package io.ponix.migrations;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.ClickHouseVariable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The migrations of ClickHouse, which has no transactions. Every completed statement is recorded,
 * in the table {@code schema_migrations} (see {@link ClickHouseHistory}); a run that follows one
 * that was stopped or that failed continues after the last recorded statement. What remains is the
 * statement that was under way when a run was killed: it is executed once more. So the rule for the
 * files is that <em>every statement can be executed twice in a row</em> with the effect of once:
 * {@code CREATE OR REPLACE … AS SELECT}, {@code RENAME TABLE IF EXISTS}, {@code DROP TABLE IF
 * EXISTS}; never {@code INSERT … SELECT} or {@code EXCHANGE TABLES}.
 *
 * <p>Runs exclude each other by {@link ClickHouseLock}. The database is created when it does not
 * exist.
 */
public final class ClickHouseMigrations implements Migrations {

    private static final Logger LOG = LoggerFactory.getLogger(ClickHouseMigrations.class);

    /** The setting that names a folder of migrations to use in place of the packaged ones. */
    public static final String DIRECTORY_SETTING = "PONIX_CLICKHOUSE_MIGRATIONS_DIR";

    /** How long the lock of a run outlives it when it is killed: another run waits that long. */
    public static final Duration LOCK_TIME = Duration.ofSeconds(30);

    /** How long a run waits for another one before it gives up. */
    public static final Duration LOCK_PATIENCE = Duration.ofSeconds(90);

    private final ClickHouseSettings settings;
    private final Optional<Path> directory;
    private final Optional<RowRetention> rowRetention;

    private ClickHouseMigrations(Builder builder) {
        this.settings = Objects.requireNonNull(builder.settings, "settings");
        this.directory = Optional.ofNullable(builder.directory);
        this.rowRetention = Optional.ofNullable(builder.rowRetention);
    }

    /** Returns a builder; the settings have to be given. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the migrations of the database that the environment names ({@link
     * ClickHouseVariable}), from the folder {@value #DIRECTORY_SETTING} if set, with the row
     * retention of {@code PONIX_ROW_RETENTION} if set.
     *
     * @throws MigrationException if the environment does not say how to reach a database, or the
     *     row retention is not one
     */
    public static ClickHouseMigrations fromEnvironment(Map<String, String> environment) {
        Builder builder = builder().settings(settings(environment));
        builder.rowRetention(environment.get(RowRetention.SETTING));
        String directory = environment.getOrDefault(DIRECTORY_SETTING, "");
        return (directory.isEmpty() ? builder : builder.directory(Path.of(directory))).build();
    }

    private static ClickHouseSettings settings(Map<String, String> environment) {
        try {
            return ClickHouseSettings.fromEnvironment(environment);
        } catch (IllegalArgumentException e) {
            throw new MigrationException(e.getMessage(), e);
        }
    }

    @Override
    public List<Migration> upTo(long newest) {
        List<Migration> files = files();
        return locked(
                (server, lock) -> {
                    ClickHouseHistory history = ClickHouseHistory.open(server, files);
                    MigrationPlan plan = new MigrationPlan(files, history.recorded());
                    List<Migration> pending = plan.pending(newest);
                    plan.warnOfChanges();
                    for (Migration migration : pending) {
                        run(server, lock, history, migration, Direction.UP);
                        LOG.info("ClickHouse: applied {}", migration);
                    }
                    rowRetention.ifPresent(retention -> retention.apply(server));
                    return pending;
                });
    }

    @Override
    public Optional<Migration> down() {
        List<Migration> files = files();
        return locked(
                (server, lock) -> {
                    ClickHouseHistory history = ClickHouseHistory.open(server, files);
                    Optional<Migration> newest =
                            new MigrationPlan(files, history.recorded()).newestApplied();
                    if (newest.isPresent()) {
                        run(server, lock, history, newest.get(), Direction.DOWN);
                        LOG.info("ClickHouse: undid {}", newest.get());
                    }
                    return newest;
                });
    }

    @Override
    public MigrationReport report() {
        List<Migration> files = files();
        try (ClickHouseServer server = connect()) {
            return new MigrationPlan(files, ClickHouseHistory.read(server, files).recorded())
                    .report();
        } catch (StatementRefused exception) {
            throw failed(exception);
        }
    }

    private interface Work<T> {
        T perform(ClickHouseServer server, ClickHouseLock lock);
    }

    private <T> T locked(Work<T> work) {
        try (ClickHouseServer server = connect();
                ClickHouseLock lock = ClickHouseLock.acquire(server, LOCK_TIME, LOCK_PATIENCE)) {
            return work.perform(server, lock);
        } catch (StatementRefused exception) {
            throw failed(exception);
        }
    }

    private static void run(
            ClickHouseServer server,
            ClickHouseLock lock,
            ClickHouseHistory history,
            Migration migration,
            Direction direction) {
        List<SqlStatement> statements = migration.statements(direction);
        for (int index = history.completed(migration, direction);
                index < statements.size();
                index++) {
            lock.ensureHeld();
            try {
                server.execute(statements.get(index).sql());
            } catch (StatementRefused exception) {
                throw StatementFailure.of(
                        migration,
                        direction,
                        index,
                        exception.getMessage()
                                + (index == 0
                                        ? "\nNothing of this migration was done."
                                        : "\nThe statements before it are done and will not be repeated."),
                        exception);
            }
            history.record(migration, direction, index + 1);
        }
        if (statements.isEmpty()) {
            history.record(migration, direction, 0);
        }
    }

    private ClickHouseServer connect() {
        return ClickHouseServer.connect(settings);
    }

    private List<Migration> files() {
        return directory
                .map(path -> MigrationFiles.inDirectory(path, DIRECTORY_SETTING))
                .orElseGet(() -> MigrationFiles.packaged("clickhouse"));
    }

    private MigrationException failed(StatementRefused exception) {
        return new MigrationException(
                "The migration of "
                        + settings.database()
                        + " at "
                        + String.join(", ", settings.urls())
                        + " failed: "
                        + exception.getMessage(),
                exception);
    }

    /** Collects where the database is and where the files are. */
    public static final class Builder {
        private ClickHouseSettings settings;
        private Path directory;
        private RowRetention rowRetention;

        private Builder() {}

        /**
         * Sets how to reach the server. The database is created when it does not exist; the user
         * must be allowed to create and drop tables. Required.
         */
        public Builder settings(ClickHouseSettings settings) {
            this.settings = settings;
            return this;
        }

        /** Reads the files from this folder in place of the packaged ones. */
        public Builder directory(Path directory) {
            this.directory = directory;
            return this;
        }

        /**
         * Sets how long rows are kept after their envelopes were received, as {@code
         * PONIX_ROW_RETENTION} has it: a time such as {@code 90 d}, or {@code unlimited}. Null or
         * blank, the default, leaves the table as it is. {@link Migrations#up} sees to it.
         *
         * @throws MigrationException if it is neither
         */
        public Builder rowRetention(String retention) {
            this.rowRetention =
                    retention == null || retention.isBlank() ? null : RowRetention.parse(retention);
            return this;
        }

        /** Returns the migrations; connects to nothing yet. */
        public ClickHouseMigrations build() {
            return new ClickHouseMigrations(this);
        }
    }
}
