package io.ponix.deviceservice.organization;

import java.time.Instant;
import java.util.Optional;

/**
 * An organization, the owner of devices.
 *
 * @param deletedAt when it was deleted, if it was
 */
record Organization(
        String id,
        String name,
        Instant createdAt,
        Instant updatedAt,
        Optional<Instant> deletedAt) {}
