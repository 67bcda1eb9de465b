-- +goose Up
-- Lists of the devices that are deleted, which are few among many. It holds up changes of devices for as long as it takes to
-- look through them: 1 s for a million.
CREATE INDEX end_devices_deleted_listing ON end_devices (organization_id, created_at DESC, device_id DESC)
    WHERE deleted_at IS NOT NULL;

-- +goose Down
DROP INDEX end_devices_deleted_listing;
