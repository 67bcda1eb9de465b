package io.ponix.bridge;

import static io.ponix.bridge.BridgeStack.atMost;
import static io.ponix.bridge.HttpAnswers.assertProblem;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.proto.envelope.v1.RawEnvelope;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What senders are told while NATS is away or does not answer, and what is in the stream then. */
class BridgeHttpFaultsITCase extends PostedUplinks {

    /** The JDK's client now and then closes a connection of its pool as it takes it. */
    private static final int MOST_ANSWERS_LOST = 4;

    @Test
    void aBatchThatNatsDiedInIsAnswered503AndIsStoredOnceByARetry() throws Exception {
        String batch =
                IntStream.range(0, 1_000)
                        .mapToObj(
                                number ->
                                        "{\"end_device_id\": \"killed\", \"f_port\": "
                                                + (1 + number % 200)
                                                + ", \"attributes\": {\"n\": \""
                                                + number
                                                + "\"}}")
                        .collect(Collectors.joining(",", "[", "]"));
        CompletableFuture<HttpResponse<String>> answer =
                own.sendAsync(own.request("", "application/json", batch.getBytes(UTF_8)));
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> answer.isDone() || stack.lastSequence(BridgeStack.RAW) > before);
        stack.nats.kill();
        try {
            HttpResponse<String> first = answer.get(30, TimeUnit.SECONDS);
            if (first.statusCode() != 202) {
                assertProblem(first, 503, "UNAVAILABLE");
                assertThat(first.headers().firstValueAsLong("Retry-After")).isPresent();
            }
            HttpResponse<String> away = own.post("{\"end_device_id\": \"away\"}");
            assertProblem(away, 503, "UNAVAILABLE", "NATS");
            assertThat(away.headers().firstValueAsLong("Retry-After")).isPresent();

        } finally {
            stack.nats.start();
        }
        atMost(30).until(() -> own.post(batch).statusCode() == 202);
        assertThat(envelopes().stream().filter(each -> each.getEndDeviceId().equals("killed")))
                .extracting(each -> each.getAttributesOrThrow("n"))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 1_000).mapToObj(Integer::toString).toList());
    }

    @Test
    void whileNatsHangsAGatewayHasItsShareAndIsToldToWait() throws Exception {
        HttpSender other = HttpSender.of(stack);
        // Hundreds of connections, which the other tests are not to take up when the bridge has
        // enough of them.
        HttpClient many = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        long first = stack.lastSequence(BridgeStack.RAW);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        HttpResponse<String> ofOther;
        stack.nats.freeze();
        try {
            for (int number = 0; number < 400; number++) {
                answers.add(
                        many.sendAsync(
                                own.request(
                                                "/devices/hang?f_port=1",
                                                "application/octet-stream",
                                                ("h" + number).getBytes(UTF_8))
                                        .build(),
                                BodyHandlers.ofString()));
            }
            HttpResponse<String> tooMany =
                    atMost(30)
                            .until(
                                    () ->
                                            answers.stream()
                                                    .filter(BridgeHttpFaultsITCase::isAnswered)
                                                    .findFirst(),
                                    Optional::isPresent)
                            .orElseThrow()
                            .join();
            assertProblem(tooMany, 429, "RESOURCE_EXHAUSTED", "under way");
            assertThat(tooMany.headers().firstValueAsLong("Retry-After")).isPresent();
            ofOther = other.post("{\"end_device_id\": \"other\"}");
        } finally {
            stack.nats.resume();
        }
        assertProblem(ofOther, 503, "UNAVAILABLE");
        Set<Integer> codes = new HashSet<>();
        atMost(60).until(() -> answers.stream().allMatch(CompletableFuture::isDone));
        answers.stream()
                .filter(BridgeHttpFaultsITCase::isAnswered)
                .forEach(answer -> codes.add(answer.join().statusCode()));
        assertThat(codes).contains(429).isSubsetOf(202, 429, 503);
        assertThat(answers.stream().filter(CompletableFuture::isCompletedExceptionally))
                .as("requests without an answer")
                .hasSizeLessThanOrEqualTo(MOST_ANSWERS_LOST);

        // Now it has room again, and what is sent again is stored once.
        for (int number = 0; number < 400; number++) {
            byte[] body = ("h" + number).getBytes(UTF_8);
            atMost(30)
                    .pollDelay(Duration.ZERO)
                    .until(
                            () ->
                                    own.post(
                                                            "/devices/hang?f_port=1",
                                                            "application/octet-stream",
                                                            body)
                                                    .statusCode()
                                            == 202);
        }
        assertThat(
                        stack.envelopesAfter(first).stream()
                                .filter(each -> each.getExternalId().equals("hang"))
                                .map(each -> each.getPayload().toStringUtf8()))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, 400).mapToObj(number -> "h" + number).toList());
    }

    /** More envelopes than the client of NATS has room for, which then makes its callers wait. */
    @Test
    void whileNatsHangsManyBatchesAreAnsweredAndNobodyElseWaits() throws Exception {
        int batches = 30;
        long first = stack.lastSequence(BridgeStack.RAW);
        List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
        stack.nats.freeze();
        try {
            for (int batch = 0; batch < batches; batch++) {
                answers.add(own.sendAsync(own.request("", "application/x-ndjson", lines(batch))));
            }
            while (!CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                    .isDone()) {
                long asked = System.nanoTime();
                assertThat(own.get("/metrics")).extracting(HttpResponse::statusCode).isEqualTo(200);
                assertThat(Duration.ofNanos(System.nanoTime() - asked))
                        .as("until somebody else is answered")
                        .isLessThan(Duration.ofSeconds(4));
            }
            for (CompletableFuture<HttpResponse<String>> answer : answers) {
                assertProblem(answer.join(), 503, "UNAVAILABLE");
            }
        } finally {
            stack.nats.resume();
        }
        for (int batch = 0; batch < batches; batch++) {
            byte[] body = lines(batch);
            atMost(30).until(() -> own.post("", "application/x-ndjson", body).statusCode() == 202);
        }
        assertThat(
                        stack.envelopesAfter(first).stream()
                                .filter(each -> each.getEndDeviceId().equals("batches"))
                                .map(each -> each.getAttributesOrThrow("n")))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(0, batches * 1_000).mapToObj(Integer::toString).toList());
    }

    private static boolean isAnswered(CompletableFuture<?> answer) {
        return answer.isDone() && !answer.isCompletedExceptionally();
    }

    private static byte[] lines(int batch) {
        return IntStream.range(batch * 1_000, (batch + 1) * 1_000)
                .mapToObj(
                        number ->
                                "{\"end_device_id\": \"batches\", \"attributes\": {\"n\": \""
                                        + number
                                        + "\"}}")
                .collect(Collectors.joining("\n"))
                .getBytes(UTF_8);
    }

    /** What this test has had stored. */
    private List<RawEnvelope> envelopes() throws Exception {
        return stack.envelopesAfter(before);
    }
}
