-- +goose Up
-- What devices of one kind have in common. contracts is a list of {"match_expression", "transform_expression",
-- "json_schema"}, of which the first that matches an envelope applies; examples is a list of payloads with what the
-- contracts make of them, proved whenever a definition is saved.
--
-- Definitions are deleted for good: nothing refers to one any more once no device does.
CREATE TABLE end_device_definitions (
    id              TEXT        PRIMARY KEY,
    organization_id TEXT        NOT NULL,
    name            TEXT        NOT NULL,
    contracts       JSONB       NOT NULL,
    examples        JSONB       NOT NULL DEFAULT '[]',
    version         BIGINT      NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    CONSTRAINT end_device_definitions_organization FOREIGN KEY (organization_id) REFERENCES organizations (id),
    CONSTRAINT end_device_definitions_contracts CHECK (jsonb_typeof(contracts) = 'array' AND contracts <> '[]'),
    -- For the devices' foreign key.
    CONSTRAINT end_device_definitions_of_organization UNIQUE (id, organization_id)
);

CREATE INDEX end_device_definitions_listing ON end_device_definitions (organization_id, created_at DESC, id DESC);

CREATE TRIGGER end_device_definitions_version BEFORE INSERT OR UPDATE ON end_device_definitions
    FOR EACH ROW EXECUTE FUNCTION set_row_version();

-- As for devices: contracts that an update does not change must be in its change event, however long they are.
ALTER TABLE end_device_definitions REPLICA IDENTITY FULL;

-- A device's own payload_conversion, where it has one, wins over its definition. The definition is of the device's
-- organization; one that a device uses cannot be deleted. In a device that is marked as deleted the service clears it, so
-- that such a device holds no definition back.
ALTER TABLE end_devices
    ADD COLUMN definition_id TEXT,
    ADD CONSTRAINT end_devices_definition FOREIGN KEY (definition_id, organization_id)
        REFERENCES end_device_definitions (id, organization_id) ON DELETE RESTRICT;

CREATE INDEX end_devices_definition ON end_devices (definition_id) WHERE definition_id IS NOT NULL;

ALTER PUBLICATION ponix_cdc_publication ADD TABLE end_device_definitions;

-- +goose Down
-- Loses every definition, and which device has which. A device that lived by its definition has no transform afterwards.
ALTER PUBLICATION ponix_cdc_publication DROP TABLE end_device_definitions;

ALTER TABLE end_devices DROP COLUMN definition_id;

DROP TABLE end_device_definitions;
