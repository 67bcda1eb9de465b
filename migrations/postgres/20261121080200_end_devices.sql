-- +goose Up
-- payload_conversion is the device's CEL transform; empty means that it has none.
CREATE TABLE end_devices (
    device_id          TEXT        PRIMARY KEY,
    organization_id    TEXT        NOT NULL,
    name               TEXT        NOT NULL,
    payload_conversion TEXT        NOT NULL DEFAULT '',
    version            BIGINT      NOT NULL,
    created_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at         TIMESTAMPTZ NOT NULL DEFAULT now(),
    deleted_at         TIMESTAMPTZ,
    CONSTRAINT end_devices_organization FOREIGN KEY (organization_id) REFERENCES organizations (id)
);

CREATE INDEX end_devices_listing ON end_devices (organization_id, created_at DESC, device_id DESC)
    WHERE deleted_at IS NULL;

CREATE TRIGGER end_devices_version BEFORE INSERT OR UPDATE ON end_devices
    FOR EACH ROW EXECUTE FUNCTION set_row_version();

-- Besides hard deletes: an unchanged payload_conversion that is stored out of line (TOAST) is left out of an update's
-- change event unless the whole old row is logged.
ALTER TABLE end_devices REPLICA IDENTITY FULL;

-- +goose Down
-- Loses every device with its transform.
DROP TABLE end_devices;
