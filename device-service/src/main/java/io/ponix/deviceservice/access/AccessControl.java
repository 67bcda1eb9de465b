package io.ponix.deviceservice.access;

import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.ErrorResponses;
import java.util.ArrayList;
import java.util.List;
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

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private static final Metadata.Key<String> COOKIE =
            Metadata.Key.of("cookie", Metadata.ASCII_STRING_MARSHALLER);

    private static final String UNAUTHENTICATED =
            "A valid key is needed: send it as 'authorization: Bearer ponix_<id>_<secret>'"
                    + " (./ponix key list shows which are valid)";

    private final AccessMode mode;
    private final Policies policies;
    private final Credentials credentials;
    private final AuditLog audit;

    AccessControl(AccessMode mode, Policies policies, Credentials credentials, AuditLog audit) {
        this.mode = mode;
        this.policies = policies;
        this.credentials = credentials;
        this.audit = audit;
    }

    @Override
    public <RequestT, ResponseT> ServerCall.Listener<RequestT> interceptCall(
            ServerCall<RequestT, ResponseT> call,
            Metadata headers,
            ServerCallHandler<RequestT, ResponseT> next) {
        AuditLog.nameRequest();
        MethodDescriptor<RequestT, ResponseT> method = call.getMethodDescriptor();
        Policies.MethodPolicy policy = policies.of(method);
        Optional<Caller> known = caller(method, headers);
        if (known.isEmpty()) {
            refuse(call, Status.UNAUTHENTICATED.withDescription(UNAUTHENTICATED));
            return new ServerCall.Listener<>() {};
        }
        Caller caller = known.get();
        if (!policy.roles().contains(caller.role())) {
            audit.refused(method.getFullMethodName(), AuditLog.Refusal.ROLE, caller.keyId());
            refuse(
                    call,
                    Status.PERMISSION_DENIED.withDescription(
                            caller.role()
                                    + " may not call "
                                    + method.getBareMethodName()
                                    + ": that takes one of "
                                    + new TreeSet<>(policy.roles())));
            return new ServerCall.Listener<>() {};
        }
        Optional<AuditLog.Change<RequestT, ResponseT>> change =
                AuditLog.isChange(method)
                        ? Optional.of(audit.change(call, caller))
                        : Optional.empty();
        return new SimpleForwardingServerCallListener<>(
                Contexts.interceptCall(
                        caller.with(Context.current()),
                        change.<ServerCall<RequestT, ResponseT>>map(each -> each).orElse(call),
                        headers,
                        next)) {
            private boolean isRefused;

            @Override
            public void onMessage(RequestT message) {
                String organization = policy.organizationIn((Message) message);
                if (organization.isEmpty() || caller.sees(organization)) {
                    change.ifPresent(each -> each.request((Message) message));
                    super.onMessage(message);
                    return;
                }
                isRefused = true;
                audit.refused(
                        method.getFullMethodName(), AuditLog.Refusal.ORGANIZATION, caller.keyId());
                ErrorResponses.close(call, ActiveOrganization.notFound(organization));
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

    private static void refuse(ServerCall<?, ?> call, Status status) {
        call.close(status, ErrorResponses.trailers(status));
    }

    /** Empty where the call is to be refused. */
    private Optional<Caller> caller(MethodDescriptor<?, ?> method, Metadata headers) {
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
            audit.refused(method.getFullMethodName(), AuditLog.Refusal.NO_CREDENTIAL, "");
            return Optional.empty();
        }
        Optional<Caller> caller =
                session.isPresent()
                        ? credentials.holder(session.get())
                        : credentials.ofAuthorization(authorizations);
        if (caller.isEmpty()) {
            audit.refused(
                    method.getFullMethodName(),
                    AuditLog.Refusal.BAD_CREDENTIAL,
                    Credentials.keyId(session.orElseGet(() -> authorizations.get(0))));
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
