package io.ponix.connector.nats.source.split;

import java.util.Objects;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * One filter subject of a stream and how far it has been read. Immutable; its mutable side is
 * {@link JetStreamSplitState}.
 */
public final class JetStreamSplit implements SourceSplit {

    /** A next sequence that means: with the oldest message there is, whichever it will be. */
    public static final long EARLIEST = 0;

    /** A stopping sequence that means: never. */
    public static final long NO_STOP = Long.MAX_VALUE;

    private final String stream;
    private final String filterSubject;
    private final long nextSequence;
    private final long stoppingSequence;

    /**
     * @param stream name of the stream
     * @param filterSubject what is read of it; {@code >} is everything
     * @param nextSequence the lowest sequence not yet read, or {@link #EARLIEST}
     * @param stoppingSequence the first sequence not to be read any more, or {@link #NO_STOP}
     */
    public JetStreamSplit(
            String stream, String filterSubject, long nextSequence, long stoppingSequence) {
        this.stream = Objects.requireNonNull(stream, "stream");
        this.filterSubject = Objects.requireNonNull(filterSubject, "filterSubject");
        if (nextSequence < 0 || stoppingSequence < 0) {
            throw new IllegalArgumentException(
                    "Negative sequence in split "
                            + splitId()
                            + ": "
                            + nextSequence
                            + ", "
                            + stoppingSequence);
        }
        this.nextSequence = nextSequence;
        this.stoppingSequence = stoppingSequence;
    }

    /** The id of the split for a stream and a filter subject; neither can contain white space. */
    public static String splitId(String stream, String filterSubject) {
        return stream + " " + filterSubject;
    }

    @Override
    public String splitId() {
        return splitId(stream, filterSubject);
    }

    /** Name of the stream. */
    public String stream() {
        return stream;
    }

    /** What is read of the stream. */
    public String filterSubject() {
        return filterSubject;
    }

    /** The lowest sequence not yet read, or {@link #EARLIEST}. */
    public long nextSequence() {
        return nextSequence;
    }

    /** The first sequence not to be read any more, or {@link #NO_STOP}. */
    public long stoppingSequence() {
        return stoppingSequence;
    }

    /** The same split at another position. */
    public JetStreamSplit at(long sequence) {
        return new JetStreamSplit(stream, filterSubject, sequence, stoppingSequence);
    }

    /** Whether everything this split was to read has been read. */
    public boolean isFinished() {
        return nextSequence >= stoppingSequence;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JetStreamSplit
                && stream.equals(((JetStreamSplit) other).stream)
                && filterSubject.equals(((JetStreamSplit) other).filterSubject)
                && nextSequence == ((JetStreamSplit) other).nextSequence
                && stoppingSequence == ((JetStreamSplit) other).stoppingSequence;
    }

    @Override
    public int hashCode() {
        return Objects.hash(stream, filterSubject, nextSequence, stoppingSequence);
    }

    @Override
    public String toString() {
        return "split '"
                + splitId()
                + "' from "
                + (nextSequence == EARLIEST ? "earliest" : nextSequence)
                + (stoppingSequence == NO_STOP ? "" : " to before " + stoppingSequence);
    }
}
