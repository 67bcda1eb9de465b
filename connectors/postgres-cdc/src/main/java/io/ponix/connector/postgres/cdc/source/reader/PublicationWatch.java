package io.ponix.connector.postgres.cdc.source.reader;

import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.connector.postgres.cdc.slot.WalPosition;
import io.ponix.connector.postgres.cdc.source.change.PostgresChange;
import io.ponix.connector.postgres.cdc.source.settings.PostgresCdcSettings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices, from the monitor's thread, that the publication leaves out changes, and that it no
 * longer does; the fetching thread passes the latter on behind all changes from before.
 */
final class PublicationWatch {

    private static final Logger LOG = LoggerFactory.getLogger(PublicationWatch.class);

    private final PostgresCdcSettings settings;
    private final PostgresCdcSourceMetrics metrics;

    private PublicationState latest;
    private volatile NamedTables tables;
    private final AtomicReference<Whole> whole = new AtomicReference<>();

    /** A publication found whole when the server's log had reached the position. */
    private record Whole(PublicationState state, WalPosition seenAt) {}

    PublicationWatch(PostgresCdcSettings settings, PostgresCdcSourceMetrics metrics) {
        this.settings = settings;
        this.metrics = metrics;
    }

    /**
     * Looks up which tables the named ones are. Called before changes are read, and again by {@link
     * #observe} when any of them may be another one.
     */
    synchronized void findTables(Connection connection) throws SQLException {
        if (!settings.publishedTables().isEmpty()) {
            tables = NamedTables.find(connection, settings.publishedTables());
        }
    }

    /** Whether a change is of one of the tables that the job has named, if it has named any. */
    boolean concerns(PostgresChange change) {
        NamedTables named = tables;
        return named == null || named.contain(change);
    }

    /**
     * Looks at the publication.
     *
     * @return whether something waits for the stream to come past what the server's log holds now,
     *     which takes that something is written to the log
     */
    boolean observe(Connection connection) throws SQLException {
        if (settings.publishedTables().isEmpty()) {
            return false;
        }
        PublicationState state =
                PublicationState.observe(
                                connection, settings.publicationName(), settings.publishedTables())
                        .since(latest);
        metrics.publicationProblems(state.problems().size());
        if (isNew(state)) {
            // Before the end of the log is asked for: whatever is read behind it is told apart by
            // these, and what was not before is made up for by whoever is told of the state.
            findTables(connection);
            // One that leaves out changes takes back one that was whole: only its successor
            // matters.
            whole.set(state.isWhole() ? new Whole(state, endOfLog(connection)) : null);
            tell(state);
        }
        latest = state;
        return whole.get() != null;
    }

    private boolean isNew(PublicationState state) {
        return latest == null
                || !state.fingerprint().equals(latest.fingerprint())
                || !state.problems().equals(latest.problems());
    }

    private void tell(PublicationState state) {
        List<String> before = latest == null ? List.of() : latest.problems();
        if (!state.isWhole() && !state.problems().equals(before)) {
            LOG.warn(
                    "Changes in Postgres at {} do not reach this job: {}. They are made up for once all of this is mended.",
                    settings.connectionConfig().address(),
                    String.join("; ", state.problems()));
        } else if (state.isWhole()
                && latest != null
                && state.definition().equals(latest.definition())) {
            LOG.info(
                    "The transactions that were open as publication '{}' on {}, or a table of it, was changed have ended: what was read"
                            + " of the tables has to be read again",
                    settings.publicationName(),
                    settings.connectionConfig().address());
        } else if (state.isWhole() && latest != null) {
            LOG.warn(
                    "Publication '{}' on {}, a table of it, or the server was changed, and everything is published {}: changes made"
                            + " meanwhile may be missing, what was read of the tables has to be read again",
                    settings.publicationName(),
                    settings.connectionConfig().address(),
                    before.isEmpty() ? "as before" : "again");
        }
    }

    /**
     * What is to be passed on now, once; otherwise null.
     *
     * @param read up to where the stream was read
     */
    PublicationState due(WalPosition read) {
        Whole found = whole.get();
        return found != null && !found.seenAt().isAfter(read) && whole.compareAndSet(found, null)
                ? found.state()
                : null;
    }

    private static WalPosition endOfLog(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_current_wal_lsn()::text")) {
            row.next();
            return WalPosition.parse(row.getString(1));
        }
    }
}
