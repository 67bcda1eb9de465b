package io.ponix.connector.nats.source.split;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;

/** The position of a split while it is read. Used by the task's thread only. */
@Internal
public final class JetStreamSplitState {

    private final JetStreamSplit split;
    private long nextSequence;
    private long streamCreatedNanos;
    private List<AlreadyRead> alreadyRead;
    private final ReadHistory history;
    private int rewinds;

    /** Begins where the split does. */
    public JetStreamSplitState(JetStreamSplit split) {
        this.split = split;
        this.nextSequence = split.nextSequence();
        this.streamCreatedNanos = split.streamCreatedNanos();
        this.alreadyRead = split.alreadyRead();
        this.history = new ReadHistory(split.history());
    }

    /** The lowest sequence whose records have not been emitted. */
    public long nextSequence() {
        return nextSequence;
    }

    /**
     * Records that a message has been emitted, or need not be.
     *
     * @param timestampNanos when it was stored, in nanoseconds since 1970
     */
    public void moveBehind(long sequence, long timestampNanos) {
        if (sequence < nextSequence) {
            return;
        }
        nextSequence = sequence + 1;
        if (!alreadyRead.isEmpty()) {
            alreadyRead = JetStreamSplit.stillAhead(alreadyRead, nextSequence);
        }
        history.record(sequence, timestampNanos);
    }

    /** Whether a message has been emitted: by this split, or by one that it has replaced. */
    public boolean hasBeenRead(String subject, long sequence) {
        if (sequence < nextSequence) {
            return true;
        }
        for (AlreadyRead read : alreadyRead) {
            if (read.concerns(subject)) {
                return sequence < read.beforeSequence();
            }
        }
        return false;
    }

    /** When the stream was created that the position belongs to, in nanoseconds since 1970. */
    public long streamCreatedNanos() {
        return streamCreatedNanos;
    }

    /**
     * The position belongs to the stream that was created at this time, in ns since 1970. Whether
     * it has its messages at the same times as the one before is not known.
     */
    public void setStreamCreatedNanos(long createdNanos) {
        streamCreatedNanos = createdNanos;
        history.clear();
    }

    /** Forgets everything about the stream that was read so far: another one has its name now. */
    public void startOver(long createdNanos) {
        nextSequence = JetStreamSplit.EARLIEST;
        streamCreatedNanos = createdNanos;
        alreadyRead = List.of();
        history.clear();
    }

    /**
     * The stream went back: it has lost everything at and behind a sequence, and what it has there
     * now was not read.
     *
     * @param rewindsSoFar how often it did since this object was made
     */
    public void rewindTo(long sequence, int rewindsSoFar) {
        rewinds = rewindsSoFar;
        nextSequence = Math.min(nextSequence, sequence);
        alreadyRead =
                JetStreamSplit.stillAhead(
                        alreadyRead.stream()
                                .map(read -> read.atMostBefore(sequence))
                                .collect(Collectors.toList()),
                        nextSequence);
        history.forgetFrom(sequence);
    }

    /** How often the stream went back since this object was made, as far as this position knows. */
    public int rewinds() {
        return rewinds;
    }

    /** The split as it stands. */
    public JetStreamSplit toSplit() {
        return new JetStreamSplit(
                split.stream(),
                split.filterSubject(),
                nextSequence,
                split.stoppingSequence(),
                streamCreatedNanos,
                alreadyRead,
                history.stamps());
    }
}
