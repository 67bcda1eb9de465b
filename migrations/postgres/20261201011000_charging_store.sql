-- +goose Up
-- What a charging system keeps of its stations, drivers, sessions and partners (proto/ponix/charging/v1). All of it is an organization's, under
-- keys that others gave: in the order of their bytes, whatever the database's collation is. A station needs no row anywhere to have one
-- in any of these tables. There is no history of it: it changes with every message of a station.

-- As whom a station is let in.
CREATE TABLE charging_station_auth (
    organization_id          TEXT     NOT NULL,
    charge_station_id        TEXT     COLLATE "C" NOT NULL,
    security_profile         SMALLINT NOT NULL,
    base64_sha256_password   TEXT     NOT NULL,
    invalid_username_allowed BOOLEAN  NOT NULL,
    PRIMARY KEY (organization_id, charge_station_id),
    CONSTRAINT charging_station_auth_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

CREATE TABLE charging_station_runtime_details (
    organization_id   TEXT NOT NULL,
    charge_station_id TEXT COLLATE "C" NOT NULL,
    ocpp_version      TEXT NOT NULL,
    PRIMARY KEY (organization_id, charge_station_id),
    CONSTRAINT charging_station_runtime_details_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

-- The stations that have settings, maybe none by name. Who merges settings of a station holds its row.
CREATE TABLE charging_station_settings (
    organization_id   TEXT        NOT NULL,
    charge_station_id TEXT        COLLATE "C" NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, charge_station_id),
    CONSTRAINT charging_station_settings_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

CREATE TABLE charging_station_setting_values (
    organization_id   TEXT        NOT NULL,
    charge_station_id TEXT        COLLATE "C" NOT NULL,
    name              TEXT        COLLATE "C" NOT NULL,
    value             TEXT        NOT NULL,
    status            TEXT        NOT NULL,
    send_after        TIMESTAMPTZ,
    PRIMARY KEY (organization_id, charge_station_id, name),
    CONSTRAINT charging_station_setting_values_station FOREIGN KEY (organization_id, charge_station_id)
        REFERENCES charging_station_settings (organization_id, charge_station_id) ON DELETE CASCADE
);

-- The stations that have certificates to install, in the same way.
CREATE TABLE charging_station_install_certificates (
    organization_id   TEXT        NOT NULL,
    charge_station_id TEXT        COLLATE "C" NOT NULL,
    updated_at        TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, charge_station_id),
    CONSTRAINT charging_station_install_certificates_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

CREATE TABLE charging_station_certificates (
    organization_id   TEXT        NOT NULL,
    charge_station_id TEXT        COLLATE "C" NOT NULL,
    certificate_id    TEXT        COLLATE "C" NOT NULL,
    -- In which order they were first given.
    position          BIGINT      GENERATED ALWAYS AS IDENTITY,
    certificate_type  TEXT        NOT NULL,
    certificate_data  TEXT        NOT NULL,
    status            TEXT        NOT NULL,
    send_after        TIMESTAMPTZ,
    PRIMARY KEY (organization_id, charge_station_id, certificate_id),
    CONSTRAINT charging_station_certificates_station FOREIGN KEY (organization_id, charge_station_id)
        REFERENCES charging_station_install_certificates (organization_id, charge_station_id) ON DELETE CASCADE
);

CREATE TABLE charging_station_trigger_messages (
    organization_id   TEXT        NOT NULL,
    charge_station_id TEXT        COLLATE "C" NOT NULL,
    trigger_message   TEXT        NOT NULL,
    status            TEXT        NOT NULL,
    send_after        TIMESTAMPTZ,
    PRIMARY KEY (organization_id, charge_station_id),
    CONSTRAINT charging_station_trigger_messages_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

CREATE TABLE charging_tokens (
    organization_id TEXT        NOT NULL,
    uid             TEXT        COLLATE "C" NOT NULL,
    country_code    TEXT        NOT NULL,
    party_id        TEXT        NOT NULL,
    type            TEXT        NOT NULL,
    contract_id     TEXT        NOT NULL,
    visual_number   TEXT,
    issuer          TEXT        NOT NULL,
    group_id        TEXT,
    valid           BOOLEAN     NOT NULL,
    language_code   TEXT,
    cache_mode      TEXT        NOT NULL,
    last_updated    TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, uid),
    CONSTRAINT charging_tokens_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

-- An update may be the first that is heard of one, as may be its end.
CREATE TABLE charging_transactions (
    organization_id      TEXT    NOT NULL,
    charge_station_id    TEXT    COLLATE "C" NOT NULL,
    transaction_id       TEXT    COLLATE "C" NOT NULL,
    id_token             TEXT    NOT NULL DEFAULT '',
    token_type           TEXT    NOT NULL DEFAULT '',
    start_seq_no         BIGINT  NOT NULL DEFAULT 0,
    ended_seq_no         BIGINT  NOT NULL DEFAULT 0,
    updated_seq_no_count BIGINT  NOT NULL DEFAULT 0,
    offline              BOOLEAN NOT NULL DEFAULT false,
    -- Of charging_meter_values: the number of the last.
    meter_value_count    BIGINT  NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, charge_station_id, transaction_id),
    CONSTRAINT charging_transactions_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

CREATE TABLE charging_meter_values (
    organization_id   TEXT   NOT NULL,
    charge_station_id TEXT   COLLATE "C" NOT NULL,
    transaction_id    TEXT   COLLATE "C" NOT NULL,
    -- In which order they arrived: 1, 2, 3 ...
    number            BIGINT NOT NULL,
    -- As it was given, whatever that is.
    measured_at       TEXT   NOT NULL,
    -- Read as a whole only: as text, which JSONB would take apart.
    sampled_values    JSON   NOT NULL,
    PRIMARY KEY (organization_id, charge_station_id, transaction_id, number),
    CONSTRAINT charging_meter_values_transaction FOREIGN KEY (organization_id, charge_station_id, transaction_id)
        REFERENCES charging_transactions (organization_id, charge_station_id, transaction_id) ON DELETE CASCADE
);

CREATE TABLE charging_certificates (
    organization_id  TEXT NOT NULL,
    -- Base 64 for URLs, without padding, of the SHA-256 of the DER of the first certificate.
    certificate_hash TEXT COLLATE "C" NOT NULL,
    pem              TEXT NOT NULL,
    PRIMARY KEY (organization_id, certificate_hash),
    CONSTRAINT charging_certificates_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

CREATE TABLE charging_ocpi_registrations (
    organization_id TEXT  NOT NULL,
    -- The token itself is nowhere: who reads the table cannot use it.
    token_sha256    BYTEA NOT NULL,
    status          TEXT  NOT NULL,
    PRIMARY KEY (organization_id, token_sha256),
    CONSTRAINT charging_ocpi_registrations_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

-- Without checks: the message of one that fails has the whole row in it, and with it the token.
CREATE TABLE charging_ocpi_parties (
    organization_id TEXT NOT NULL,
    role            TEXT COLLATE "C" NOT NULL,
    country_code    TEXT COLLATE "C" NOT NULL,
    party_id        TEXT COLLATE "C" NOT NULL,
    url             TEXT NOT NULL,
    token           TEXT NOT NULL,
    PRIMARY KEY (organization_id, role, country_code, party_id),
    CONSTRAINT charging_ocpi_parties_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

CREATE TABLE charging_locations (
    organization_id TEXT        NOT NULL,
    location_id     TEXT        COLLATE "C" NOT NULL,
    -- ponix.charging.v1.Location.
    location        JSONB       NOT NULL,
    last_updated    TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, location_id),
    CONSTRAINT charging_locations_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

-- +goose Down
-- Loses all that charging systems keep here.
DROP TABLE charging_locations;
DROP TABLE charging_ocpi_parties;
DROP TABLE charging_ocpi_registrations;
DROP TABLE charging_certificates;
DROP TABLE charging_meter_values;
DROP TABLE charging_transactions;
DROP TABLE charging_tokens;
DROP TABLE charging_station_trigger_messages;
DROP TABLE charging_station_certificates;
DROP TABLE charging_station_install_certificates;
DROP TABLE charging_station_setting_values;
DROP TABLE charging_station_settings;
DROP TABLE charging_station_runtime_details;
DROP TABLE charging_station_auth;
