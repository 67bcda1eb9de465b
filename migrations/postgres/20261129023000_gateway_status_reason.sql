-- +goose Up
-- Why the status is what it is, in a line for a person: a bridge says so of a broker that it cannot reach.
ALTER TABLE gateways ADD COLUMN status_reason TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE gateways DROP COLUMN status_reason;
