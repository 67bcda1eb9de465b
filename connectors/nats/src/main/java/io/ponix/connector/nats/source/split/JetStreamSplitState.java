package io.ponix.connector.nats.source.split;

import java.util.List;

/** The position of a split while it is read. Used by the task's thread only. */
public final class JetStreamSplitState {

    private final JetStreamSplit split;
    private long nextSequence;
    private long streamCreatedNanos;
    private List<AlreadyRead> alreadyRead;

    /** Begins where the split does. */
    public JetStreamSplitState(JetStreamSplit split) {
        this.split = split;
        this.nextSequence = split.nextSequence();
        this.streamCreatedNanos = split.streamCreatedNanos();
        this.alreadyRead = split.alreadyRead();
    }

    /** The lowest sequence whose records have not been emitted. */
    public long nextSequence() {
        return nextSequence;
    }

    /** Records that the message before this sequence has been emitted. */
    public void setNextSequence(long sequence) {
        this.nextSequence = sequence;
        if (!alreadyRead.isEmpty()) {
            alreadyRead = JetStreamSplit.stillAhead(alreadyRead, sequence);
        }
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

    /** The position belongs to the stream that was created at this time, in ns since 1970. */
    public void setStreamCreatedNanos(long createdNanos) {
        streamCreatedNanos = createdNanos;
    }

    /** Forgets everything about the stream that was read so far: another one has its name now. */
    public void startOver(long createdNanos) {
        nextSequence = JetStreamSplit.EARLIEST;
        streamCreatedNanos = createdNanos;
        alreadyRead = List.of();
    }

    /** The split as it stands. */
    public JetStreamSplit toSplit() {
        return new JetStreamSplit(
                split.stream(),
                split.filterSubject(),
                nextSequence,
                split.stoppingSequence(),
                streamCreatedNanos,
                alreadyRead);
    }
}
