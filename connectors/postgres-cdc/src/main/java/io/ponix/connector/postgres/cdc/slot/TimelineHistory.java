package io.ponix.connector.postgres.cdc.slot;

import io.ponix.client.postgres.PostgresSettings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which timelines the log of a server went through: each promotion of a standby, and each recovery
 * up to some point, ends one and begins the next. A position is the same place in the logs of two
 * servers only up to where their timelines part.
 */
final class TimelineHistory {

    private final Map<Integer, WalPosition> ends;

    private TimelineHistory(Map<Integer, WalPosition> ends) {
        this.ends = ends;
    }

    /**
     * Asks the server for the history of its timeline.
     *
     * @param timeline the server's own; not 1, which has no history
     */
    static TimelineHistory read(PostgresSettings connectionConfig, int timeline)
            throws SQLException {
        try (Connection connection = connectionConfig.connectForReplication();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + timeline)) {
            row.next();
            return parse(row.getString(2));
        }
    }

    /**
     * Reads the file that a promotion writes: lines of a timeline, where it ended and why, beside
     * empty ones and comments.
     */
    static TimelineHistory parse(String file) {
        Map<Integer, WalPosition> ends = new HashMap<>();
        for (String line : file.lines().map(String::strip).toList()) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                String[] fields = line.split("\\s+");
                ends.put(Integer.parseInt(fields[0]), WalPosition.parse(fields[1]));
            }
        }
        return new TimelineHistory(ends);
    }

    /** Up to where the timeline is part of this history; empty if it is none of its ancestors. */
    Optional<WalPosition> endOf(int timeline) {
        return Optional.ofNullable(ends.get(timeline));
    }
}
