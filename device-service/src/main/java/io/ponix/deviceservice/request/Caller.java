package io.ponix.deviceservice.request;

import io.grpc.Context;
import io.ponix.proto.access.v1.Role;
import java.time.Instant;
import java.util.Optional;

/**
 * As whom a call is made.
 *
 * @param keyId empty without a key
 * @param organizationId the only one there is for the caller; empty: all
 * @param keyExpiresAt until when the key is valid; empty for one that does not end, and without one
 */
public record Caller(
        String keyId,
        String name,
        String organizationId,
        Role role,
        Optional<Instant> keyExpiresAt) {

    /** Whoever calls a service that asks for no key. */
    public static final Caller ANYONE =
            new Caller("", "anyone", "", Role.ROLE_OPERATOR, Optional.empty());

    private static final Context.Key<Caller> CURRENT = Context.key("caller");

    /**
     * Returns the caller of the method that runs.
     *
     * @throws IllegalStateException outside of one: nobody is taken for someone who may
     */
    public static Caller current() {
        Caller caller = CURRENT.get();
        if (caller == null) {
            throw new IllegalStateException("a call that passed no access control");
        }
        return caller;
    }

    /** Returns the context in which {@link #current} is this caller. */
    public Context with(Context context) {
        return context.withValue(CURRENT, this);
    }

    /** Whether things of that organization are there for the caller. */
    public boolean sees(String organization) {
        return organizationId.isEmpty() || organizationId.equals(organization);
    }

    /**
     * The organization that a request is about.
     *
     * @param requested by the request, which may leave it out; one that is not the caller's was
     *     refused before
     * @return empty: all there are
     */
    public String organizationOf(String requested) {
        return requested.isEmpty() ? organizationId : requested;
    }
}
