package io.ponix.connector.nats.source.stream;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.ponix.client.nats.NatsConnections;
import io.ponix.connector.nats.NatsPermissions;
import io.ponix.connector.nats.Subjects;
import io.ponix.connector.nats.source.settings.JetStreamSourceOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;

/**
 * Refuses streams a JetStream source could not read with its guarantee, before anything is read.
 */
@Internal
public final class JetStreamPreflight {

    private static final int STREAM_NOT_FOUND = 10059;

    private JetStreamPreflight() {}

    /**
     * Looks at the stream, over a connection of its own.
     *
     * @throws JetStreamPreflightException if it cannot be read as the options say
     */
    public static void check(JetStreamSourceOptions options) throws IOException {
        Connection connection =
                NatsConnections.open(
                        options.connection(),
                        "ponix-jetstream-preflight",
                        new NatsConnections.Listener() {});
        try {
            new NatsPermissions(connection)
                    .toReceiveAnswers()
                    .toDescribe(options.stream())
                    .toLookUpMessages(options.stream())
                    .toConsume(options.stream(), options.filterSubjects())
                    .require();
            check(options, new StreamInspector(connection, options.connection().requestTimeout()));
        } finally {
            try {
                connection.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Checks over an open connection.
     *
     * @return the stream as it was found
     * @throws JetStreamPreflightException if stream and settings do not fit
     * @throws IOException if the server cannot be asked
     */
    public static StreamInfo check(JetStreamSourceOptions options, StreamInspector inspector)
            throws IOException {
        StreamInfo info;
        try {
            info = inspector.streamInfo(options.stream());
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == STREAM_NOT_FOUND) {
                throw new JetStreamPreflightException(
                        "stream: there is no stream '"
                                + options.stream()
                                + "' on "
                                + options.connection()
                                + "; create it, or name another");
            }
            throw new IOException(
                    "Cannot look up stream '" + options.stream() + "': " + e.getMessage(), e);
        }
        checkRetention(options, info.getConfiguration());
        checkSubjects(options, info.getConfiguration());
        return info;
    }

    private static void checkRetention(
            JetStreamSourceOptions options, StreamConfiguration configuration)
            throws JetStreamPreflightException {
        switch (configuration.getRetentionPolicy()) {
            case Limits:
                return;
            case WorkQueue:
                // The server itself refuses consumers without acknowledgements on such a stream.
                throw new JetStreamPreflightException(
                        "stream: '"
                                + options.stream()
                                + "' has WorkQueue retention: a message is gone once it is acknowledged, so a restored"
                                + " job could not read it again. Use a stream with Limits retention");
            case Interest:
                if (!options.consumingRetentionAllowed()) {
                    throw new JetStreamPreflightException(
                            "stream: '"
                                    + options.stream()
                                    + "' has Interest retention: messages vanish once its consumers have them, so a"
                                    + " restored job could not read them again. Use a stream with Limits retention, or"
                                    + " accept the loss with allowConsumingRetention()");
                }
                return;
        }
        throw new AssertionError(configuration.getRetentionPolicy());
    }

    private static void checkSubjects(
            JetStreamSourceOptions options, StreamConfiguration configuration)
            throws JetStreamPreflightException {
        List<String> streamSubjects = configuration.getSubjects();
        if (streamSubjects == null || streamSubjects.isEmpty()) {
            return; // a mirror, or fed by other streams: it can hold any subject
        }
        List<String> unmatched = new ArrayList<>();
        for (String filter : options.filterSubjects()) {
            if (streamSubjects.stream().noneMatch(subject -> Subjects.overlap(filter, subject))) {
                unmatched.add(filter);
            }
        }
        if (!unmatched.isEmpty()) {
            throw new JetStreamPreflightException(
                    "filterSubjects: "
                            + quoted(unmatched)
                            + " can never match a message of stream '"
                            + options.stream()
                            + "', whose subjects are "
                            + quoted(streamSubjects));
        }
        List<String> uncovered = uncovered(options, configuration);
        if (!uncovered.isEmpty() && !options.uncoveredSubjectsAllowed()) {
            throw new JetStreamPreflightException(
                    "filterSubjects: "
                            + quoted(options.filterSubjects())
                            + " would leave messages of stream '"
                            + options.stream()
                            + "' unread: its subjects "
                            + quoted(uncovered)
                            + " are not covered. Add filters, change the stream's subjects, or accept it with"
                            + " allowUncoveredSubjects()");
        }
    }

    /**
     * The stream's subjects of which some message would be read by no filter; none for a mirror, or
     * a stream that is fed by others, whose subjects nobody knows.
     */
    public static List<String> uncovered(
            JetStreamSourceOptions options, StreamConfiguration configuration) {
        List<String> uncovered = new ArrayList<>();
        for (String subject : configuration.getSubjects()) {
            if (options.filterSubjects().stream()
                    .noneMatch(filter -> Subjects.covers(filter, subject))) {
                uncovered.add(subject);
            }
        }
        return uncovered;
    }

    private static String quoted(List<String> subjects) {
        return subjects.stream()
                .map(subject -> "'" + subject + "'")
                .collect(Collectors.joining(", "));
    }
}
