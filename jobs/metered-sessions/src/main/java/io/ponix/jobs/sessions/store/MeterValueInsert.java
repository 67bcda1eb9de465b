package io.ponix.jobs.sessions.store;

import io.ponix.jobs.sessions.assembly.MeterValueRow;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import org.apache.flink.connector.jdbc.datasource.statements.JdbcQueryStatement;

/**
 * Stores a meter value in Postgres, unless it is there: what is measured does not change, so that
 * there are no versions of it.
 */
public final class MeterValueInsert implements JdbcQueryStatement<MeterValueRow> {

    private static final long serialVersionUID = 1L;

    private static final String SQL =
            """
            INSERT INTO session_meter_values (organization_id, station_id, session_id, value_id, measured_at, measurand, context,
                location, phase, value, unit, multiplier, connector, arrival, received_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (organization_id, station_id, session_id, value_id) DO NOTHING
            """;

    /** Without anything to set. */
    public MeterValueInsert() {}

    @Override
    public String query() {
        return SQL;
    }

    @Override
    public void statement(PreparedStatement statement, MeterValueRow row) throws SQLException {
        int index = 1;
        statement.setString(index++, row.organizationId());
        statement.setString(index++, row.stationId());
        statement.setString(index++, row.sessionId());
        statement.setObject(index++, row.id());
        SessionUpsert.setTime(statement, index++, row.value().time());
        statement.setString(index++, row.value().measurand());
        statement.setString(index++, row.value().context());
        statement.setString(index++, row.value().location());
        statement.setString(index++, row.value().phase());
        statement.setBigDecimal(index++, row.value().value());
        statement.setString(index++, row.value().unit());
        statement.setInt(index++, row.value().multiplier());
        statement.setString(index++, row.connector());
        statement.setLong(index++, row.arrival());
        SessionUpsert.setTime(statement, index, Instant.ofEpochMilli(row.origin().receivedAt()));
    }
}
