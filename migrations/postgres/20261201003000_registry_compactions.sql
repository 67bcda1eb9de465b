-- +goose Up
-- Where the history of things begins with what its earlier events came to: whoever asks for a moment before is told so, and not that
-- there was nothing.
CREATE INDEX registry_events_compacted ON registry_events (organization_id, change_id) WHERE event_type = 'compacted';

-- +goose Down
DROP INDEX registry_events_compacted;
