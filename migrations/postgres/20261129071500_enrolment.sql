-- +goose Up
-- A gateway that asks for it has devices made of what senders call themselves and nobody has registered: with this definition, and
-- at most so many within an hour. The definition is of the gateway's organization, and cannot be deleted while a gateway names
-- it; in one that is marked as deleted the service clears it.
ALTER TABLE gateways
    ADD COLUMN enrolment_definition_id TEXT,
    ADD COLUMN enrolments_per_hour BIGINT NOT NULL DEFAULT 0,
    ADD CONSTRAINT gateways_enrolment_definition FOREIGN KEY (enrolment_definition_id, organization_id)
        REFERENCES end_device_definitions (id, organization_id) ON DELETE RESTRICT;

CREATE INDEX gateways_enrolment_definition ON gateways (enrolment_definition_id) WHERE enrolment_definition_id IS NOT NULL;

ALTER TABLE end_devices ADD COLUMN enrolled_by_gateway_id TEXT;

-- How many a gateway has enrolled within the last hour is counted whenever it is to enrol another, deleted ones too.
CREATE INDEX end_devices_enrolled ON end_devices (enrolled_by_gateway_id, created_at) WHERE enrolled_by_gateway_id IS NOT NULL;

CREATE INDEX end_devices_enrolled_listing ON end_devices (organization_id, created_at DESC, device_id DESC)
    WHERE deleted_at IS NULL AND enrolled_by_gateway_id IS NOT NULL;

-- +goose Down
-- Loses which gateways enrol devices, and which devices were enrolled; the devices stay.
ALTER TABLE end_devices DROP COLUMN enrolled_by_gateway_id;

ALTER TABLE gateways DROP COLUMN enrolments_per_hour, DROP COLUMN enrolment_definition_id;
