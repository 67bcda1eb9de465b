package io.ponix.connector.nats.source.reader;

import io.nats.client.api.StreamConfiguration;
import io.ponix.connector.nats.source.settings.JetStreamSourceOptions;
import io.ponix.connector.nats.source.stream.JetStreamPreflight;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices while a job runs what {@link JetStreamPreflight} refuses before: that the stream takes
 * messages which no filter of the source matches, because its subjects were changed. They are not
 * lost, as long as the stream keeps them, but nobody would miss them: the lag does not count them.
 *
 * <p>The job goes on: what it reads is complete. Shared by the fetcher threads of a reader.
 */
final class SubjectCoverage {

    private static final Logger LOG = LoggerFactory.getLogger(SubjectCoverage.class);

    private final JetStreamSourceOptions options;
    private List<String> unread = List.of();

    SubjectCoverage(JetStreamSourceOptions options) {
        this.options = options;
    }

    /** Looks at the stream's settings as they are now. */
    synchronized void look(StreamConfiguration configuration) {
        List<String> found =
                options.uncoveredSubjectsAllowed()
                        ? List.of()
                        : JetStreamPreflight.uncovered(options, configuration);
        if (found.equals(unread)) {
            return;
        }
        unread = found;
        if (found.isEmpty()) {
            LOG.info("All subjects of stream '{}' are read again", options.stream());
        } else {
            LOG.warn(
                    "Nobody reads the subjects {} of stream '{}', which were added while the job runs. Messages"
                            + " under them wait for a restart with filters for them, or until the stream drops them",
                    found,
                    options.stream());
        }
    }

    /** How many of the stream's subjects nobody reads. */
    synchronized int unread() {
        return unread.size();
    }
}
