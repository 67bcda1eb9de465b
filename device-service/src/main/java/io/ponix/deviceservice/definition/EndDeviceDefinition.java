package io.ponix.deviceservice.definition;

import io.ponix.proto.end_device.v1.DefinitionExample;
import io.ponix.transforms.PayloadContract;
import java.time.Instant;
import java.util.List;

/**
 * A definition.
 *
 * @param contracts in their order; at least one
 * @param examples as they were given
 */
public record EndDeviceDefinition(
        String id,
        String organizationId,
        String name,
        List<PayloadContract> contracts,
        List<DefinitionExample> examples,
        Instant createdAt,
        Instant updatedAt) {}
