-- A replication slot keeps all WAL since the last position its reader confirmed. Where the published tables are idle but
-- others are written, the reader sees nothing to confirm and the WAL grows without bound. The reader therefore updates its
-- row here now and then, which gives it a change to confirm.
CREATE TABLE cdc_heartbeat (
    slot_name TEXT        PRIMARY KEY,
    beat_at   TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- The default of PONIX_CDC_PUBLICATION_NAME. Readers never create or alter it.
CREATE PUBLICATION ponix_cdc_publication FOR TABLE organizations, end_devices, gateways, cdc_heartbeat;

-- //@UNDO
DROP PUBLICATION ponix_cdc_publication;

DROP TABLE cdc_heartbeat;
