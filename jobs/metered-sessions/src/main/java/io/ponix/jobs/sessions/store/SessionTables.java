package io.ponix.jobs.sessions.store;

/** What the tables are called (migrations/). */
public final class SessionTables {

    /** Of sessions in Postgres. */
    public static final String POSTGRES_SESSIONS = "sessions";

    /** Of their meter values in Postgres. */
    public static final String POSTGRES_METER_VALUES = "session_meter_values";

    /** Of versions of sessions in ClickHouse. */
    public static final String CLICKHOUSE_SESSIONS = "metered_sessions";

    /** Of their meter values in ClickHouse. */
    public static final String CLICKHOUSE_METER_VALUES = "session_meter_values";

    static final String ORGANIZATION_ID = "organization_id";
    static final String STATION_ID = "station_id";
    static final String SESSION_ID = "session_id";
    static final String STREAM = "stream";
    static final String STREAM_SEQUENCE = "stream_sequence";
    static final String RECEIVED_AT = "received_at";

    private SessionTables() {}
}
