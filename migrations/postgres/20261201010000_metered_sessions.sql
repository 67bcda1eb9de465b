-- +goose Up
-- What the job jobs/metered-sessions assembles: a row for each session of a station, and the meter values that it has. There is no
-- reference to organizations or end devices: a station need not be registered, and rows outlive what they are of.
CREATE TABLE sessions (
    organization_id   TEXT        COLLATE "C" NOT NULL,
    -- The device, unless its transform says otherwise.
    station_id        TEXT        COLLATE "C" NOT NULL,
    -- The station's own: other stations have the same.
    session_id        TEXT        COLLATE "C" NOT NULL,
    -- Who writes the row looks that it grows.
    version           BIGINT      NOT NULL,
    state             TEXT        NOT NULL,
    started_at        TIMESTAMPTZ,
    ended_at          TIMESTAMPTZ,
    token             TEXT        NOT NULL DEFAULT '',
    reason            TEXT        NOT NULL DEFAULT '',
    connector         TEXT        NOT NULL DEFAULT '',
    first_register_wh NUMERIC,
    last_register_wh  NUMERIC,
    -- NULL where it is not known: never 0 for that, and never negative.
    energy_wh         NUMERIC,
    is_complete       BOOLEAN     NOT NULL DEFAULT false,
    missing           BIGINT      NOT NULL DEFAULT 0,
    flags             TEXT[]      NOT NULL DEFAULT '{}',
    events            INTEGER     NOT NULL DEFAULT 0,
    duplicates        INTEGER     NOT NULL DEFAULT 0,
    left_out          BIGINT      NOT NULL DEFAULT 0,
    value_count       BIGINT      NOT NULL DEFAULT 0,
    -- When the message that the version is of was received, and when the row was written.
    received_at       TIMESTAMPTZ NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, station_id, session_id),
    CONSTRAINT sessions_state CHECK (state IN ('ongoing', 'ended')),
    CONSTRAINT sessions_energy CHECK (energy_wh >= 0)
);

CREATE INDEX sessions_by_start ON sessions (organization_id, started_at DESC, station_id, session_id);

CREATE TABLE session_meter_values (
    organization_id TEXT        COLLATE "C" NOT NULL,
    station_id      TEXT        COLLATE "C" NOT NULL,
    -- Empty: of no session.
    session_id      TEXT        COLLATE "C" NOT NULL,
    -- Made of the content of its message, and the same whenever it comes again.
    value_id        UUID        NOT NULL,
    measured_at     TIMESTAMPTZ NOT NULL,
    measurand       TEXT        NOT NULL,
    context         TEXT        NOT NULL,
    location        TEXT        NOT NULL,
    phase           TEXT        NOT NULL,
    value           NUMERIC     NOT NULL,
    unit            TEXT        NOT NULL,
    multiplier      INTEGER     NOT NULL,
    connector       TEXT        NOT NULL,
    -- Which of the session's values it was to arrive, from 0.
    arrival         BIGINT      NOT NULL,
    received_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (organization_id, station_id, session_id, value_id)
);

CREATE INDEX session_meter_values_by_time ON session_meter_values (organization_id, station_id, session_id, measured_at);

-- +goose Down
-- Loses every session, and what was measured. Stop the job before. What the stream of decoded envelopes still has is assembled again by a
-- job without a savepoint.
DROP TABLE session_meter_values;
DROP TABLE sessions;
