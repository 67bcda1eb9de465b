package io.ponix.connector.nats.source.split;

/** The position of a split while it is read. Used by the task's thread only. */
public final class JetStreamSplitState {

    private final JetStreamSplit split;
    private long nextSequence;

    /** Begins where the split does. */
    public JetStreamSplitState(JetStreamSplit split) {
        this.split = split;
        this.nextSequence = split.nextSequence();
    }

    /** The lowest sequence whose records have not been emitted. */
    public long nextSequence() {
        return nextSequence;
    }

    /** Records that the message before this sequence has been emitted. */
    public void setNextSequence(long sequence) {
        this.nextSequence = sequence;
    }

    /** The split as it stands. */
    public JetStreamSplit toSplit() {
        return split.at(nextSequence);
    }
}
