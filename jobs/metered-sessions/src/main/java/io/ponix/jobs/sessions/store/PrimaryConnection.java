package io.ponix.jobs.sessions.store;

import io.ponix.client.postgres.PostgresSettings;
import java.sql.Connection;
import java.sql.SQLException;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects to Postgres as every program of Ponix does: to whichever server is the primary. Not
 * thread-safe: each sink has its own.
 */
public final class PrimaryConnection implements JdbcConnectionProvider {

    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(PrimaryConnection.class);

    private static final int VALID_WITHIN_SECONDS = 5;

    private final PostgresSettings settings;
    private transient Connection connection;

    /** Not connected yet. */
    public PrimaryConnection(PostgresSettings settings) {
        // Of several versions of a session in one statement Postgres would refuse all.
        this.settings = settings.withDriverProperty("reWriteBatchedInserts", "false");
    }

    @Override
    public Connection getConnection() {
        return connection;
    }

    @Override
    public boolean isConnectionValid() throws SQLException {
        return connection != null && connection.isValid(VALID_WITHIN_SECONDS);
    }

    @Override
    public Connection getOrEstablishConnection() throws SQLException {
        if (connection == null || connection.isClosed()) {
            connection = settings.connect();
        }
        return connection;
    }

    @Override
    public void closeConnection() {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                LOG.debug("A connection to Postgres could not be closed", e);
            } finally {
                connection = null;
            }
        }
    }

    @Override
    public Connection reestablishConnection() throws SQLException {
        closeConnection();
        return getOrEstablishConnection();
    }

    @Override
    public void close() {
        closeConnection();
    }
}
