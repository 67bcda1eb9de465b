-- +goose Up
-- What something is, for people, and what it is found by. NULL where nothing is said, as in the events from before there were these columns.
-- Of a host its comment says what it is.
ALTER TABLE organizations ADD COLUMN description TEXT, ADD COLUMN labels JSONB;
ALTER TABLE end_device_definitions ADD COLUMN description TEXT, ADD COLUMN labels JSONB;
ALTER TABLE gateways ADD COLUMN description TEXT, ADD COLUMN labels JSONB;
ALTER TABLE end_devices ADD COLUMN description TEXT, ADD COLUMN labels JSONB;
ALTER TABLE hosts ADD COLUMN labels JSONB;

-- An object of texts. All rows of today have none: they need not be looked through, which would hold up changes.
ALTER TABLE organizations ADD CONSTRAINT organizations_labels CHECK (jsonb_typeof(labels) = 'object'
    AND NOT jsonb_path_exists(labels, 'strict $.* ? (@.type() <> "string")', '{}', true)) NOT VALID;
ALTER TABLE end_device_definitions ADD CONSTRAINT end_device_definitions_labels CHECK (jsonb_typeof(labels) = 'object'
    AND NOT jsonb_path_exists(labels, 'strict $.* ? (@.type() <> "string")', '{}', true)) NOT VALID;
ALTER TABLE gateways ADD CONSTRAINT gateways_labels CHECK (jsonb_typeof(labels) = 'object'
    AND NOT jsonb_path_exists(labels, 'strict $.* ? (@.type() <> "string")', '{}', true)) NOT VALID;
ALTER TABLE end_devices ADD CONSTRAINT end_devices_labels CHECK (jsonb_typeof(labels) = 'object'
    AND NOT jsonb_path_exists(labels, 'strict $.* ? (@.type() <> "string")', '{}', true)) NOT VALID;
ALTER TABLE hosts ADD CONSTRAINT hosts_labels CHECK (jsonb_typeof(labels) = 'object'
    AND NOT jsonb_path_exists(labels, 'strict $.* ? (@.type() <> "string")', '{}', true)) NOT VALID;

-- +goose Down
-- Loses every description and every label. Events that tell of them stay.
ALTER TABLE hosts DROP COLUMN labels;
ALTER TABLE end_devices DROP COLUMN description, DROP COLUMN labels;
ALTER TABLE gateways DROP COLUMN description, DROP COLUMN labels;
ALTER TABLE end_device_definitions DROP COLUMN description, DROP COLUMN labels;
ALTER TABLE organizations DROP COLUMN description, DROP COLUMN labels;
