package io.ponix.jobs.envelope.devices;

import io.ponix.registry.EndDeviceRow;

/** Changes of devices for tests. */
public final class DeviceChanges {

    private DeviceChanges() {}

    /** A device called {@code a name}, without an external id. */
    public static DeviceChange.DeviceUpserted device(
            String id,
            String organization,
            String transform,
            String definition,
            long version,
            boolean deleted) {
        return device(id, organization, transform, definition, "", version, deleted);
    }

    /** A device called {@code a name}. */
    public static DeviceChange.DeviceUpserted device(
            String id,
            String organization,
            String transform,
            String definition,
            String externalId,
            long version,
            boolean deleted) {
        return new DeviceChange.DeviceUpserted(
                new EndDeviceRow(id, organization, "a name", transform, definition, externalId),
                version,
                deleted);
    }
}
