package io.ponix.deviceservice.access;

import com.google.protobuf.Message;
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
import java.time.Duration;
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

    private static final Metadata.Key<String> COOKIE =
            Metadata.Key.of("cookie", Metadata.ASCII_STRING_MARSHALLER);

    private static final String UNAUTHENTICATED =
            "A valid key is needed: send it as 'authorization: Bearer ponix_<id>_<secret>'"
                    + " (./ponix key list shows which are valid)";

    private static final Duration LOOKED_AT_AGAIN_AFTER = Duration.ofMillis(100);

    private final AccessMode mode;
    private final Policies policies;
    private final Credentials credentials;
    private final MeterRegistry metrics;

    AccessControl(
            AccessMode mode, Policies policies, Credentials credentials, MeterRegistry metrics) {
        this.mode = mode;
        this.policies = policies;
        this.credentials = credentials;
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
            private final long lookedAt = System.nanoTime();
            private boolean isRefused;

            @Override
            public void onMessage(RequestT message) {
                // The request may come long after its headers, when the credential is none any
                // more.
                if (System.nanoTime() - lookedAt > LOOKED_AT_AGAIN_AFTER.toNanos()
                        && !caller(headers).equals(known)) {
                    isRefused = true;
                    call.close(
                            Status.UNAUTHENTICATED.withDescription(UNAUTHENTICATED),
                            new Metadata());
                    return;
                }
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
        List<String> authorizations = all(headers, AUTHORIZATION);
        Optional<String> session =
                authorizations.isEmpty() ? SignIn.keyIn(all(headers, COOKIE)) : Optional.empty();
        if (authorizations.isEmpty() && session.isEmpty()) {
            if (mode.letsAnyoneIn()) {
                return Optional.of(Caller.ANYONE);
            }
            count(Refusal.NO_CREDENTIAL, 1);
            return Optional.empty();
        }
        Optional<Caller> caller =
                session.isPresent()
                        ? credentials.holder(session.get())
                        : credentials.ofAuthorization(authorizations);
        if (caller.isEmpty()) {
            count(Refusal.BAD_CREDENTIAL, 1);
        }
        return caller;
    }

    private static List<String> all(Metadata headers, Metadata.Key<String> name) {
        Iterable<String> values = headers.getAll(name);
        if (values == null) {
            return List.of();
        }
        List<String> all = new ArrayList<>();
        values.forEach(all::add);
        return all;
    }
}
