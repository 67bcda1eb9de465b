package io.ponix.cli.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.cli.stack.NatsConnection;
import io.ponix.embedded.EmbeddedNats;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

// try: the warning is about InterruptedException from close(), which ends the test.
@SuppressWarnings("try")
class EnvelopePublisherITCase {

    private static final int MESSAGES = 20_000;

    @TempDir private Path home;

    @Test
    void whatAKilledServerDidNotAcknowledgeIsPublishedAgainAndStoredOnce() throws Exception {
        List<Long> acknowledged = Collections.synchronizedList(new ArrayList<>());
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            nats.start();
            createStream(nats);
            try (EnvelopePublisher publisher =
                    EnvelopePublisher.persistent(
                            nats.url(), "raw", acknowledged::add, Duration.ofMinutes(1))) {
                CompletableFuture<Void> publishing =
                        CompletableFuture.runAsync(() -> publish(publisher));
                await().until(() -> acknowledged.size() > MESSAGES / 10 || publishing.isDone());
                nats.kill();
                assertThat(publishing).isNotDone();
                nats.start();
                publishing.join();
            }
            assertThat(acknowledged).hasSize(MESSAGES).doesNotHaveDuplicates();
            assertThat(stored(nats)).isEqualTo(MESSAGES);
        }
    }

    private static void publish(EnvelopePublisher publisher) {
        for (int message = 0; message < MESSAGES; message++) {
            publisher.publish("device", ("message " + message).getBytes(StandardCharsets.UTF_8));
        }
        publisher.flush();
    }

    private static void createStream(EmbeddedNats nats) throws Exception {
        try (Connection connection = NatsConnection.open(nats.url(), "test")) {
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
        try (Connection connection = NatsConnection.open(nats.url(), "test")) {
            return connection
                    .jetStreamManagement()
                    .getStreamInfo("raw")
                    .getStreamState()
                    .getMsgCount();
        }
    }
}
