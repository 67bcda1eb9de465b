package io.ponix.migrations;

import io.ponix.client.postgres.PostgresSettings;
import io.ponix.client.postgres.PostgresVariable;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The migrations of Postgres. Each one runs in a transaction together with the record that it was
 * applied, so a crash or an error leaves either all or nothing of it.
 *
 * <p>Runs exclude each other by a session-level advisory lock, which Postgres releases when the
 * holder's connection ends, however it ends. What is applied is recorded in goose's table (see
 * {@link PostgresHistory}). A file that says {@code NO TRANSACTION} runs without one, and begins
 * again when it failed in the middle.
 */
public final class PostgresMigrations implements Migrations {

    private static final Logger LOG = LoggerFactory.getLogger(PostgresMigrations.class);

    /** The setting that names a folder of migrations to use in place of the packaged ones. */
    public static final String DIRECTORY_SETTING = "PONIX_POSTGRES_MIGRATIONS_DIR";

    /**
     * How long a run waits for another one, and a statement for a table lock, before it gives up.
     */
    public static final Duration LOCK_TIMEOUT = Duration.ofSeconds(60);

    /**
     * The advisory lock's key, "ponixmig" in ASCII. Never change it: old and new releases must
     * exclude each other.
     */
    private static final long LOCK_KEY = 0x706f6e69786d6967L;

    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final PostgresSettings settings;
    private final Optional<Path> directory;

    private PostgresMigrations(Builder builder) {
        this.settings =
                Objects.requireNonNull(builder.settings, "settings")
                        .as("ponix-migrations")
                        .withDriverProperty("connectTimeout", "5")
                        .withDriverProperty("loginTimeout", "10")
                        // A statement may take as long as a table is large.
                        .withDriverProperty("socketTimeout", "0")
                        .withDriverProperty("tcpKeepAlive", "true");
        this.directory = Optional.ofNullable(builder.directory);
    }

    /** Returns a builder; the settings have to be given. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the migrations of the database that the environment names ({@link PostgresVariable}),
     * from the folder {@value #DIRECTORY_SETTING} if set.
     *
     * @throws MigrationException if the environment does not say how to reach a database
     */
    public static PostgresMigrations fromEnvironment(Map<String, String> environment) {
        Builder builder = builder().settings(settings(environment));
        directory(environment).ifPresent(builder::directory);
        return builder.build();
    }

    /** Returns the folder that the environment names by {@value #DIRECTORY_SETTING}, if it does. */
    public static Optional<Path> directory(Map<String, String> environment) {
        return Optional.of(environment.getOrDefault(DIRECTORY_SETTING, ""))
                .filter(directory -> !directory.isEmpty())
                .map(Path::of);
    }

    private static PostgresSettings settings(Map<String, String> environment) {
        try {
            return PostgresSettings.fromEnvironment(environment);
        } catch (IllegalArgumentException e) {
            throw new MigrationException(e.getMessage(), e);
        }
    }

    @Override
    public List<Migration> upTo(long newest) {
        List<Migration> files = files();
        try (Connection connection = connect()) {
            lock(connection);
            PostgresHistory history = PostgresHistory.open(connection);
            MigrationPlan plan = new MigrationPlan(files, history.recorded());
            List<Migration> pending = plan.pending(newest);
            plan.warnOfChanges();
            history.describe(files);
            for (Migration migration : pending) {
                run(connection, history, migration, Direction.UP);
                LOG.info("Postgres: applied {}", migration);
            }
            return pending;
        } catch (SQLException exception) {
            throw failed(exception);
        }
    }

    @Override
    public Optional<Migration> down() {
        List<Migration> files = files();
        try (Connection connection = connect()) {
            lock(connection);
            PostgresHistory history = PostgresHistory.open(connection);
            Optional<Migration> newest =
                    new MigrationPlan(files, history.recorded()).newestApplied();
            if (newest.isPresent()) {
                run(connection, history, newest.get(), Direction.DOWN);
                LOG.info("Postgres: undid {}", newest.get());
            }
            return newest;
        } catch (SQLException exception) {
            throw failed(exception);
        }
    }

