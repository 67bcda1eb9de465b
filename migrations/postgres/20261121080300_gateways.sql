-- +goose Up
CREATE TABLE gateways (
    gateway_id      TEXT        PRIMARY KEY,
    organization_id TEXT        NOT NULL,
    name            TEXT        NOT NULL DEFAULT '',
    gateway_type    TEXT        NOT NULL,
    gateway_config  JSONB       NOT NULL DEFAULT '{}',
    version         BIGINT      NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at      TIMESTAMPTZ,
    CONSTRAINT gateways_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

CREATE INDEX gateways_listing ON gateways (organization_id, created_at DESC, gateway_id DESC)
    WHERE deleted_at IS NULL;

CREATE TRIGGER gateways_version BEFORE INSERT OR UPDATE ON gateways
    FOR EACH ROW EXECUTE FUNCTION set_row_version();

ALTER TABLE gateways REPLICA IDENTITY FULL;

-- +goose Down
-- Loses every gateway.
DROP TABLE gateways;
