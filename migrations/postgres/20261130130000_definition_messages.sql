-- +goose Up
-- The messages of Protocol Buffers that a definition's contracts decode by name: a google.protobuf.FileDescriptorSet in base64, as
-- text, because that is what every reader of the change stream gets it as; empty where there are none.
ALTER TABLE end_device_definitions ADD COLUMN file_descriptor_set TEXT NOT NULL DEFAULT '';

-- +goose Down
-- Loses every description of messages: contracts that name one no longer compile.
ALTER TABLE end_device_definitions DROP COLUMN file_descriptor_set;
