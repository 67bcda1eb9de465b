package io.ponix.bridge;

import static io.ponix.bridge.BridgeStack.atMost;
import static io.ponix.bridge.HttpAnswers.assertProblem;
import static io.ponix.bridge.HttpAnswers.assertStored;
import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.DeleteGatewayKeyRequest;
import io.ponix.proto.gateway.v1.Gateway;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who may post to a gateway, for how long, and for which organization. */
class BridgeHttpKeysITCase extends PostedUplinks {

    @Test
    void anotherOrganizationIsRefused() throws Exception {
        HttpResponse<String> answer =
                own.post("{\"organization_id\": \"org-002\", \"end_device_id\": \"d\"}");

        assertThat(answer.statusCode()).isIn(400, 403);
        assertProblem(answer, answer.statusCode(), null, "organization_id", "org-001");
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);
    }

    @Test
    void withoutTheKeyOfTheGatewayTheAnswerIsTheSameWhetherThereIsOneOrNot() throws Exception {
        HttpSender other = HttpSender.of(stack);
        Gateway keyless = stack.create(CreateGatewayRequest.newBuilder());
        Set<String> bodies = new HashSet<>();
        for (String id :
                List.of(
                        own.gateway().getGatewayId(),
                        keyless.getGatewayId(),
                        "d0000000000000000000",
                        "x",
                        "%2e%2e",
                        "a%20b")) {
            URI uri = URI.create(stack.bridge.url() + "/v1/gateways/" + id + "/uplinks");
            for (String[] headers :
                    new String[][] {
                        {"Accept", "*/*"},
                        {"X-API-Key", ""},
                        {"X-API-Key", "ponix_wrong"},
                        {"X-API-Key", own.secret() + "x"},
                        {"X-API-Key", other.secret()},
                        {"Authorization", "Bearer " + other.secret()},
                        {"Authorization", "Bearer"},
                        {"Authorization", "Digest " + own.secret()},
                        // Whoever stands before the bridge may have looked at the other one.
                        {"X-API-Key", own.secret(), "X-API-Key", "ponix_wrong"},
                        {"X-API-Key", "ponix_wrong", "X-API-Key", own.secret()},
                        {"X-API-Key", own.secret(), "X-API-Key", own.secret()},
                        {"X-API-Key", own.secret(), "Authorization", "Bearer ponix_wrong"},
                        {"X-API-Key", "ponix_wrong", "Authorization", "Bearer " + own.secret()},
                        {
                            "Authorization",
                            "Bearer " + own.secret(),
                            "Authorization",
                            "Bearer ponix_wrong"
                        }
                    }) {
                HttpResponse<String> answer =
                        own.send(
                                HttpRequest.newBuilder(uri)
                                        .headers(headers)
                                        .POST(
                                                BodyPublishers.ofString(
                                                        "{\"end_device_id\": \"d\"}")));
                assertProblem(answer, 401, "UNAUTHENTICATED");
                assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
                bodies.add(answer.body());
            }
        }
        assertThat(bodies).hasSize(1);
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before);

        HttpRequest.Builder bearer =
                HttpRequest.newBuilder(own.uplinks(""))
                        .header("Authorization", "Bearer " + own.secret())
                        .POST(BodyPublishers.ofString("{\"end_device_id\": \"bearer\"}"));
        assertStored(own.send(bearer), 0, before + 1);
    }

    @Test
    void aDeletedKeyAndADeletedGatewayAreRefusedWithinFiveSeconds() throws Exception {
        HttpSender sender = HttpSender.of(stack);
        assertStored(sender.post("{\"end_device_id\": \"d\"}"), 0, before + 1);
        stack.gateways()
                .deleteGatewayKey(
                        DeleteGatewayKeyRequest.newBuilder()
                                .setGatewayId(sender.gateway().getGatewayId())
                                .setKeyId(sender.keyId())
                                .build());
        stack.announce("update", stack.get(sender.gateway()));
        atMost(5).until(() -> sender.post("").statusCode() == 401);

        HttpSender gone = HttpSender.of(stack);
        Gateway deleted =
                stack.get(gone.gateway()).toBuilder()
                        .setDeletedAt(gone.gateway().getCreatedAt())
                        .build();
        stack.delete(gone.gateway());
        stack.announce("update", deleted);
        atMost(5).until(() -> gone.post("").statusCode() == 401);
    }

    /** What Prometheus shows beside a name, and what it makes quantiles of. */
    @Test
    void everyMetricSaysWhatItIsAndTimesAreHistograms() throws Exception {
        assertStored(own.post("{\"end_device_id\": \"d\"}"), 0, before + 1);
        List<String> lines = own.get("/metrics").body().lines().toList();

        assertThat(lines)
                .filteredOn(line -> line.startsWith("# HELP "))
                .isNotEmpty()
                .allMatch(line -> line.matches("# HELP \\S+ \\S.*"));
        assertThat(own.metrics())
                .anyMatch(
                        line ->
                                line.startsWith("ponix_bridge_http_latency_seconds_bucket{")
                                        && line.contains("le=\"0.25\""));
    }

    @Test
    void metricsOfADeletedGatewayAreRemoved() throws Exception {
        HttpSender gone = HttpSender.of(stack);
        assertStored(gone.post("{\"end_device_id\": \"gone\"}"), 0, before + 1);
        assertStored(gone.post("{\"end_device_id\": \"gone\"}"), 1, before + 1);
        assertThat(gone.metrics())
                .anyMatch(line -> line.startsWith("ponix_bridge_http_requests_total{"))
                .anyMatch(line -> line.startsWith("ponix_bridge_http_stored_total{"))
                .anyMatch(line -> line.startsWith("ponix_bridge_http_duplicates_total{"))
                .anyMatch(line -> line.startsWith("ponix_bridge_http_latency_seconds_count{"));
        assertStored(own.post("{\"end_device_id\": \"stays\"}"), 0, before + 2);

        stack.delete(gone.gateway());

        atMost(20).until(() -> gone.metrics().isEmpty());
        assertThat(gone.post("{\"end_device_id\": \"gone\"}").statusCode()).isEqualTo(401);
        assertThat(gone.metrics()).isEmpty();
        assertThat(own.metrics())
                .anyMatch(line -> line.startsWith("ponix_bridge_http_requests_total{"));
    }
}
