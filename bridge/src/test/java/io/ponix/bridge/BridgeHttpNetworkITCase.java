package io.ponix.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ponix.embedded.network.NetworkProxy;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.net.URI;
import java.net.http.HttpResponse;
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
                HttpSender sender = HttpSender.of(stack);
                network.stallAfter(BYTES_OF_SOME);

                HttpResponse<String> first = sender.post("", "application/json", batch());

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
                                    last.set(sender.post("", "application/json", batch()));
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

    private static byte[] batch() {
        return IntStream.range(0, ENVELOPES)
                .mapToObj(
                        number ->
                                "{\"end_device_id\": \"d\", \"attributes\": {\"n\": \""
                                        + number
                                        + "\"}}")
                .collect(Collectors.joining(",", "[", "]"))
                .getBytes(UTF_8);
    }
}
