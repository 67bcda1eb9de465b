package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayKeyResponse;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayKeyRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayKeyResponse;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayKey;
import io.ponix.proto.gateway.v1.GetGatewayRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Keys of gateways beside what {@link GatewayServiceITCase} has of them: their order, changes at
 * the same time, names and ids that are none.
 */
@ExtendWith(ServiceUnderTest.Shared.class)
class GatewayKeyITCase {

    private static ServiceUnderTest service;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @Test
    void keysAreOldestFirstAndNamesNeedNotBeUnique() {
        Gateway gateway = gateway();

        CreateGatewayKeyResponse first = create(gateway, "", "Webhook");
        CreateGatewayKeyResponse second = create(gateway, "", "Webhook");
        CreateGatewayKeyResponse unnamed = create(gateway, "", "");

        assertThat(get(gateway).getKeysList())
                .containsExactly(first.getKey(), second.getKey(), unnamed.getKey());
        assertThat(
                        Stream.of(first, second, unnamed)
                                .map(CreateGatewayKeyResponse::getSecret)
                                .distinct())
                .hasSize(3);
    }

    @Test
    void ofThoseMadeAndDeletedAtTheSameTimeNoneIsLostAndNoneTooMany() throws Exception {
        Gateway gateway = gateway();
        GatewayKey old = create(gateway, "", "old").getKey();
        List<GatewayKey> made = new ArrayList<>();
        List<StatusRuntimeException> refused = new ArrayList<>();
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            List<Callable<GatewayKey>> calls =
                    IntStream.range(0, 16)
                            .<Callable<GatewayKey>>mapToObj(
                                    i -> () -> create(gateway, "", "key " + i).getKey())
                            .toList();
            Future<?> deletion = executor.submit(() -> delete(gateway, "", old.getKeyId()));
            for (Future<GatewayKey> call : executor.invokeAll(calls)) {
                try {
                    made.add(call.get());
                } catch (ExecutionException e) {
                    refused.add((StatusRuntimeException) e.getCause());
                }
            }
            deletion.get();
        } finally {
            executor.shutdownNow();
        }

        // Nine, where all of them came before the deletion.
        assertThat(made).hasSizeBetween(9, 10);
        assertThat(refused).allMatch(e -> e.getStatus().getCode() == Code.FAILED_PRECONDITION);
        assertThat(get(gateway).getKeysList()).containsExactlyInAnyOrderElementsOf(made);
    }

    @Test
    void anOrganizationThatIsGivenChangesItsOwnGatewaysOnly() {
        Gateway gateway = gateway();
        String id = gateway.getGatewayId();
        String other = service.organization("Other");

        assertThatCall(() -> create(gateway, other, "x")).hasStatus(Code.NOT_FOUND, id);
        GatewayKey key = create(gateway, gateway.getOrganizationId(), "x").getKey();
        assertThatCall(() -> delete(gateway, other, key.getKeyId())).hasStatus(Code.NOT_FOUND, id);
        assertThat(get(gateway).getKeysList()).containsExactly(key);
        GatewayKey foreign = create(gateway(), "", "y").getKey();
        assertThatCall(() -> delete(gateway, "", foreign.getKeyId()))
                .hasStatus(Code.NOT_FOUND, "Gateway key not found: " + foreign.getKeyId());
        delete(gateway, gateway.getOrganizationId(), key.getKeyId());
        assertThat(get(gateway).getKeysList()).isEmpty();
    }

    @Test
    void whatNamesNoGatewayOrKeyIsRefused() {
        Gateway nobody = Gateway.newBuilder().setGatewayId("nobody").build();
        Gateway gateway = gateway();

        assertThatCall(() -> create(Gateway.getDefaultInstance(), "", "x"))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway ID cannot be empty");
        assertThatCall(() -> delete(Gateway.getDefaultInstance(), "", "x"))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway ID cannot be empty");
        assertThatCall(() -> delete(gateway, "", ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway key ID cannot be empty");
        assertThatCall(() -> create(gateway, "", "x".repeat(257)))
                .hasStatus(Code.INVALID_ARGUMENT, "Gateway key name has at most 256 characters");
        assertThatCall(() -> create(nobody, "", "x")).hasStatus(Code.NOT_FOUND, "nobody");
        assertThatCall(() -> delete(nobody, "", "x")).hasStatus(Code.NOT_FOUND, "nobody");
        assertThat(create(gateway, "", "ü<\"\\".repeat(64)).getKey())
                .isEqualTo(get(gateway).getKeys(0));
    }

    private static Gateway gateway() {
        return service.gateways()
                .createGateway(
                        CreateGatewayRequest.newBuilder()
                                .setOrganizationId(service.organization("Acme"))
                                .setName("Roof")
                                .build())
                .getGateway();
    }

    private static CreateGatewayKeyResponse create(
            Gateway gateway, String organization, String name) {
        return service.gateways()
                .createGatewayKey(
                        CreateGatewayKeyRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .setOrganizationId(organization)
                                .setName(name)
                                .build());
    }

    private static DeleteGatewayKeyResponse delete(
            Gateway gateway, String organization, String keyId) {
        return service.gateways()
                .deleteGatewayKey(
                        DeleteGatewayKeyRequest.newBuilder()
                                .setGatewayId(gateway.getGatewayId())
                                .setOrganizationId(organization)
                                .setKeyId(keyId)
                                .build());
    }

    private static Gateway get(Gateway gateway) {
        return service.gateways()
                .getGateway(
                        GetGatewayRequest.newBuilder().setGatewayId(gateway.getGatewayId()).build())
                .getGateway();
    }
}
