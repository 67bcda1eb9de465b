package io.ponix.connector.nats.source.settings;

import java.util.Locale;
import org.apache.flink.annotation.PublicEvolving;

/**
 * What to do when the stream went back: it has lost messages that were read, and gives their
 * sequences to others. That is what a server does that lost what it had not synced when its machine
 * lost power, one whose folder was put back from a copy, or a follower without the newest messages
 * that becomes leader.
 *
 * <p>A stream that went back is noticed before anything after that is read. Messages that merely
 * expired, or were deleted or purged, are the {@link GapPolicy}'s matter; a stream of another time
 * of creation is the {@link RecreatedStreamPolicy}'s. A bounded source fails whatever the policy:
 * its end was a sequence of the old history.
 */
@PublicEvolving
public enum RewoundStreamPolicy {
    /**
     * Log it, count it ({@code JetStreamSourceMetrics.REWINDS}) and read on behind the last message
     * that both histories share: every message that was not read is read. The default. Records of
     * messages that the stream has forgotten stay emitted; so sequences repeat, and only together
     * with the time of storing do they identify a message.
     *
     * <p>Where the histories part is told by the times of the messages: it is exact unless the
     * clocks of a cluster's servers differ by more than a change of leaders takes.
     */
    REREAD,
    /** Fail the job, for good: a person decides. */
    FAIL;

    /** As it is written in a configuration: {@code reread}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
