package io.ponix.deviceservice.charging.session;

import io.ponix.deviceservice.charging.store.KeyPlace;
import io.ponix.deviceservice.charging.store.PageOfKeys;
import io.ponix.deviceservice.database.Conditions;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.proto.charging.v1.SessionMeterValue;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** The table {@code session_meter_values}, which the job of sessions writes. */
final class SessionMeterValueRepository {

    private static final String LIST = "session meter values";

    private static final Column VALUE_ID = Column.of("value_id");
    private static final Column MEASURED_AT = Column.of("measured_at");
    private static final Column MEASURAND = Column.of("measurand");
    private static final Column CONTEXT = Column.of("context");
    private static final Column LOCATION = Column.of("location");
    private static final Column PHASE = Column.of("phase");
    private static final Column VALUE = SessionRepository.decimal("value");
    private static final Column UNIT = Column.of("unit");
    private static final Column MULTIPLIER = Column.of("multiplier");
    private static final Column CONNECTOR = Column.of("connector");
    private static final Column ARRIVAL = Column.of("arrival");
    private static final Column RECEIVED_AT = Column.of("received_at");

    private static final String SELECT =
            "SELECT "
                    + Column.select(
                            List.of(
                                    VALUE_ID,
                                    MEASURED_AT,
                                    MEASURAND,
                                    CONTEXT,
                                    LOCATION,
                                    PHASE,
                                    VALUE,
                                    UNIT,
                                    MULTIPLIER,
                                    CONNECTOR,
                                    ARRIVAL,
                                    RECEIVED_AT))
                    + " FROM session_meter_values";

    /** A record is one message, and clients take 4 MiB by default. */
    private static final int MOST_REGISTERS = 1_000;

    private static final Column WATT_HOURS =
            new Column(
                    "watt_hours",
                    "trim_scale(value * 10::numeric ^ (multiplier + CASE unit WHEN 'kWh' THEN 3 ELSE 0"
                            + " END))::text AS watt_hours",
                    "?");

    private SessionMeterValueRepository() {}

    /** The place after which a page token asks. */
    static KeyPlace after(String pageToken) {
        return KeyPlace.parse(LIST, pageToken, 3);
    }

    /**
     * Fills a page with the values of a session.
     *
     * @param after empty parts for the first page
     */
    static void list(
            Connection connection,
            SessionKey key,
            KeyPlace after,
            PageOfKeys<SessionMeterValue> page)
            throws SQLException {
        Conditions where =
                new Conditions(
                        "organization_id = ? AND station_id = ? AND session_id = ?",
                        key.organizationId(),
                        key.stationId(),
                        key.sessionId());
        if (!after.part(0).isEmpty()) {
            try {
                where.and(
                        "(measured_at, arrival, value_id) > (?, ?, ?)",
                        SessionPlace.time(after.part(0)),
                        Long.parseLong(after.part(1)),
                        UUID.fromString(after.part(2)));
            } catch (IllegalArgumentException e) {
                throw PageToken.refused();
            }
        }
        Sql.each(
                connection,
                row ->
                        page.take(
                                read(row),
                                KeyPlace.of(
                                        LIST,
                                        row.time(MEASURED_AT).toString(),
                                        Long.toString(row.number(ARRIVAL)),
                                        row.text(VALUE_ID))),
                SELECT + where + " ORDER BY measured_at, arrival, value_id LIMIT ?",
                where.parameters(page.limit()));
    }

    /**
     * The registers of the energy delivered between two times, in their order: evenly spaced ones
     * where there are more than {@value #MOST_REGISTERS}. What they are is as in the rules of
     * sessions, but for those of single phases, which are left out.
     */
    static List<RegisterRead> registers(
            Connection connection, SessionKey key, Instant after, Instant before)
            throws SQLException {
        return Sql.query(
                connection,
                row ->
                        new RegisterRead(
                                row.time(MEASURED_AT), new BigDecimal(row.text(WATT_HOURS))),
                "SELECT "
                        + Column.select(List.of(MEASURED_AT, WATT_HOURS))
                        + " FROM (SELECT *, row_number() OVER (ORDER BY measured_at, arrival,"
                        + " value_id) AS place, count(*) OVER () AS found FROM session_meter_values"
                        + " WHERE organization_id = ? AND station_id = ? AND session_id = ?"
                        + " AND measured_at > ? AND measured_at < ?"
                        + " AND measurand = 'Energy.Active.Import.Register' AND location = 'Outlet'"
                        + " AND context <> 'Sample.Clock' AND phase = '' AND unit IN ('Wh', 'kWh')"
                        + " AND value >= 0 AND abs(multiplier) <= 12) AS registers"
                        + " WHERE place % ((found - 1) / ? + 1) = 0 ORDER BY place",
                key.organizationId(),
                key.stationId(),
                key.sessionId(),
                after,
                before,
                MOST_REGISTERS);
    }

    private static SessionMeterValue read(Row<SQLException> row) throws SQLException {
        return SessionMeterValue.newBuilder()
                .setValueId(row.text(VALUE_ID))
                .setMeasuredAt(ProtoTimestamps.of(row.time(MEASURED_AT)))
                .setMeasurand(row.text(MEASURAND))
                .setContext(row.text(CONTEXT))
                .setLocation(row.text(LOCATION))
                .setPhase(row.text(PHASE))
                .setValue(row.text(VALUE))
                .setUnit(row.text(UNIT))
                .setMultiplier((int) row.number(MULTIPLIER))
                .setConnector(row.text(CONNECTOR))
                .setArrival(row.number(ARRIVAL))
                .setReceivedAt(ProtoTimestamps.of(row.time(RECEIVED_AT)))
                .build();
    }
}
