-- +goose Up
-- What the messages of a gateway mean: the name of a preset, or an expression, or neither (docs/intake.md).
ALTER TABLE gateways
    ADD COLUMN intake_preset TEXT NOT NULL DEFAULT '',
    ADD COLUMN intake_expression TEXT NOT NULL DEFAULT '',
    ADD CONSTRAINT gateways_intake CHECK (intake_preset = '' OR intake_expression = '');

-- +goose Down
-- Loses what the messages of each gateway mean: they are read by topic again.
ALTER TABLE gateways DROP COLUMN intake_preset, DROP COLUMN intake_expression;
