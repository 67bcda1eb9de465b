package io.ponix.jobs.envelope.devices;

import static java.util.Objects.requireNonNull;

/**
 * What the job must know of a definition, which devices share.
 *
 * @param name what people call it, for messages
 * @param contracts the key of its contracts' text
 * @param version the monotonic version of its row in Postgres
 */
public record Definition(String name, TransformKey contracts, long version) {

    /** Checks that name and contracts are given. */
    public Definition {
        requireNonNull(name, "name");
        requireNonNull(contracts, "contracts");
    }
}
