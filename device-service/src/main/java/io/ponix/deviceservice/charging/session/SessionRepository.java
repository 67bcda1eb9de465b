package io.ponix.deviceservice.charging.session;

import io.ponix.deviceservice.charging.store.EnumText;
import io.ponix.deviceservice.charging.store.PageOfKeys;
import io.ponix.deviceservice.database.Conditions;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.proto.charging.v1.ListSessionsRequest;
import io.ponix.proto.charging.v1.Session;
import io.ponix.proto.charging.v1.SessionState;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The table {@code sessions}, which the job of sessions writes. */
final class SessionRepository {

    private static final EnumText<SessionState> STATES =
            new EnumText<>(SessionState.class, "SESSION_STATE_");

    private static final Column STATION = Column.of("station_id");
    private static final Column ID = Column.of("session_id");
    private static final Column VERSION = Column.of("version");
    private static final Column STATE = new Column("state", "upper(state) AS state", "?");
    private static final Column STARTED_AT = Column.of("started_at");
    private static final Column ENDED_AT = Column.of("ended_at");
    private static final Column TOKEN = Column.of("token");
    private static final Column REASON = Column.of("reason");
    private static final Column CONNECTOR = Column.of("connector");
    private static final Column FIRST_REGISTER = decimal("first_register_wh");
    private static final Column LAST_REGISTER = decimal("last_register_wh");
    private static final Column ENERGY = decimal("energy_wh");
    private static final Column IS_COMPLETE =
            new Column("is_complete", "is_complete::int AS is_complete", "?");
    private static final Column MISSING = Column.of("missing");
    private static final Column FLAGS =
            new Column("flags", "array_to_string(flags, ',') AS flags", "?");
    private static final Column EVENTS = Column.of("events");
    private static final Column DUPLICATES = Column.of("duplicates");
    private static final Column LEFT_OUT = Column.of("left_out");
    private static final Column VALUE_COUNT = Column.of("value_count");
    private static final Column RECEIVED_AT = Column.of("received_at");
    private static final Column UPDATED_AT = Column.of("updated_at");

    private static final String SELECT =
            "SELECT "
                    + Column.select(
                            List.of(
                                    STATION,
                                    ID,
                                    VERSION,
                                    STATE,
                                    STARTED_AT,
                                    ENDED_AT,
                                    TOKEN,
                                    REASON,
                                    CONNECTOR,
                                    FIRST_REGISTER,
                                    LAST_REGISTER,
                                    ENERGY,
                                    IS_COMPLETE,
                                    MISSING,
                                    FLAGS,
                                    EVENTS,
                                    DUPLICATES,
                                    LEFT_OUT,
                                    VALUE_COUNT,
                                    RECEIVED_AT,
                                    UPDATED_AT))
                    + " FROM sessions";

    private SessionRepository() {}

    /** An exact number: a double of it would be another one. */
    static Column decimal(String name) {
        return new Column(name, "trim_scale(" + name + ")::text AS " + name, "?");
    }

    static Optional<Session> find(Connection connection, SessionKey key) throws SQLException {
        return Sql.query(
                        connection,
                        SessionRepository::read,
                        SELECT + " WHERE organization_id = ? AND station_id = ? AND session_id = ?",
                        key.organizationId(),
                        key.stationId(),
                        key.sessionId())
                .stream()
                .findFirst();
    }

    /** Fills a page with what a request asks for, after a place. */
    static void list(
            Connection connection,
            ListSessionsRequest request,
            Optional<SessionPlace> after,
            PageOfKeys<Session> page)
            throws SQLException {
        if (after.isEmpty() || after.get().startedAt().isPresent()) {
            Conditions started = filter(request);
            started.and("started_at IS NOT NULL");
            after.ifPresent(
                    place -> {
                        Instant time = place.startedAt().orElseThrow();
                        started.and("started_at <= ?", time);
                        started.and(
                                "(started_at < ? OR (station_id, session_id) > (?, ?))",
                                time,
                                place.stationId(),
                                place.sessionId());
                    });
            if (!fill(connection, started, "started_at DESC, station_id, session_id", page)) {
                return;
            }
        }
        if (request.hasStartedAfter() || request.hasStartedBefore()) {
            return;
        }
        Conditions unknown = filter(request);
        unknown.and("started_at IS NULL");
        after.filter(place -> place.startedAt().isEmpty())
                .ifPresent(
                        place ->
                                unknown.and(
                                        "(station_id, session_id) > (?, ?)",
                                        place.stationId(),
                                        place.sessionId()));
        fill(connection, unknown, "station_id, session_id", page);
    }

