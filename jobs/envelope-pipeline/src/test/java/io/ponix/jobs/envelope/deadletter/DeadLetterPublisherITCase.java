package io.ponix.jobs.envelope.deadletter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.connector.nats.NatsConnectionConfiguration;
import io.ponix.embedded.EmbeddedNats;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import java.nio.file.Path;
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
                            new DeadLetterPublisher(
                                    NatsConnectionConfiguration.forServers(nats.url()), DEAD)) {
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
        publisher.publish(RAW, 1, "org", "device", receivedAt, Reason.REJECTED_BY_STORE, "refused");
        return DeadLetter.parseFrom(management.getLastMessage(DEAD, DEAD + ".>").getData());
    }
}
