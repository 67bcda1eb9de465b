-- +goose Up
-- The default of PONIX_CDC_PUBLICATION_NAME. Readers never create or alter it. There is no heartbeat table: the job's source
-- writes its heartbeats as logical messages (pg_logical_emit_message), which need none.
CREATE PUBLICATION ponix_cdc_publication FOR TABLE organizations, end_devices, gateways;

-- +goose Down
-- Loses no row. A job that reads the publication stops until there is one again.
DROP PUBLICATION ponix_cdc_publication;
