package io.ponix.bridge;

import static io.ponix.bridge.HttpAnswers.assertStored;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each uplink is stored once, however often and by however many clients it is posted. */
class BridgeHttpIdempotencyITCase extends PostedUplinks {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int ATTEMPTS = 3;

    @Test
    void aRetryIsStoredOnceAndGatewaysDoNotMeet() throws Exception {
        String batch = "[{\"end_device_id\": \"r\"}, {\"end_device_id\": \"r\"}]";
        assertStored(own.post(batch), 0, before + 1, before + 2);
        assertStored(own.post(batch), 2, before + 1, before + 2);
        assertStored(
                own.post("[{\"end_device_id\": \"r\"}, {\"end_device_id\": \"r\" }]"),
                0,
                before + 3,
                before + 4);
        HttpSender other = HttpSender.of(stack);
        assertStored(other.post(batch), 0, before + 5, before + 6);

        String key = "2026-01-31 ä#1".replace("ä", "a");
        for (int attempt = 0; attempt < 2; attempt++) {
            HttpRequest.Builder withKey =
                    own.request(
                            "",
                            "application/json",
                            ("{\"end_device_id\": \"k\", \"payload\": \"A" + attempt + "==\"}")
                                    .replace("A0==", "AA==")
                                    .replace("A1==", "AQ==")
                                    .getBytes(UTF_8));
            assertStored(own.send(withKey.header("Idempotency-Key", key)), attempt, before + 7);
        }
        for (int reading = 0; reading < 2; reading++) {
            HttpRequest.Builder equal =
                    own.request("/devices/e", "application/octet-stream", new byte[] {5});
            assertStored(
                    own.send(equal.header("Idempotency-Key", "reading " + reading)),
                    0,
                    before + 8 + reading);
        }
        assertThat(stack.lastSequence(BridgeStack.RAW)).isEqualTo(before + 9);
    }

    /**
     * Sends it again where there is no answer, as whoever posts an uplink has to: the JDK's client
     * now and then closes a connection of its pool as it takes it.
     */
    private static HttpResponse<String> answered(HttpSender sender, String path, int message)
            throws Exception {
        byte[] body = Integer.toString(message).getBytes(UTF_8);
        for (int attempt = 1; ; attempt++) {
            try {
                return sender.post(path, "application/octet-stream", body);
            } catch (IOException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    @Test
    void twentyThousandMessagesOfEightClientsAreStoredOnceEach() throws Exception {
        int clients = 8;
        int each = 2_500;
        HttpSender sender = HttpSender.of(stack);
        long first = stack.lastSequence(BridgeStack.RAW);
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        Set<Long> sequences = ConcurrentHashMap.newKeySet();
        List<Future<?>> done = new ArrayList<>();
        for (int number = 0; number < clients; number++) {
            String device = "client-" + number;
            done.add(
                    threads.submit(
                            () -> {
                                for (int message = 0; message < each; message++) {
                                    HttpResponse<String> answer =
                                            answered(sender, "/devices/" + device, message);
                                    assertThat(answer.statusCode()).isEqualTo(202);
                                    sequences.add(
                                            JSON.readTree(answer.body())
                                                    .at("/sequences/0")
                                                    .longValue());
                                }
                                return null;
                            }));
        }
        for (Future<?> client : done) {
            client.get(240, TimeUnit.SECONDS);
        }
        threads.shutdown();
        assertThat(sequences).hasSize(clients * each);
        Map<String, List<String>> byDevice =
                stack.envelopesAfter(first).stream()
                        .collect(
                                Collectors.groupingBy(
                                        RawEnvelope::getExternalId,
                                        Collectors.mapping(
                                                envelope -> envelope.getPayload().toStringUtf8(),
                                                Collectors.toList())));
        List<String> inOrder = IntStream.range(0, each).mapToObj(Integer::toString).toList();
        assertThat(byDevice).hasSize(clients);
        assertThat(byDevice.values()).allSatisfy(sent -> assertThat(sent).isEqualTo(inOrder));
    }
}
