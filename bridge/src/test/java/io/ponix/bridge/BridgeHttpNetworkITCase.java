package io.ponix.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ponix.embedded.network.NetworkProxy;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.CreateGatewayKeyRequest;
import io.ponix.proto.gateway.v1.CreateGatewayRequest;
import io.ponix.proto.gateway.v1.Gateway;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sender is told when the network between the bridge and NATS ends within its request. */
class BridgeHttpNetworkITCase {

    private static final int ENVELOPES = 1_000;

    /** Less than they take on their way, by the subject, the headers and the body of each. */
    private static final long BYTES_OF_SOME = 120_000;

    @TempDir private Path home;

    @Test
    void aBatchIsToldToComeAgainAndNoneOfItIsStoredTwice() throws Exception {
        try (BridgeStack stack = new BridgeStack(home)) {
            stack.start();
            URI nats = URI.create(stack.nats.address().environment().get("PONIX_NATS_URL"));
            try (NetworkProxy network = NetworkProxy.to(nats.getHost(), nats.getPort())) {
                stack.set("PONIX_NATS_URL", "nats://127.0.0.1:" + network.port());
                stack.bridge.stop();
                stack.bridge.start();
                HttpRequest request = batch(stack);
                network.stallAfter(BYTES_OF_SOME);

                HttpResponse<String> first = send(request);

                assertThat(first.statusCode()).as(first.body()).isEqualTo(503);
                assertThat(first.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
                assertThat(first.body()).doesNotContain("sequences");
                long some = stack.lastSequence(BridgeStack.RAW);
                assertThat(some).isBetween(1L, ENVELOPES - 1L);

                network.reset();
                network.pass();
                AtomicReference<HttpResponse<String>> last = new AtomicReference<>();
                await().atMost(Duration.ofSeconds(60))
                        .until(
                                () -> {
                                    last.set(send(request));
                                    return last.get().statusCode() != 503;
                                });

                assertThat(last.get().statusCode()).as(last.get().body()).isEqualTo(202);
                JsonNode answer = new ObjectMapper().readTree(last.get().body());
                Set<Long> sequences = new HashSet<>();
                answer.get("sequences").forEach(each -> sequences.add(each.longValue()));
                assertThat(sequences).hasSize(ENVELOPES);
                assertThat(answer.get("duplicates").longValue()).isGreaterThanOrEqualTo(some);
                List<RawEnvelope> envelopes = stack.envelopesAfter(0);
                assertThat(envelopes)
                        .extracting(each -> each.getAttributesOrThrow("n"))
                        .containsExactlyInAnyOrderElementsOf(
                                IntStream.range(0, ENVELOPES).mapToObj(Integer::toString).toList());
            }
        }
    }

    private static HttpRequest batch(BridgeStack stack) throws Exception {
        Gateway gateway = stack.create(CreateGatewayRequest.newBuilder());
        String secret =
                stack.gateways()
                        .createGatewayKey(
                                CreateGatewayKeyRequest.newBuilder()
                                        .setGatewayId(gateway.getGatewayId())
                                        .setName("a test")
                                        .build())
                        .getSecret();
        stack.announce("update", stack.get(gateway));
        URI uplinks =
                URI.create(
                        stack.bridge.url() + "/v1/gateways/" + gateway.getGatewayId() + "/uplinks");
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uplinks)
                        .timeout(Duration.ofSeconds(60))
                        .header("X-API-Key", secret)
                        .header("Content-Type", "application/json");
        // Without a body it is refused, and no longer for the key.
        await().atMost(Duration.ofSeconds(20))
                .until(
                        () ->
                                send(request.copy()
                                                        .POST(HttpRequest.BodyPublishers.noBody())
                                                        .build())
                                                .statusCode()
                                        == 400);
        String body =
                IntStream.range(0, ENVELOPES)
                        .mapToObj(
                                number ->
                                        "{\"end_device_id\": \"d\", \"attributes\": {\"n\": \""
                                                + number
                                                + "\"}}")
                        .collect(Collectors.joining(",", "[", "]"));
        return request.POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }
}