    /** Returns whether there is room for more. */
    private static boolean fill(
            Connection connection, Conditions where, String order, PageOfKeys<Session> page)
            throws SQLException {
        Sql.each(
                connection,
                row ->
                        page.take(
                                read(row),
                                new SessionPlace(
                                                Optional.ofNullable(row.time(STARTED_AT)),
                                                row.text(STATION),
                                                row.text(ID))
                                        .key()),
                SELECT + where + " ORDER BY " + order + " LIMIT ?",
                where.parameters(page.limit()));
        return page.nextPageToken().isEmpty();
    }

    private static Conditions filter(ListSessionsRequest request) {
        Conditions where = new Conditions("organization_id = ?", request.getOrganizationId());
        if (!request.getStationId().isEmpty()) {
            where.and("station_id = ?", request.getStationId());
        }
        if (!request.getToken().isEmpty()) {
            where.and("token = ?", request.getToken());
        }
        if (request.hasStartedAfter()) {
            where.and(
                    "started_at >= ?",
                    Instant.ofEpochSecond(
                            request.getStartedAfter().getSeconds(),
                            request.getStartedAfter().getNanos()));
        }
        if (request.hasStartedBefore()) {
            where.and(
                    "started_at < ?",
                    Instant.ofEpochSecond(
                            request.getStartedBefore().getSeconds(),
                            request.getStartedBefore().getNanos()));
        }
        if (request.getState() != SessionState.SESSION_STATE_UNSPECIFIED) {
            where.and("state = ?", STATES.of(request.getState()).toLowerCase(Locale.ROOT));
        }
        if (!request.getFlag().isEmpty()) {
            where.and("? = ANY (flags)", request.getFlag());
        }
        return where;
    }

    private static Session read(Row<SQLException> row) throws SQLException {
        Session.Builder session =
                Session.newBuilder()
                        .setStationId(row.text(STATION))
                        .setSessionId(row.text(ID))
                        .setVersion(row.number(VERSION))
                        .setState(STATES.parse(row.text(STATE)))
                        .setToken(row.text(TOKEN))
                        .setReason(row.text(REASON))
                        .setConnector(row.text(CONNECTOR))
                        .setIsComplete(row.number(IS_COMPLETE) == 1)
                        .setMissing(row.number(MISSING))
                        .setEvents((int) row.number(EVENTS))
                        .setDuplicates((int) row.number(DUPLICATES))
                        .setLeftOut(row.number(LEFT_OUT))
                        .setValueCount(row.number(VALUE_COUNT))
                        .setReceivedAt(ProtoTimestamps.of(row.time(RECEIVED_AT)))
                        .setUpdatedAt(ProtoTimestamps.of(row.time(UPDATED_AT)));
        if (row.has(STARTED_AT)) {
            session.setStartedAt(ProtoTimestamps.of(row.time(STARTED_AT)));
        }
        if (row.has(ENDED_AT)) {
            session.setEndedAt(ProtoTimestamps.of(row.time(ENDED_AT)));
        }
        if (row.has(FIRST_REGISTER)) {
            session.setFirstRegisterWh(row.text(FIRST_REGISTER));
        }
        if (row.has(LAST_REGISTER)) {
            session.setLastRegisterWh(row.text(LAST_REGISTER));
        }
        if (row.has(ENERGY)) {
            session.setEnergyWh(row.text(ENERGY));
        }
        if (!row.text(FLAGS).isEmpty()) {
            session.addAllFlags(List.of(row.text(FLAGS).split(",")));
        }
        return session.build();
    }
}
