package io.ponix.deviceservice.access;

import com.google.protobuf.util.Timestamps;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.access.v1.AccessServiceGrpc;
import io.ponix.proto.access.v1.CreateKeyRequest;
import io.ponix.proto.access.v1.CreateKeyResponse;
import io.ponix.proto.access.v1.GetCallerRequest;
import io.ponix.proto.access.v1.GetCallerResponse;
import io.ponix.proto.access.v1.Key;
import io.ponix.proto.access.v1.ListKeysRequest;
import io.ponix.proto.access.v1.ListKeysResponse;
import io.ponix.proto.access.v1.RevokeKeyRequest;
import io.ponix.proto.access.v1.RevokeKeyResponse;
import io.ponix.proto.access.v1.Role;
import io.ponix.registry.ApiKeyRow;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** The methods of {@code ponix.access.v1.AccessService}. Requests arrive validated. */
final class AccessGrpcService extends AccessServiceGrpc.AccessServiceImplBase {

    private final ApiKeyRepository repository;
    private final KnownKeys known;
    private final XidGenerator identifiers;

    AccessGrpcService(ApiKeyRepository repository, KnownKeys known, XidGenerator identifiers) {
        this.repository = repository;
        this.known = known;
        this.identifiers = identifiers;
    }

    @Override
    public void createKey(CreateKeyRequest request, StreamObserver<CreateKeyResponse> response) {
        Caller caller = Caller.current();
        if (request.getRole() == Role.ROLE_OPERATOR && caller.role() != Role.ROLE_OPERATOR) {
            throw RequestException.permissionDenied(
                    caller.role() + " may not make a key of the role ROLE_OPERATOR");
        }
        String organization =
                request.getRole() == Role.ROLE_OPERATOR
                        ? ""
                        : caller.organizationOf(request.getOrganizationId());
        if (organization.isEmpty() && !mayBeOfAll(request.getRole())) {
            throw RequestException.invalidArgument(
                    "organization_id",
                    "A key of the role "
                            + request.getRole()
                            + " is of one organization: set organization_id");
        }
        Instant now = ProtoTimestamps.now();
        ApiKey key = ApiKey.of(identifiers.next());
        ApiKeyRow row =
                new ApiKeyRow(
                        key.id(),
                        request.getName(),
                        organization,
                        request.getRole(),
                        Secret.sha256Hex(key.secret()),
                        caller.keyId(),
                        now,
                        expiry(request, now, caller.keyExpiresAt()),
                        Optional.empty(),
                        Optional.empty());
        repository.add(row);
        known.forget();
        response.onNext(
                CreateKeyResponse.newBuilder()
                        .setKey(row.toMessage())
                        .setSecret(key.text())
                        .build());
        response.onCompleted();
    }

    private static boolean mayBeOfAll(Role role) {
        return role == Role.ROLE_OPERATOR || role == Role.ROLE_INTAKE;
    }

    /**
     * @param makers when the key ends that makes this one: what is made by who may make keys for a
     *     time only does not go on after it
     */
    private static Optional<Instant> expiry(
            CreateKeyRequest request, Instant now, Optional<Instant> makers) {
        if (!request.hasExpiresAt()) {
            return makers;
        }
        if (!Timestamps.isValid(request.getExpiresAt())
                || Timestamps.compare(request.getExpiresAt(), ProtoTimestamps.of(now)) <= 0) {
            throw RequestException.invalidArgument(
                    "expires_at", "expires_at must be in the future");
        }
        Instant expiry =
                Instant.ofEpochSecond(
                        request.getExpiresAt().getSeconds(), request.getExpiresAt().getNanos());
        if (makers.filter(expiry::isAfter).isPresent()) {
            throw RequestException.invalidArgument(
                    "expires_at",
                    "expires_at must not be after your own key's end, " + makers.get());
        }
        return Optional.of(expiry);
    }

    @Override
    public void listKeys(ListKeysRequest request, StreamObserver<ListKeysResponse> response) {
        Paging paging = new Paging(request.getPageSize(), request.getPageToken());
        Paging.Page<Key> page =
                paging.page(
                        repository.list(
                                Caller.current().organizationOf(request.getOrganizationId()),
                                paging),
                        key -> new PageToken(key.createdAt(), key.keyId()),
                        ApiKeyRow::toMessage);
        response.onNext(
                ListKeysResponse.newBuilder()
                        .addAllKeys(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
        response.onCompleted();
    }

    @Override
    public void revokeKey(RevokeKeyRequest request, StreamObserver<RevokeKeyResponse> response) {
        ApiKeyRow key =
                repository
                        .revoke(
                                request.getKeyId(),
                                Caller.current().organizationId(),
                                ProtoTimestamps.now())
                        .orElseThrow(
                                () ->
                                        RequestException.notFound(
                                                        "Key not found: " + request.getKeyId())
                                                .because(
                                                        "KEY_NOT_FOUND",
                                                        Map.of("key_id", request.getKeyId())));
        known.forget();
        response.onNext(RevokeKeyResponse.newBuilder().setKey(key.toMessage()).build());
        response.onCompleted();
    }

    @Override
    public void getCaller(GetCallerRequest request, StreamObserver<GetCallerResponse> response) {
        Caller caller = Caller.current();
        response.onNext(
                GetCallerResponse.newBuilder()
                        .setKeyId(caller.keyId())
                        .setName(caller.name())
                        .setOrganizationId(caller.organizationId())
                        .setRole(caller.role())
                        .build());
        response.onCompleted();
    }
}
