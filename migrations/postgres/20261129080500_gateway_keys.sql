-- +goose Up
-- With which senders may post uplinks by HTTP: a JSON array of ponix.gateway.v1.GatewayKey, which holds hashes and no secrets. A
-- column of the gateway, so that the announcement of a gateway tells bridges its keys.
ALTER TABLE gateways
    ADD COLUMN gateway_keys JSONB NOT NULL DEFAULT '[]',
    ADD CONSTRAINT gateways_keys CHECK (jsonb_typeof(gateway_keys) = 'array');

-- +goose Down
-- Loses every key: nobody can post uplinks by HTTP.
ALTER TABLE gateways DROP COLUMN gateway_keys;
