package io.ponix.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** A device's client that knows which of its messages the broker has acknowledged. */
final class Publisher implements AutoCloseable {

    private static final int IN_FLIGHT = 200;
    private static final long PAUSE_NANOS = 10_000_000;

    private final BridgeStack stack;
    private final Mqtt5AsyncClient client;
    private final String name = "reading-" + ThreadLocalRandom.current().nextInt(1_000_000);
    private final Set<String> acknowledged = new HashSet<>();
    private final long before;
    private long lastAcknowledged;
    private int published;
    private volatile boolean ends;
    private Thread thread;

    Publisher(BridgeStack stack) throws Exception {
        this.stack = stack;
        before = stack.lastSequence(BridgeStack.RAW);
        client = stack.client("publisher");
    }

    /** Publishes so many, and returns when the broker has acknowledged them all. */
    void publish(int count) {
        int end = published + count;
        while (published < end) {
            List<CompletableFuture<?>> window = new ArrayList<>();
            while (published < end && window.size() < IN_FLIGHT) {
                String text = name + " " + published;
                window.add(
                        client.publishWith()
                                .topic("org-001/device-" + published % 10)
                                .qos(MqttQos.AT_LEAST_ONCE)
                                .payload(text.getBytes(UTF_8))
                                .send()
                                .thenAccept(
                                        result -> {
                                            assertThat(result.getError()).isEmpty();
                                            acknowledged(text);
                                        }));
                published++;
            }
            window.forEach(CompletableFuture::join);
        }
    }

    /** Publishes a few hundred a second until this is told to end. */
    void publishOn() {
        thread =
                new Thread(
                        () -> {
                            while (!ends) {
                                publish(20);
                                LockSupport.parkNanos(PAUSE_NANOS);
                            }
                        });
        thread.start();
    }

    /** Ends what {@link #publishOn} began. */
    void end() throws InterruptedException {
        ends = true;
        thread.join();
    }

    private synchronized void acknowledged(String text) {
        acknowledged.add(text);
        lastAcknowledged = System.currentTimeMillis();
    }

    synchronized Set<String> acknowledged() {
        return new HashSet<>(acknowledged);
    }

    private synchronized int countAcknowledged() {
        return acknowledged.size();
    }

    synchronized long lastAcknowledged() {
        return lastAcknowledged;
    }

    /** Waits until the broker has acknowledged so many. */
    void awaitAcknowledged(int number) {
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> countAcknowledged() >= number);
    }

    /** Waits until the broker has acknowledged so many more. */
    void awaitMore(int number) {
        awaitAcknowledged(countAcknowledged() + number);
    }

    /** That each message which the broker acknowledged is in the stream. */
    void assertThatNothingIsLost() throws Exception {
        Set<String> lost = acknowledged();
        stack.envelopesAfter(before).forEach(each -> lost.remove(each.getPayload().toStringUtf8()));
        assertThat(lost).isEmpty();
    }

    @Override
    public void close() {
        client.disconnect().join();
    }
}
