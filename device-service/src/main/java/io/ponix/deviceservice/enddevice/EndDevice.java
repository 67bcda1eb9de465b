package io.ponix.deviceservice.enddevice;

import java.time.Instant;

/**
 * A device.
 *
 * @param payloadConversion its CEL transform, empty if it has none of its own
 * @param definitionId its definition, empty if it has none
 */
public record EndDevice(
        String id,
        String organizationId,
        String name,
        String payloadConversion,
        String definitionId,
        Instant createdAt,
        Instant updatedAt) {}
