package io.ponix.deviceservice.database;

import com.linecorp.armeria.server.ServiceRequestContext;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.registry.Column;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pool of connections to Postgres. Its methods translate what can go wrong with the database
 * for the callers of the service: UNAVAILABLE while it cannot be reached, RESOURCE_EXHAUSTED while
 * its disk is full, ABORTED after a collision, INTERNAL for the rest. Details are left to the log.
 */
public final class Database implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    /** What is done with a connection. */
    @FunctionalInterface
    public interface Work<T> {
        /** Does it. The connection is returned to the pool afterwards. */
        T with(Connection connection) throws SQLException;
    }

    private static final String DISK_FULL = "53100";

    /** A server that is there answers sooner. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** Until the end of a statement that the server has ended is known. */
    private static final Duration ON_THE_WAY = Duration.ofSeconds(2);

    /** Ten million rows are copied in it. */
    private static final Duration LONGEST_STATEMENT = Duration.ofMinutes(5);

    private static final Duration VALIDATION_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(250);

    private final PostgresSettings postgres;
    private final HikariDataSource pool;

    /**
     * Makes a pool, which connects when it is first used.
     *
     * @param server where the database is, and how large the pool
     * @param maxLifetime how long a connection is kept
     * @param statementTimeout how long a statement may take
     */
    public Database(
            PostgresSettings server,
            Duration maxLifetime,
            Duration statementTimeout,
            MeterRegistry metrics) {
        HikariConfig configuration = new HikariConfig();
        configuration.setPoolName("postgres");
        PostgresSettings.Pool size = server.pool();
        configuration.setMaximumPoolSize(size.maxConnections());
        configuration.setMinimumIdle(size.minConnections());
        configuration.setIdleTimeout(size.idleTimeout().toMillis());
        configuration.setConnectionTimeout(size.acquireTimeout().toMillis());
        configuration.setValidationTimeout(
                Math.min(size.acquireTimeout().toMillis(), VALIDATION_TIMEOUT.toMillis()));
        configuration.setMaxLifetime(maxLifetime.toMillis());
        configuration.setInitializationFailTimeout(-1);
        configuration.setMetricRegistry(metrics);
        this.postgres =
                server.as("ponix-device-service")
                        .withDriverProperty(
                                "options", "-c statement_timeout=" + statementTimeout.toMillis())
                        // The server ends a statement that takes too long; this ends the wait for
                        // one that says nothing at all.
                        .withDriverProperty(
                                "socketTimeout",
                                Long.toString(statementTimeout.plus(ON_THE_WAY).toSeconds()))
                        .withDriverProperty(
                                "connectTimeout",
                                Long.toString(
                                        Math.max(
                                                1,
                                                Math.min(
                                                        size.acquireTimeout().toSeconds(),
                                                        CONNECT_TIMEOUT.toSeconds()))))
                        .withDriverProperty("tcpKeepAlive", "true");
        configuration.setDataSource(postgres.dataSource());
        this.pool = new HikariDataSource(configuration);
    }

    /** Does the work on a connection that commits every statement. */
    public <T> T call(Work<T> work) {
        try (Connection connection = pool.getConnection()) {
            return work.with(connection);
        } catch (SQLException exception) {
            throw translated(exception);
        }
    }

    /**
     * Does the work in a transaction, which is undone when the work throws, or when the call that
     * it is done for has ended meanwhile.
     */
    public <T> T transaction(Work<T> work) {
        return call(
                connection -> {
                    connection.setAutoCommit(false);
                    // The pool rolls back and resets a connection that is returned within a
                    // transaction.
                    T result = work.with(connection);
                    requireThatSomebodyWaits();
                    connection.commit();
                    return result;
                });
    }

    /**
     * Does work within a transaction whose statements may take longer than others do: those that
     * read or copy all that is registered.
     */
    public static <T> T longer(Connection connection, Work<T> work) throws SQLException {
        int usualWait = connection.getNetworkTimeout();
        Column usual = new Column("usual", "usual", "?");
        String usualTimeout =
                Sql.query(
                                connection,
                                row -> row.text(usual),
                                "SELECT current_setting('statement_timeout') AS usual,"
                                        + " set_config('statement_timeout', ?, true),"
                                        // It ends what it does when this process is gone.
                                        + " set_config('client_connection_check_interval', '5s', true)",
                                Long.toString(LONGEST_STATEMENT.toMillis()))
                        .get(0);
        connection.setNetworkTimeout(
                Runnable::run, Math.toIntExact(LONGEST_STATEMENT.plus(ON_THE_WAY).toMillis()));
        // After a failure the transaction ends, and the pool gives the connection what others have.
        T result = work.with(connection);
        Sql.query(
                connection,
                row -> row,
                "SELECT set_config('statement_timeout', ?, true)",
                usualTimeout);
        connection.setNetworkTimeout(Runnable::run, usualWait);
        requireThatSomebodyWaits();
        return result;
    }

    /** Who has been told that a change failed must not find it made. */
    static void requireThatSomebodyWaits() {
        ServiceRequestContext call = ServiceRequestContext.currentOrNull();
        if (call != null && call.isCancelled()) {
            throw RequestException.deadlineExceeded();
        }
    }

    /**
     * Waits until the database accepts connections.
     *
     * @throws SQLException when it refuses them for a reason that waiting does not mend, or when
     *     the time is over
     */
    public void awaitReachable(Duration timeout) throws SQLException {
        long deadline = System.nanoTime() + timeout.toNanos();
        String told = "";
        while (true) {
            // Not by the pool, which tells no reason before a request would be given up.
            try (Connection connection = postgres.connect()) {
                LOG.debug("Connected to {}", connection.getMetaData().getURL());
                return;
            } catch (SQLException exception) {
                if (!isUnreachable(exception)
                        || postgres.isAboutTls(exception)
                        || System.nanoTime() > deadline) {
                    throw exception;
                }
                if (!told.equals(exception.getMessage())) {
                    told = exception.getMessage();
                    LOG.info(
                            "Waiting for Postgres, another {} s at most: {}",
                            Math.max(0, deadline - System.nanoTime()) / 1_000_000_000,
                            told);
                }
            }
            try {
                Thread.sleep(BETWEEN_ATTEMPTS.toMillis());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted while waiting for Postgres", interrupted);
            }
        }
    }

    /** Tells whether the database lets the service in, without waiting for the pool. */
    public boolean isReachable() {
        try (Connection connection = postgres.withDriverProperty("connectTimeout", "1").connect()) {
            return connection.isValid(1);
        } catch (SQLException exception) {
            LOG.debug("Postgres is not reachable", exception);
            return false;
        }
    }

    @Override
    public void close() {
        pool.close();
    }

    private static RequestException translated(SQLException exception) {
        String state = exception.getSQLState() == null ? "" : exception.getSQLState();
        if (state.equals(DISK_FULL)) {
            return RequestException.resourceExhausted(
                    "The database's disk is full: make room where Postgres has its data, then call again",
                    exception);
        }
        if (isUnreachable(exception)) {
            return RequestException.unavailable(
                    "The service cannot reach its database at the moment: call again later",
                    exception);
        }
        return switch (state) {
            case "57014", "55P03" ->
                    RequestException.unavailable(
                            "The database took too long to answer: call again later", exception);
            // What could not be there twice has been added meanwhile, or is being locked.
            case "40001", "40P01", "23505" ->
                    RequestException.aborted(
                            "The request collided with another one: call again", exception);
            // The same character in a column of text and in one of JSON.
            case "22021", "22P05" -> RequestException.nullCharacter();
            default ->
                    RequestException.internal(
                            "Internal error: the database refused the operation; see the log of the service",
                            exception);
        };
    }

    /**
     * Tells whether the server could not be reached, is starting, stopping or full, rather than
     * having refused something.
     */
    private static boolean isUnreachable(SQLException exception) {
        String state = exception.getSQLState() == null ? "" : exception.getSQLState();
        return state.startsWith("08")
                || state.startsWith("57P")
                || state.startsWith("53")
                || state.isEmpty() && exception instanceof SQLTransientConnectionException;
    }
}
