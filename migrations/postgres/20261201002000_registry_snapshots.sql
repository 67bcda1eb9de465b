-- +goose Up
-- What was registered at a moment, to be looked at or restored, of an organization or of all.
CREATE TABLE registry_snapshots (
    snapshot_id     TEXT        PRIMARY KEY,
    name            TEXT        NOT NULL,
    -- NULL: of all organizations.
    organization_id TEXT,
    origin          TEXT        NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    created_by      TEXT,
    entry_count     BIGINT      NOT NULL DEFAULT 0,
    -- False while more of an import is to come: what is not all there cannot be restored.
    is_complete     BOOLEAN     NOT NULL DEFAULT true,
    CONSTRAINT registry_snapshots_origin CHECK (origin IN ('manual', 'scheduled', 'before_restore', 'imported'))
);

CREATE INDEX registry_snapshots_listing ON registry_snapshots (created_at DESC, snapshot_id DESC);

-- The columns of each row that was not deleted, but for those that tell of its history. What a gateway's senders prove themselves by
-- (gateway_keys) is not among them: who restores something is not to restore a key that was taken from somebody.
CREATE TABLE registry_snapshot_entries (
    snapshot_id      TEXT   NOT NULL,
    -- By bytes, as pages are.
    resource_type    TEXT   COLLATE "C" NOT NULL,
    resource_id      TEXT   COLLATE "C" NOT NULL,
    organization_id  TEXT   NOT NULL,
    resource_version BIGINT NOT NULL,
    state            JSONB  NOT NULL,
    PRIMARY KEY (snapshot_id, resource_type, resource_id),
    CONSTRAINT registry_snapshot_entries_snapshot FOREIGN KEY (snapshot_id)
        REFERENCES registry_snapshots (snapshot_id) ON DELETE CASCADE,
    CONSTRAINT registry_snapshot_entries_state CHECK (jsonb_typeof(state) = 'object')
);

-- +goose Down
-- Loses every snapshot. The history stays.
DROP TABLE registry_snapshot_entries;

DROP TABLE registry_snapshots;
