-- +goose Up
-- What those who send for a device call it, such as its DevEUI. The device service writes it in its normal form
-- (io.ponix.registry.ExternalId): what is hexadecimal digits only is in lower case. So that equal names are equal texts, and one
-- plain index serves who looks for one; a functional one would have the rule a second time, in SQL, and the pipeline, which
-- reads rows and not the index, a third. The check keeps others who write here to it.
ALTER TABLE end_devices
    ADD COLUMN external_id TEXT,
    ADD CONSTRAINT end_devices_external_id
        CHECK (external_id <> '' AND external_id !~ '^[0-9A-Fa-f]*[A-F][0-9A-Fa-f]*$');

-- A device that is marked as deleted lets go of its external id.
CREATE UNIQUE INDEX end_devices_by_external_id ON end_devices (organization_id, external_id)
    WHERE external_id IS NOT NULL AND deleted_at IS NULL;

-- +goose Down
-- Loses every external id: envelopes that name their device by it find none afterwards.
ALTER TABLE end_devices DROP COLUMN external_id;
