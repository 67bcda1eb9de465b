package io.ponix.connector.nats.source.settings;

import java.util.Locale;
import org.apache.flink.annotation.PublicEvolving;

/**
 * What to do when the stream is another one than the state belongs to: it was deleted and created
 * again under its old name, so that sequences mean other messages. It is told by the time of its
 * creation. A bounded source fails whatever the policy: its end was a sequence of the old stream.
 */
@PublicEvolving
public enum RecreatedStreamPolicy {
    /**
     * Fail the job with both times. The default: a person decides what became of the old stream.
     */
    FAIL,
    /** Log it and read the new stream from its oldest message: all of its messages are new. */
    START_OVER,
    /**
     * Log it and read on at the sequence of the state: the new stream continues the old one, for
     * instance as its mirror or a copy that kept the sequences.
     */
    KEEP_POSITION;

    /** As it is written in a configuration: {@code keep-position}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
