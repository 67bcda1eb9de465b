package io.ponix.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * A device's client that repeats what a killed broker may have lost: what it has not acknowledged,
 * and what it has since it wrote to its disk. Every other message has an id, the same each time.
 */
final class RepeatingPublisher {

    private static final int IN_FLIGHT = 200;
    private static final String NAMED = "named ";
    private static final String UNNAMED = "unnamed ";
    private static final long NOT_YET = Long.MAX_VALUE;

    private final BridgeStack stack;
    private final long before;

    /** By message, in the order of publication: when it was acknowledged, in ms since 1970. */
    private final Map<String, Long> acknowledged = new LinkedHashMap<>();

    /** Not held by what acknowledges: that may be needed for a connection. */
    private final Object connecting = new Object();

    private volatile Mqtt5AsyncClient client;
    private volatile int repeated;

    RepeatingPublisher(BridgeStack stack) throws Exception {
        this.stack = stack;
        before = stack.lastSequence(BridgeStack.RAW);
        client = stack.client("repeating-publisher");
    }

    /** Publishes so many, and returns when the broker has acknowledged them all. */
    void publish(int count) {
        int end = published() + count;
        while (published() < end) {
            List<String> window = new ArrayList<>();
            synchronized (this) {
                while (acknowledged.size() < end && window.size() < IN_FLIGHT) {
                    int number = acknowledged.size();
                    String text = (number % 2 == 0 ? NAMED : UNNAMED) + number;
                    acknowledged.put(text, NOT_YET);
                    window.add(text);
                }
            }
            send(window);
        }
        // Of a window that a kill has met some may have no acknowledgement yet.
        while (!acknowledgedAfter(NOT_YET - 1).isEmpty()) {
            reconnect();
            send(acknowledgedAfter(NOT_YET - 1));
        }
    }

    /** Without those that the broker does not acknowledge as it is killed. */
    private void send(List<String> texts) {
        List<CompletableFuture<?>> sent = new ArrayList<>();
        Mqtt5AsyncClient now = client;
        for (String text : texts) {
            var publication =
                    now.publishWith()
                            .topic("org-001/device-" + Math.floorMod(text.hashCode(), 10))
                            .qos(MqttQos.AT_LEAST_ONCE)
                            .payload(text.getBytes(UTF_8));
            if (text.startsWith(NAMED)) {
                publication =
                        publication.userProperties().add("message-id", text).applyUserProperties();
            }
            sent.add(
                    publication
                            .send()
                            .thenAccept(
                                    result -> {
                                        assertThat(result.getError()).isEmpty();
                                        acknowledged(text);
                                    }));
        }
        try {
            sent.forEach(CompletableFuture::join);
        } catch (CompletionException e) {
            reconnect();
        }
    }

    private void reconnect() {
        synchronized (connecting) {
            if (!client.getState().isConnected()) {
                client =
                        await().atMost(Duration.ofSeconds(30))
                                .ignoreExceptions()
                                .until(() -> stack.client("repeating-publisher"), made -> true);
            }
        }
    }

    /** Publishes once more what was acknowledged since a time, in ms since 1970, or is not yet. */
    void repeatSince(long millis) {
        List<String> texts = acknowledgedAfter(millis - 1);
        repeated += texts.size();
        reconnect();
        for (int from = 0; from < texts.size(); from += IN_FLIGHT) {
            send(texts.subList(from, Math.min(from + IN_FLIGHT, texts.size())));
        }
    }

    private synchronized void acknowledged(String text) {
        acknowledged.put(text, System.currentTimeMillis());
    }

    private synchronized List<String> acknowledgedAfter(long millis) {
        return acknowledged.entrySet().stream()
                .filter(each -> each.getValue() > millis)
                .map(Map.Entry::getKey)
                .toList();
    }

    private synchronized int published() {
        return acknowledged.size();
    }

    /** Waits until so many were published. */
    void awaitPublished(int number) {
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> published() >= number);
    }

    /** How many were published again, by {@link #repeatSince}. */
    int repeated() {
        return repeated;
    }

    /** How often each message is in the stream, of those with an id or of those without. */
    Map<String, Integer> stored(boolean named) throws Exception {
        Map<String, Integer> stored = new HashMap<>();
        synchronized (this) {
            texts(named).forEach(text -> stored.put(text, 0));
        }
        stack.envelopesAfter(before)
                .forEach(
                        each ->
                                stored.computeIfPresent(
                                        each.getPayload().toStringUtf8(),
                                        (text, count) -> count + 1));
        return stored;
    }

    private Stream<String> texts(boolean named) {
        return acknowledged.keySet().stream().filter(text -> text.startsWith(NAMED) == named);
    }

    void disconnect() {
        client.disconnect().join();
    }
}
