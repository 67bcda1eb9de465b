package io.ponix.jobs.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.client.nats.NatsSettings;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

// jnats: Connection.close() may throw InterruptedException, which javac warns of in every
// try-with-resources.
@SuppressWarnings("try")
class DeadLetterPublisherITCase {

    private static final String RAW = "raw_envelopes";
    private static final String DEAD = "dead_letters";

    @TempDir Path home;

    @Test
    void theRawBytesAreThoseOfTheMessageThatWasReadOrNone() throws Exception {
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            nats.start();
            try (Connection connection = Nats.connect(nats.url());
                    DeadLetterPublisher publisher =
                            new DeadLetterPublisher(NatsSettings.forServers(nats.url()), DEAD)) {
                JetStreamManagement management = connection.jetStreamManagement();
                management.addStream(stream(RAW));
                management.addStream(stream(DEAD));
                connection.jetStream().publish(RAW + ".1.device", "read".getBytes(UTF_8));
                long receivedAt =
                        management.getMessage(RAW, 1).getTime().toInstant().toEpochMilli();

                assertThat(publish(publisher, management, receivedAt))
                        .satisfies(
                                letter ->
                                        assertThat(letter.getRawEnvelope().toStringUtf8())
                                                .isEqualTo("read"))
                        .satisfies(
                                letter ->
                                        assertThat(letter.getSubject())
                                                .isEqualTo(RAW + ".1.device"));

                // The same sequence, another message: what a stream made anew gives.
                assertThat(publish(publisher, management, receivedAt - 1_000))
                        .satisfies(letter -> assertThat(letter.getRawEnvelope().isEmpty()).isTrue())
                        .satisfies(letter -> assertThat(letter.getSubject()).isEmpty())
                        .satisfies(
                                letter -> assertThat(letter.getEndDeviceId()).isEqualTo("device"));

                management.deleteMessage(RAW, 1);
                assertThat(publish(publisher, management, receivedAt).getRawEnvelope().isEmpty())
                        .isTrue();
            }
        }
    }

    @Test
    void itWaitsForRoomAndIsCutToWhatTheStreamTakes() throws Exception {
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            nats.start();
            try (Connection connection = Nats.connect(nats.url());
                    DeadLetterPublisher publisher =
                            new DeadLetterPublisher(NatsSettings.forServers(nats.url()), DEAD)) {
                JetStreamManagement management = connection.jetStreamManagement();
                management.addStream(stream(RAW));
                management.addStream(
                        StreamConfiguration.builder(stream(DEAD))
                                .discardPolicy(DiscardPolicy.New)
                                .maxMessages(1)
                                .build());
                connection.jetStream().publish(DEAD + ".other", new byte[1]);
                connection.jetStream().publish(RAW + ".1.device", new byte[5_000]);
                long receivedAt =
                        management.getMessage(RAW, 1).getTime().toInstant().toEpochMilli();
                Future<?> publication =
                        CompletableFuture.runAsync(
                                () -> {
                                    try {
                                        publisher.publish(
                                                RAW,
                                                1,
                                                "org",
                                                "device",
                                                receivedAt,
                                                DeadLetterReason
                                                        .DEAD_LETTER_REASON_REJECTED_BY_STORE,
                                                "refused");
                                    } catch (InterruptedException e) {
                                        throw new IllegalStateException(e);
                                    }
                                });
                assertThatThrownBy(() -> publication.get(2, TimeUnit.SECONDS))
                        .isInstanceOf(TimeoutException.class);

                management.updateStream(
                        StreamConfiguration.builder(stream(DEAD))
                                .maximumMessageSize(1_000)
                                .build());
                publication.get(30, TimeUnit.SECONDS);
                var message = management.getLastMessage(DEAD, DEAD + ".REJECTED_BY_STORE");
                DeadLetter letter = DeadLetter.parseFrom(message.getData());
                assertThat(letter.getRawEnvelopeSize()).isEqualTo(5_000);
                assertThat(letter.getRawEnvelopeTruncated()).isTrue();
                assertThat(letter.getRawEnvelope().size()).isBetween(300, 999);

                // What cannot be fetched any more cannot be in the letter, and holds nothing up.
                management.deleteStream(RAW);
                publisher.publish(
                        RAW,
                        2,
                        "org",
                        "device",
                        receivedAt,
                        DeadLetterReason.DEAD_LETTER_REASON_REJECTED_BY_STORE,
                        "refused");
                message = management.getLastMessage(DEAD, DEAD + ".REJECTED_BY_STORE");
                assertThat(DeadLetter.parseFrom(message.getData()).getStreamSequence())
                        .isEqualTo(2);
            }
        }
    }

    private static StreamConfiguration stream(String name) {
        return StreamConfiguration.builder()
                .name(name)
                .subjects(name + ".>")
                .storageType(StorageType.Memory)
                .build();
    }

    /** Publishes the dead letter of the first message and reads it back. */
    private static DeadLetter publish(
            DeadLetterPublisher publisher, JetStreamManagement management, long receivedAt)
            throws Exception {
        // Told apart by message id, so that one at a time is stored.
        management.purgeStream(DEAD);
        management.deleteStream(DEAD);
        management.addStream(stream(DEAD));
        publisher.publish(
                RAW,
                1,
                "org",
                "device",
                receivedAt,
                DeadLetterReason.DEAD_LETTER_REASON_REJECTED_BY_STORE,
                "refused");
        return DeadLetter.parseFrom(management.getLastMessage(DEAD, DEAD + ".>").getData());
    }
}
