package io.ponix.jobs.envelope.devices;

import static java.util.Objects.requireNonNull;

import io.ponix.proto.envelope.ExternalId;

/**
 * What an envelope calls its device: the device's id, or its external id, which only means
 * something within an organization.
 *
 * @param organizationId of the external id; {@code null} for a device's own
 * @param id the device's id, or its external id in {@linkplain ExternalId#normal normal form}
 */
public record DeviceName(String organizationId, String id) {

    /** Checks that the id is given. */
    public DeviceName {
        requireNonNull(id, "id");
    }

    /** A device by its own id. */
    public static DeviceName ofId(String id) {
        return new DeviceName(null, id);
    }

    /**
     * A device by what its senders call it.
     *
     * @param externalId in any spelling
     */
    public static DeviceName ofExternalId(String organizationId, String externalId) {
        return new DeviceName(
                requireNonNull(organizationId, "organizationId"), ExternalId.normal(externalId));
    }

    /** Whether it is an external id. */
    public boolean isExternal() {
        return organizationId != null;
    }
}