    @Override
    public MigrationReport report() {
        List<Migration> files = files();
        try (Connection connection = connect()) {
            return new MigrationPlan(files, PostgresHistory.read(connection)).report();
        } catch (SQLException exception) {
            throw failed(exception);
        }
    }

    private List<Migration> files() {
        return directory
                .map(path -> MigrationFiles.inDirectory(path, DIRECTORY_SETTING))
                .orElseGet(() -> MigrationFiles.packaged("postgres"));
    }

    private Connection connect() {
        try {
            return settings.connect();
        } catch (SQLException exception) {
            throw new MigrationException(
                    "Cannot connect to Postgres at "
                            + settings.address()
                            + " (see "
                            + settings.toBlame(exception).stream()
                                    .map(PostgresVariable::variable)
                                    .collect(Collectors.joining(", "))
                            + "): "
                            + exception.getMessage(),
                    exception);
        }
    }

    private static void lock(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet result =
                    statement.executeQuery("SELECT pg_try_advisory_lock(" + LOCK_KEY + ")")) {
                result.next();
                if (result.getBoolean(1)) {
                    return;
                }
            }
            LOG.info(
                    "Another run migrates this database: waiting for it, up to {} s",
                    LOCK_TIMEOUT.toSeconds());
            statement.execute("SET lock_timeout = " + LOCK_TIMEOUT.toMillis());
            statement.execute("SELECT pg_advisory_lock(" + LOCK_KEY + ")");
        } catch (SQLException exception) {
            if (LOCK_NOT_AVAILABLE.equals(exception.getSQLState())) {
                throw new MigrationException(
                        "Another run has been migrating this database for more than "
                                + LOCK_TIMEOUT.toSeconds()
                                + " s: let it end, or end it, and try again",
                        exception);
            }
            throw exception;
        }
    }

    private static void run(
            Connection connection,
            PostgresHistory history,
            Migration migration,
            Direction direction)
            throws SQLException {
        connection.setAutoCommit(!migration.isTransactional());
        try {
            try (Statement statement = connection.createStatement()) {
                // A table that a long transaction holds must not queue everybody else behind this
                // migration for ever.
                statement.execute("SET lock_timeout = " + LOCK_TIMEOUT.toMillis());
            }
            List<SqlStatement> statements = migration.statements(direction);
            for (int index = 0; index < statements.size(); index++) {
                try (Statement statement = connection.createStatement()) {
                    statement.setEscapeProcessing(false);
                    statement.execute(statements.get(index).sql());
                } catch (SQLException exception) {
                    throw StatementFailure.of(
                            migration,
                            direction,
                            index,
                            exception.getMessage() + "\n" + whatIsKept(migration, index),
                            exception);
                }
            }
            history.record(migration, direction);
            if (migration.isTransactional()) {
                connection.commit();
                connection.setAutoCommit(true);
            }
        } catch (SQLException | MigrationException exception) {
            if (migration.isTransactional()) {
                try {
                    connection.rollback();
                } catch (SQLException lost) {
                    // The connection is gone, and with it the transaction.
                    exception.addSuppressed(lost);
                }
            }
            throw exception;
        }
    }

    private static String whatIsKept(Migration migration, int index) {
        return migration.isTransactional() || index == 0
                ? "Nothing of this migration was kept."
                : "The statements before it are done, since the file says NO TRANSACTION, and will be"
                        + " repeated.";
    }

    private MigrationException failed(SQLException exception) {
        return new MigrationException(
                "The migration of " + settings.address() + " failed: " + exception.getMessage(),
                exception);
    }

    /** Collects where the database is and where the files are. */
    public static final class Builder {
        private PostgresSettings settings;
        private Path directory;

        private Builder() {}

        /** Sets how to reach the database, whose role must own the tables. Required. */
        public Builder settings(PostgresSettings settings) {
            this.settings = settings;
            return this;
        }

        /** Reads the files from this folder in place of the packaged ones. */
        public Builder directory(Path directory) {
            this.directory = directory;
            return this;
        }

        /** Returns the migrations; connects to nothing yet. */
        public PostgresMigrations build() {
            return new PostgresMigrations(this);
        }
    }
}
