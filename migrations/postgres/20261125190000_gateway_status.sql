-- +goose Up
-- What the gateway's owner, or a bridge, last said of it: GatewayStatus of the contract, without its prefix. Until now every
-- gateway was answered for as active, so the ones that exist are.
--
-- The columns beside it: gateway_type is 'emqx' or 'unspecified', gateway_config is '{}' or {"broker_url": "..."}, and an
-- empty name stands for the broker's URL. The envelope pipeline announces rows as they are read here: what is stored must
-- not hold credentials.
ALTER TABLE gateways
    ADD COLUMN status TEXT NOT NULL DEFAULT 'active',
    ADD CONSTRAINT gateways_status CHECK (status IN ('active', 'error', 'pending'));

-- +goose Down
-- Loses what was said of each gateway: they are all active again.
ALTER TABLE gateways DROP COLUMN status;
