-- +goose Up
-- By which gateway a device is heard, as its owner says: one of the device's organization. It stays where the gateway is deleted, which leaves
-- its row. Of the rows of today none has one; whoever reads or changes gateways and devices waits until they have been looked through, about 1 s
-- for a million devices.
ALTER TABLE gateways ADD CONSTRAINT gateways_of_organization UNIQUE (gateway_id, organization_id);

ALTER TABLE end_devices
    ADD COLUMN gateway_id TEXT,
    ADD CONSTRAINT end_devices_gateway FOREIGN KEY (gateway_id, organization_id)
        REFERENCES gateways (gateway_id, organization_id);

CREATE INDEX end_devices_gateway ON end_devices (gateway_id) WHERE gateway_id IS NOT NULL;

-- +goose Down
-- Loses which device has which gateway. Events that tell of it stay.
ALTER TABLE end_devices DROP COLUMN gateway_id;

ALTER TABLE gateways DROP CONSTRAINT gateways_of_organization;
