package io.ponix.deviceservice.access;

import com.linecorp.armeria.server.HttpService;
import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.micrometer.core.instrument.MeterRegistry;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.identifier.XidGenerator;
import java.util.List;
import java.util.Optional;

/** Who may call the services: the service that manages keys, and the guard that asks for them. */
public final class Access {

    private final AccessMode mode;
    private final Credentials credentials;
    private final AccessGrpcService service;
    private final AuditLog audit;

    /**
     * Keeps the keys in a database.
     *
     * @param oidc whose tokens are taken, too
     */
    public Access(
            AccessMode mode,
            Optional<OidcSettings> oidc,
            Database database,
            XidGenerator identifiers,
            MeterRegistry metrics) {
        ApiKeyRepository repository = new ApiKeyRepository(database);
        this.mode = mode;
        KnownKeys keys = new KnownKeys(repository);
        this.credentials = new Credentials(keys, new KeyUse(repository), oidc.map(Tokens::new));
        this.service = new AccessGrpcService(repository, keys, identifiers);
        this.audit = new AuditLog(metrics);
    }

    /** Returns the service that manages keys, to be guarded as the others. */
    public BindableService service() {
        return service;
    }

    /** Returns what makes a cookie of a key, for the page. */
    public HttpService signIn() {
        return new SignIn(credentials, audit);
    }

    /**
     * Returns what has to stand before every method of these services.
     *
     * @throws IllegalStateException when a method's proto does not say who may call it
     */
    public ServerInterceptor guard(List<ServerServiceDefinition> services) {
        return new AccessControl(mode, Policies.of(services), credentials, audit);
    }
}
