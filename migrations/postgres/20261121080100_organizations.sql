-- +goose Up
-- Deletion is soft (deleted_at), so that an organization's devices and rows can still be told whose they were.
CREATE TABLE organizations (
    id         TEXT        PRIMARY KEY,
    name       TEXT        NOT NULL,
    version    BIGINT      NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at TIMESTAMPTZ
);

CREATE INDEX organizations_listing ON organizations (created_at DESC, id DESC) WHERE deleted_at IS NULL;

CREATE TRIGGER organizations_version BEFORE INSERT OR UPDATE ON organizations
    FOR EACH ROW EXECUTE FUNCTION set_row_version();

-- The change stream carries the whole old row, so that a hard DELETE still says which organization it was.
ALTER TABLE organizations REPLICA IDENTITY FULL;

-- +goose Down
-- Loses every organization.
DROP TABLE organizations;
