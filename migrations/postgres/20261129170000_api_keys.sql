-- +goose Up
-- Who may call the services. Of a key's secret, 256 random bits, only the SHA-256 is here, in hexadecimal. Keys stay when they are
-- revoked, so that it can be said whose they were. No part of the publication: nothing but the service reads them.
CREATE TABLE api_keys (
    key_id            TEXT        PRIMARY KEY,
    name              TEXT        NOT NULL,
    -- NULL: all organizations.
    organization_id   TEXT,
    -- As ponix.access.v1.Role has it.
    role              TEXT        NOT NULL,
    secret_sha256     TEXT        NOT NULL,
    -- NULL: made before any key could be asked for.
    created_by_key_id TEXT,
    created_at        TIMESTAMPTZ NOT NULL,
    expires_at        TIMESTAMPTZ,
    last_used_at      TIMESTAMPTZ,
    revoked_at        TIMESTAMPTZ,
    CONSTRAINT api_keys_organization FOREIGN KEY (organization_id) REFERENCES organizations (id),
    CONSTRAINT api_keys_secret CHECK (secret_sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT api_keys_of_all_organizations CHECK (organization_id IS NOT NULL OR role IN ('ROLE_OPERATOR', 'ROLE_INTAKE'))
);

CREATE INDEX api_keys_listing ON api_keys (created_at DESC, key_id DESC);
CREATE INDEX api_keys_of_organization ON api_keys (organization_id, created_at DESC, key_id DESC);

-- +goose Down
-- Loses every key: where the service asks for keys, nobody can call it until there is a first one again.
DROP TABLE api_keys;
