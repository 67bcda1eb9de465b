package io.ponix.jobs.envelope.devices;

import static java.util.Objects.requireNonNull;

import io.ponix.registry.EndDeviceRow;

/**
 * What the job must know of a device to handle its envelopes.
 *
 * @param id its id
 * @param organizationId the organization it belongs to
 * @param name what people call it; transforms may use it
 * @param transform the key of its own transform's text, or {@code null} if it has none
 * @param definitionId the definition whose contracts apply where it has no transform of its own, or
 *     {@code null} if it has none. The definition may be unknown as yet
 * @param externalId what its senders call it, in normal form, or {@code null} if it has no such
 *     name
 * @param version the monotonic version of its row in Postgres
 * @param deleted whether it is marked as deleted. Such a device is kept, so that an older change
 *     that arrives after hydration does not bring it back.
 */
public record Device(
        String id,
        String organizationId,
        String name,
        TransformKey transform,
        String definitionId,
        String externalId,
        long version,
        boolean deleted) {

    /** Checks that id, organization and name are given. */
    public Device {
        requireNonNull(id, "id");
        requireNonNull(organizationId, "organizationId");
        requireNonNull(name, "name");
    }

    /**
     * A device's new row. A deleted device only remains for its version.
     *
     * @param transform the key of its transform; {@code null} if it has none or is deleted
     */
    static Device of(DeviceChange.DeviceUpserted change, TransformKey transform) {
        EndDeviceRow row = change.row();
        boolean hasDefinition = !change.deleted() && !row.definitionId().isEmpty();
        boolean hasExternalId = !change.deleted() && !row.externalId().isEmpty();
        return new Device(
                row.deviceId(),
                row.organizationId(),
                row.name(),
                transform,
                hasDefinition ? row.definitionId() : null,
                hasExternalId ? row.externalId() : null,
                change.version(),
                change.deleted());
    }
}
