-- +goose Up
-- Who changed a row last: the id of a key, or of a token "oidc:" and its subject; NULL where no key was asked for, and of rows from
-- before. A column that readers of the change stream leave alone.
ALTER TABLE organizations ADD COLUMN updated_by TEXT;

ALTER TABLE end_devices ADD COLUMN updated_by TEXT;

ALTER TABLE gateways ADD COLUMN updated_by TEXT;

ALTER TABLE end_device_definitions ADD COLUMN updated_by TEXT;

-- +goose Down
-- Loses who changed each row last; the service's log has it still.
ALTER TABLE end_device_definitions DROP COLUMN updated_by;

ALTER TABLE gateways DROP COLUMN updated_by;

ALTER TABLE end_devices DROP COLUMN updated_by;

ALTER TABLE organizations DROP COLUMN updated_by;
