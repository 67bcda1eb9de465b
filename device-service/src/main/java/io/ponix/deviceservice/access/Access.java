package io.ponix.deviceservice.access;

import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.micrometer.core.instrument.MeterRegistry;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.identifier.XidGenerator;
import java.util.List;

/** Who may call the services: the service that manages keys, and the guard that asks for them. */
public final class Access {

    private final AccessMode mode;
    private final KnownKeys keys;
    private final KeyUse use;
    private final AccessGrpcService service;
    private final MeterRegistry metrics;

    /** Keeps the keys in a database. */
    public Access(
            AccessMode mode, Database database, XidGenerator identifiers, MeterRegistry metrics) {
        ApiKeyRepository repository = new ApiKeyRepository(database);
        this.mode = mode;
        this.keys = new KnownKeys(repository);
        this.use = new KeyUse(repository);
        this.service = new AccessGrpcService(repository, keys, identifiers);
        this.metrics = metrics;
    }

    /** Returns the service that manages keys, to be guarded as the others. */
    public BindableService service() {
        return service;
    }

    /**
     * Returns what has to stand before every method of these services.
     *
     * @throws IllegalStateException when a method's proto does not say who may call it
     */
    public ServerInterceptor guard(List<ServerServiceDefinition> services) {
        return new AccessControl(mode, Policies.of(services), keys, use, metrics);
    }
}
