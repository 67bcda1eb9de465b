package io.ponix.jobs.deadletter;

import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.api.StorageType;
import io.nats.client.api.StreamConfiguration;
import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs of the job say one after the other about the same envelopes. */
class PublishedLettersITCase {

    private static final String LETTERS = "letters";
    private static final Duration WINDOW = Duration.ofMinutes(10);

    /** Longer ago than JetStream remembers message ids. */
    private final long old = System.currentTimeMillis() - Duration.ofHours(1).toMillis();

    private EmbeddedNats server;
    private NatsSettings connection;
    private JetStreamAdmin admin;

    @BeforeEach
    void start(@TempDir Path home) throws Exception {
        server = EmbeddedNats.builder().home(home).build();
        server.start();
        connection = NatsSettings.forServers(server.url());
        admin = JetStreamAdmin.connect(connection);
        admin.ensureStream(
                StreamConfiguration.builder()
                        .name(LETTERS)
                        .subjects(LETTERS + ".>")
                        .duplicateWindow(WINDOW)
                        .storageType(StorageType.File)
                        .build());
    }

    @AfterEach
    void stop() {
        admin.close();
        server.stop();
    }

    @Test
    void aLaterRunPublishesNoLetterThatJetStreamHasForgotten() throws Exception {
        DeadLetterSerializationSchema first = run();
        for (int sequence = 1; sequence <= 1_000; sequence++) {
            publish(first.serialize(letter("raw", sequence, old + sequence), null));
        }
        publish(first.serialize(letter("other", 2_000, old), null));

        DeadLetterSerializationSchema second = run();
        // The newest first: the others are from before what is read for it.
        for (int sequence : new int[] {1_000, 1, 500}) {
            assertThat(second.serialize(letter("raw", sequence, old + sequence), null)).isNull();
        }
        assertThat(second.serialize(letter("raw", 1_001, old + 1_001), null)).isNotNull();
        // The same sequences of another stream, and of one that was deleted and made anew.
        assertThat(second.serialize(letter("raw", 2_000, old), null)).isNotNull();
        assertThat(second.serialize(letter("raw", 5, old + 100_000), null)).isNotNull();
    }

    @Test
    void aLetterThatWasReplayedIsPublishedAgainIfItsEnvelopeIsReadAgain() throws Exception {
        long number = publish(run().serialize(letter("raw", 1, old), null));
        publish(run().serialize(letter("raw", 2, old), null));
        admin.connection().jetStreamManagement().deleteMessage(LETTERS, number);

        DeadLetterSerializationSchema second = run();
        assertThat(second.serialize(letter("raw", 1, old), null)).isNotNull();
        assertThat(second.serialize(letter("raw", 2, old), null)).isNull();
    }

    @Test
    void whatItsOwnRunPublishedAndWhatJetStreamKnowsIsNotLookedFor() throws Exception {
        long now = System.currentTimeMillis();
        DeadLetterSerializationSchema first = run();
        publish(first.serialize(letter("raw", 1, old), null));
        publish(first.serialize(letter("raw", 2, now), null));

        assertThat(first.serialize(letter("raw", 1, old), null)).isNotNull();
        assertThat(run().serialize(letter("raw", 2, now), null)).isNotNull();
    }

    @Test
    void aStreamThatIsMadeAnewGivesItsSequencesToOtherLetters() throws Exception {
        long now = System.currentTimeMillis();
        DeadLetterSerializationSchema run = run();
        long number = publish(run.serialize(letter("raw", 1, now), null));

        // Within the window, where JetStream tells repetitions from new letters by their id.
        assertThat(publish(run.serialize(letter("raw", 1, now), null))).isEqualTo(number);
        assertThat(publish(run.serialize(letter("raw", 1, now + 1), null))).isEqualTo(number + 1);
        // And after it, where they are looked for.
        publish(run.serialize(letter("raw", 2, old), null));
        publish(run.serialize(letter("raw", 2, old + 1), null));
        DeadLetterSerializationSchema later = run();
        assertThat(later.serialize(letter("raw", 2, old), null)).isNull();
        assertThat(later.serialize(letter("raw", 2, old + 1), null)).isNull();
        assertThat(later.serialize(letter("raw", 2, old + 2), null)).isNotNull();
    }

    @Test
    void lettersOfAnEarlierVersionWhoseIdsHadNoTimeAreKnownHoweverYoungTheyAre() throws Exception {
        long now = System.currentTimeMillis();
        JetStreamPublication letter = run().serialize(letter("raw", 1, now), null);
        publish(letter.messageId("raw:1"));

        DeadLetterSerializationSchema thisVersion = run();
        assertThat(thisVersion.serialize(letter("raw", 1, now), null)).isNull();
        assertThat(thisVersion.serialize(letter("raw", 2, now), null)).isNotNull();
        assertThat(thisVersion.serialize(letter("raw", 1, now + 1), null)).isNotNull();
    }

    @Test
    void aLetterOfACheckpointThatWasStoredAfterItIsNotPublishedAgain() throws Exception {
        JetStreamPublication waiting = run().serialize(letter("raw", 1, old), null);
        assertThat(run().restored(waiting)).isSameAs(waiting);

        publish(waiting);
        assertThat(run().restored(waiting)).isNull();
    }

    @Test
    void withoutAStreamOrAServerEveryLetterIsPublished() throws Exception {
        admin.connection().jetStreamManagement().deleteStream(LETTERS);
        assertThat(run().serialize(letter("raw", 1, old), null)).isNotNull();
        server.stop();
        assertThat(run().serialize(letter("raw", 1, old), null)).isNotNull();
    }

    private DeadLetterSerializationSchema run() {
        DeadLetterSerializationSchema schema =
                new DeadLetterSerializationSchema(connection, LETTERS);
        schema.open(null);
        return schema;
    }

    private long publish(JetStreamPublication letter) throws Exception {
        return admin.connection()
                .jetStream()
                .publish(letter.subject(), letter.headers(), letter.data())
                .getSeqno();
    }

    private static DeadLetter letter(String stream, long sequence, long receivedAt) {
        return new DeadLetter(
                new RawMessage(stream, sequence, stream + ".0.d", receivedAt, new byte[0]),
                "",
                "d",
                "",
                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                "",
                System.currentTimeMillis());
    }
}
