package io.ponix.deviceservice;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.ponix.proto.access.v1.AccessServiceGrpc;
import io.ponix.proto.access.v1.CreateKeyRequest;
import io.ponix.proto.access.v1.CreateKeyResponse;
import io.ponix.proto.access.v1.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Keys, and calls made with them. */
final class AccessUnderTest {

    /** Of the role ROLE_OPERATOR, in {@link #firstKeys}. */
    static final String OPERATOR = "ponix_op1_" + "o".repeat(43);

    /** Of the role ROLE_INTAKE and all organizations, in {@link #firstKeys}. */
    static final String INTAKE = "ponix_in1_" + "i".repeat(43);

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private AccessUnderTest() {}

    /** The settings of a service that asks for keys and knows the two. */
    static Map<String, String> required(Path folder) throws IOException {
        return Map.of(
                "PONIX_AUTH", "required", "PONIX_FIRST_KEYS_FILE", firstKeys(folder).toString());
    }

    private static Path firstKeys(Path folder) throws IOException {
        return Files.writeString(
                folder.resolve("first-keys"),
                "# as a secret of a cluster has them\noperator "
                        + OPERATOR
                        + "\n\nintake "
                        + INTAKE
                        + "\n");
    }

    /** A channel whose calls carry the headers, in that order. */
    static Channel withHeaders(Channel channel, String... authorizations) {
        Metadata headers = new Metadata();
        for (String each : authorizations) {
            headers.put(AUTHORIZATION, each);
        }
        return ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    /** A channel whose calls carry the key. */
    static Channel withKey(Channel channel, String key) {
        return withHeaders(channel, "Bearer " + key);
    }

    /** Makes a key; the organization is empty for all. */
    static CreateKeyResponse key(Channel operator, String organization, Role role) {
        return AccessServiceGrpc.newBlockingStub(operator)
                .createKey(
                        CreateKeyRequest.newBuilder()
                                .setName("a key")
                                .setOrganizationId(organization)
                                .setRole(role)
                                .build());
    }

    /** What a call ends with. */
    static Status status(Channel channel, MethodDescriptor<?, ?> method, Object request) {
        try {
            call(channel, method, request);
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        }
    }

    @SuppressWarnings("unchecked")
    private static <Q, R> R call(Channel channel, MethodDescriptor<Q, R> method, Object request) {
        return ClientCalls.blockingUnaryCall(channel, method, CallOptions.DEFAULT, (Q) request);
    }
}
