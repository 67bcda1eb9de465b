package io.ponix.jobs.preflight;

import io.nats.client.JetStreamApiException;
import io.nats.client.api.RetentionPolicy;
import io.nats.client.api.StreamConfiguration;
import io.ponix.connector.nats.JetStreamAdmin;
import io.ponix.jobs.options.Retention;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Makes sure of the streams that a job publishes to: those that are missing are created, an
 * existing one has to store what the job publishes.
 */
public final class OutputStreams {

    /** How long messages with the same message id are recognised as repeats. */
    private static final Duration DUPLICATE_WINDOW = Duration.ofMinutes(10);

    private static final String DEAD_LETTERS_OPTION = "--dead-letters-stream";

    private final JetStreamAdmin admin;
    private final OwnStreams streams;
    private final PrintStream notes;

    /**
     * @param streams creates those that are missing
     * @param notes takes what a person should know, although the job can do with it
     */
    public OutputStreams(JetStreamAdmin admin, OwnStreams streams, PrintStream notes) {
        this.admin = admin;
        this.streams = streams;
        this.notes = notes;
    }

    /**
     * Makes sure of the stream of dead letters, in which they have to stay until somebody replays
     * them.
     *
     * @throws IOException if the server cannot be asked
     */
    public void ensureDeadLetters(String stream, Retention retention) throws IOException {
        requireThatLettersStay(
                ensure(
                        DEAD_LETTERS_OPTION,
                        streams.describe(stream, retention),
                        stream,
                        ">",
                        DeadLetterReasons.name(DeadLetterReasons.all().get(0))));
    }

    /**
     * Makes sure of a stream.
     *
     * @param option that names it, for what is told to a person
     * @param wanted with no subjects yet
     * @param below the subjects of a stream that is created, below its name
     * @param needed subjects that an existing one has to store, below its name
     * @return the stream as it is
     * @throws IOException if the server cannot be asked
     */
    public StreamConfiguration ensure(
            String option,
            StreamConfiguration.Builder wanted,
            String name,
            String below,
            String... needed)
            throws IOException {
        StreamConfiguration found;
        try {
            found =
                    streams.ensure(
                            wanted.subjects(name + "." + below)
                                    .duplicateWindow(DUPLICATE_WINDOW)
                                    .build());
        } catch (IOException e) {
            throw Refusal.of(
                    "The stream '"
                            + name
                            + "' does not exist, or cannot be asked for, and the job cannot create"
                            + " it: "
                            + e.getMessage(),
                    option,
                    e);
        }
        Optional<String> problem = OwnStreams.storesNothing(found);
        if (problem.isPresent()) {
            throw Refusal.of("The stream '" + name + "' " + problem.get(), option, null);
        }
        for (String token : needed) {
            requireStored(option, name, name + "." + token);
        }
        return found;
    }

    /** Elsewhere a letter is gone when a consumer has seen it, or when there is none. */
    private void requireThatLettersStay(StreamConfiguration stream) {
        if (stream.getRetentionPolicy() != RetentionPolicy.Limits) {
            throw Refusal.of(
                    "The stream '"
                            + stream.getName()
                            + "' has "
                            + stream.getRetentionPolicy()
                            + " retention: dead letters would be gone before anybody replays them."
                            + " Use a stream with Limits retention",
                    DEAD_LETTERS_OPTION,
                    null);
        }
        if (stream.getDenyDelete()) {
            notes.println(
                    "The stream '"
                            + stream.getName()
                            + "' lets nobody delete messages (deny_delete): letters that are"
                            + " replayed will stay in it");
        }
    }

    /** An existing stream may store other subjects. */
    private void requireStored(String option, String name, String subject) throws IOException {
        try {
            List<String> storing = admin.connection().jetStreamManagement().getStreamNames(subject);
            if (!storing.contains(name)) {
                throw Refusal.of(
                        "The stream '"
                                + name
                                + "' exists and does not store the subject "
                                + subject,
                        option,
                        null);
            }
        } catch (JetStreamApiException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
