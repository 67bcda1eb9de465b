package io.ponix.jobs.sessions.store;

import io.ponix.jobs.sessions.assembly.SessionRow;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.flink.connector.jdbc.datasource.statements.JdbcQueryStatement;

/**
 * Stores a session in Postgres, unless what is there is of the same version or a greater one: what
 * comes again, or from an older savepoint, undoes nothing.
 */
public final class SessionUpsert implements JdbcQueryStatement<SessionRow> {

    private static final long serialVersionUID = 1L;

    private static final String SQL =
            """
            INSERT INTO sessions AS stored (organization_id, station_id, session_id, version, state, started_at, ended_at,
                token, reason, connector, first_register_wh, last_register_wh, energy_wh, is_complete, missing, flags,
                events, duplicates, left_out, value_count, received_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (organization_id, station_id, session_id) DO UPDATE SET
                version = excluded.version, state = excluded.state, started_at = excluded.started_at,
                ended_at = excluded.ended_at, token = excluded.token, reason = excluded.reason,
                connector = excluded.connector, first_register_wh = excluded.first_register_wh,
                last_register_wh = excluded.last_register_wh, energy_wh = excluded.energy_wh,
                is_complete = excluded.is_complete, missing = excluded.missing, flags = excluded.flags,
                events = excluded.events, duplicates = excluded.duplicates, left_out = excluded.left_out,
                value_count = excluded.value_count, received_at = excluded.received_at, updated_at = now()
            WHERE excluded.version > stored.version
            """;

    /** Without anything to set. */
    public SessionUpsert() {}

    @Override
    public String query() {
        return SQL;
    }

    @Override
    public void statement(PreparedStatement statement, SessionRow row) throws SQLException {
        int index = 1;
        statement.setString(index++, row.organizationId());
        statement.setString(index++, row.stationId());
        statement.setString(index++, row.sessionId());
        statement.setLong(index++, row.version());
        statement.setString(index++, row.state());
        setTime(statement, index++, row.startedAt());
        setTime(statement, index++, row.endedAt());
        statement.setString(index++, row.token());
        statement.setString(index++, row.reason());
        statement.setString(index++, row.connector());
        statement.setBigDecimal(index++, row.firstRegister());
        statement.setBigDecimal(index++, row.lastRegister());
        statement.setBigDecimal(index++, row.energy());
        statement.setBoolean(index++, row.isComplete());
        statement.setLong(index++, row.missing());
        statement.setArray(
                index++, statement.getConnection().createArrayOf("text", row.flags().toArray()));
        statement.setInt(index++, row.events());
        statement.setInt(index++, row.duplicates());
        statement.setLong(index++, row.leftOut());
        statement.setLong(index++, row.values());
        setTime(statement, index, Instant.ofEpochMilli(row.origin().receivedAt()));
    }

    static void setTime(PreparedStatement statement, int index, Instant time) throws SQLException {
        if (time == null) {
            statement.setNull(index, Types.TIMESTAMP_WITH_TIMEZONE);
        } else {
            statement.setObject(index, time.atOffset(ZoneOffset.UTC));
        }
    }
}
