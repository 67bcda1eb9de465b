-- +goose Up
-- Lists of devices that are in the order of names, or of those whose names begin alike: by code point, whatever the order of the
-- database is (io.ponix.deviceservice.listing.ListField). Names have at most 256 characters, those from before that was so may have more.
-- Not of those alone that are not deleted: the planner knows how names are spread only from an index of all.
--
-- It holds up changes of devices, not reading them, for as long as it takes: 7 s for a million devices on a busy machine of two cores.
CREATE INDEX end_devices_by_name ON end_devices (organization_id, left(name COLLATE "C", 256), device_id);

ANALYZE end_devices;

-- +goose Down
DROP INDEX end_devices_by_name;
