package io.ponix.cli.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.embedded.nats.EmbeddedNats;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

// try: the warning is about InterruptedException from close(), which ends the test.
@SuppressWarnings("try")
class EnvelopePublisherITCase {

    private static final int BEFORE_THE_KILL = 2_000;

    @TempDir private Path home;

    @Test
    void whatAKilledServerDidNotAcknowledgeIsPublishedAgainAndStoredOnce() throws Exception {
        List<Long> acknowledged = Collections.synchronizedList(new ArrayList<>());
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            nats.start();
            createStream(nats);
            try (EnvelopePublisher publisher =
                    EnvelopePublisher.persistent(
                            nats.address(), "raw", acknowledged::add, Duration.ofMinutes(1))) {
                AtomicBoolean restarted = new AtomicBoolean();
                CompletableFuture<Integer> publishing =
                        CompletableFuture.supplyAsync(() -> publish(publisher, restarted));
                await().until(() -> acknowledged.size() > BEFORE_THE_KILL || publishing.isDone());
                nats.kill();
                nats.start();
                restarted.set(true);
                int published = publishing.join();

                assertThat(acknowledged).hasSize(published).doesNotHaveDuplicates();
                assertThat(stored(nats)).isEqualTo(published);
            }
        }
    }

    /** Publishes until the server has been restarted; says how many. */
    private static int publish(EnvelopePublisher publisher, AtomicBoolean restarted) {
        int message = 0;
        for (; !restarted.get(); message++) {
            publisher.publish("device", ("message " + message).getBytes(StandardCharsets.UTF_8));
        }
        publisher.flush();
        return message;
    }

    private static void createStream(EmbeddedNats nats) throws Exception {
        try (Connection connection = NatsConnection.open(nats.address(), "test")) {
            connection
                    .jetStreamManagement()
                    .addStream(
                            StreamConfiguration.builder()
                                    .name("raw")
                                    .subjects("raw.*")
                                    .storageType(StorageType.File)
                                    .build());
        }
    }

    private static long stored(EmbeddedNats nats) throws Exception {
        try (Connection connection = NatsConnection.open(nats.address(), "test")) {
            return connection
                    .jetStreamManagement()
                    .getStreamInfo("raw")
                    .getStreamState()
                    .getMsgCount();
        }
    }
}
