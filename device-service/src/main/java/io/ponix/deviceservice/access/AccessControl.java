package io.ponix.deviceservice.access;

import com.google.protobuf.Message;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import io.ponix.deviceservice.request.Caller;
import io.ponix.registry.ApiKeyRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Lets a call pass whose caller may make it, and tells the method who that is ({@link
 * Caller#current}). The others are refused before their request is looked at:
 *
 * <ul>
 *   <li>UNAUTHENTICATED, with the same words whatever is wrong with the credential or if there is
 *       none;
 *   <li>PERMISSION_DENIED where the caller's role is not one that the method's {@linkplain Policies
 *       policy} names, whatever the request is about;
 *   <li>NOT_FOUND where the request names another organization than the caller's, whether or not
 *       there is one.
 * </ul>
 *
 * <p>Runs on threads that may block: now and then a caller waits for the {@linkplain KnownKeys
 * keys} to be read.
 */
public final class AccessControl implements ServerInterceptor {

    /** Counts refusals, by reason. */
    static final String REFUSALS = "ponix.access.refused";

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final String SCHEME = "bearer ";

    private static final String UNAUTHENTICATED =
            "A valid key is needed: send it as 'authorization: Bearer ponix_<id>_<secret>'"
                    + " (./ponix key list shows which are valid)";

    private static final String NOBODYS = "0".repeat(64);

    private final AccessMode mode;
    private final Policies policies;
    private final KnownKeys keys;
    private final KeyUse use;
    private final MeterRegistry metrics;

    AccessControl(
            AccessMode mode, Policies policies, KnownKeys keys, KeyUse use, MeterRegistry metrics) {
        this.mode = mode;
        this.policies = policies;
        this.keys = keys;
        this.use = use;
        this.metrics = metrics;
        for (Refusal reason : Refusal.values()) {
            count(reason, 0);
        }
    }

    /** Why a call is refused. */
    private enum Refusal {
        NO_CREDENTIAL,
        BAD_CREDENTIAL,
        ROLE,
        ORGANIZATION
    }

    private void count(Refusal reason, int calls) {
        metrics.counter(REFUSALS, "reason", reason.name().toLowerCase(Locale.ROOT))
                .increment(calls);
    }

    @Override
    public <RequestT, ResponseT> ServerCall.Listener<RequestT> interceptCall(
            ServerCall<RequestT, ResponseT> call,
            Metadata headers,
            ServerCallHandler<RequestT, ResponseT> next) {
        Policies.MethodPolicy policy = policies.of(call.getMethodDescriptor());
        Optional<Caller> known = caller(headers);
        if (known.isEmpty()) {
            call.close(Status.UNAUTHENTICATED.withDescription(UNAUTHENTICATED), new Metadata());
            return new ServerCall.Listener<>() {};
        }
        Caller caller = known.get();
        if (!policy.roles().contains(caller.role())) {
            count(Refusal.ROLE, 1);
            call.close(
                    Status.PERMISSION_DENIED.withDescription(
                            caller.role()
                                    + " may not call "
                                    + call.getMethodDescriptor().getBareMethodName()
                                    + ": that takes one of "
                                    + new TreeSet<>(policy.roles())),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return new SimpleForwardingServerCallListener<>(
                Contexts.interceptCall(caller.with(Context.current()), call, headers, next)) {
            private boolean isRefused;

            @Override
            public void onMessage(RequestT message) {
                String organization = policy.organizationIn((Message) message);
                if (organization.isEmpty() || caller.sees(organization)) {
                    super.onMessage(message);
                    return;
                }
                isRefused = true;
                count(Refusal.ORGANIZATION, 1);
                call.close(
                        Status.NOT_FOUND.withDescription("Organization not found: " + organization),
                        new Metadata());
            }

            @Override
            public void onHalfClose() {
                // The stub would report a call without a request, after we have closed it.
                if (!isRefused) {
                    super.onHalfClose();
                }
            }
        };
    }

    /** Empty where the call is to be refused. */
    private Optional<Caller> caller(Metadata headers) {
        if (!mode.readsCredentials()) {
            return Optional.of(Caller.ANYONE);
        }
        Iterable<String> given = headers.getAll(AUTHORIZATION);
        if (given == null) {
            if (mode.letsAnyoneIn()) {
                return Optional.of(Caller.ANYONE);
            }
            count(Refusal.NO_CREDENTIAL, 1);
            return Optional.empty();
        }
        List<String> values = new ArrayList<>();
        given.forEach(values::add);
        // Of two, whoever stands before the service may have looked at the other one.
        Optional<Caller> caller =
                values.size() == 1 ? bearer(values.get(0)).flatMap(this::holder) : Optional.empty();
        if (caller.isEmpty()) {
            count(Refusal.BAD_CREDENTIAL, 1);
        }
        return caller;
    }

    private static Optional<String> bearer(String header) {
        return header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? Optional.of(header.substring(SCHEME.length()).strip())
                : Optional.empty();
    }

    private Optional<ApiKeyRow> held(ApiKey key) {
        Optional<ApiKeyRow> row = keys.find(key.id());
        // Compared also where there is none, so that the time tells no ids.
        boolean isRight =
                Secret.isOf(key.secret(), row.map(ApiKeyRow::secretSha256).orElse(NOBODYS));
        return isRight ? row : Optional.empty();
    }

    private Optional<Caller> holder(String credential) {
        return ApiKey.parse(credential)
                .flatMap(this::held)
                .map(
                        row -> {
                            use.note(
                                    row.keyId(),
                                    ServiceRequestContext.current().blockingTaskExecutor());
                            return new Caller(
                                    row.keyId(), row.name(), row.organizationId(), row.role());
                        });
    }
}
