package io.ponix.connector.nats.source.split;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * One filter subject of a stream and how far it has been read. Immutable; its mutable side is
 * {@link JetStreamSplitState}.
 */
@Internal
public final class JetStreamSplit implements SourceSplit {

    /** A next sequence that means: with the oldest message there is, whichever it will be. */
    public static final long EARLIEST = 0;

    /** A stopping sequence that means: never. */
    public static final long NO_STOP = Long.MAX_VALUE;

    /** A time of creation that means: the state was written before it was part of it. */
    public static final long CREATION_UNKNOWN = 0;

    private final String stream;
    private final String filterSubject;
    private final long nextSequence;
    private final long stoppingSequence;
    private final long streamCreatedNanos;
    private final List<AlreadyRead> alreadyRead;
    private final List<MessageStamp> history;

    /**
     * A split that continues no other, of a stream whose creation is not known yet.
     *
     * @param stream name of the stream
     * @param filterSubject what is read of it; {@code >} is everything
     * @param nextSequence the lowest sequence not yet read, or {@link #EARLIEST}
     * @param stoppingSequence the first sequence not to be read any more, or {@link #NO_STOP}
     */
    public JetStreamSplit(
            String stream, String filterSubject, long nextSequence, long stoppingSequence) {
        this(
                stream,
                filterSubject,
                nextSequence,
                stoppingSequence,
                CREATION_UNKNOWN,
                List.of(),
                List.of());
    }

    /**
     * @param stream name of the stream
     * @param filterSubject what is read of it; {@code >} is everything
     * @param nextSequence the lowest sequence not yet read, or {@link #EARLIEST}
     * @param stoppingSequence the first sequence not to be read any more, or {@link #NO_STOP}
     * @param streamCreatedNanos when the stream that these sequences belong to was created, in
     *     nanoseconds since 1970-01-01T00:00Z, or {@link #CREATION_UNKNOWN}
     * @param alreadyRead messages at or behind the next sequence that are not to be emitted; of
     *     several that concern a message the first decides
     * @param history messages that the stream had when the position moved past them, see {@link
     *     ReadHistory}
     */
    public JetStreamSplit(
            String stream,
            String filterSubject,
            long nextSequence,
            long stoppingSequence,
            long streamCreatedNanos,
            List<AlreadyRead> alreadyRead,
            List<MessageStamp> history) {
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
        this.streamCreatedNanos = streamCreatedNanos;
        this.alreadyRead = List.copyOf(alreadyRead);
        this.history = List.copyOf(history);
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

    /**
     * When the stream was created, in nanoseconds since 1970-01-01T00:00Z, or {@link
     * #CREATION_UNKNOWN}: a stream of the same name that was created at another time has other
     * messages under the same sequences.
     */
    public long streamCreatedNanos() {
        return streamCreatedNanos;
    }

    /**
     * Messages at or behind the next sequence that are not to be emitted; of several that concern a
     * message the first decides.
     */
    public List<AlreadyRead> alreadyRead() {
        return alreadyRead;
    }

    /**
     * Messages that the stream had when the position moved past them, the oldest first: a stream
     * that has others under their sequences now went back.
     */
    public List<MessageStamp> history() {
        return history;
    }

    /** The same split at another position; forgets what lies before it. */
    public JetStreamSplit at(long sequence) {
        return at(sequence, history);
    }

    /** The same split at another position, with what is known of the stream there. */
    public JetStreamSplit at(long sequence, List<MessageStamp> historyThere) {
        return new JetStreamSplit(
                stream,
                filterSubject,
                sequence,
                stoppingSequence,
                streamCreatedNanos,
                stillAhead(alreadyRead, sequence),
                historyThere);
    }

    /** The same split with the time when its stream was created, in nanoseconds since 1970. */
    public JetStreamSplit ofStreamCreatedAt(long createdNanos) {
        return new JetStreamSplit(
                stream,
                filterSubject,
                nextSequence,
                stoppingSequence,
                createdNanos,
                alreadyRead,
                history);
    }

    /**
     * What still matters at a position. All or nothing: the first that concerns a message decides,
     * so that one must not be dropped while another is kept.
     */
    static List<AlreadyRead> stillAhead(List<AlreadyRead> alreadyRead, long nextSequence) {
        return alreadyRead.stream().anyMatch(read -> read.beforeSequence() > nextSequence)
                ? alreadyRead
                : List.of();
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
                && stoppingSequence == ((JetStreamSplit) other).stoppingSequence
                && streamCreatedNanos == ((JetStreamSplit) other).streamCreatedNanos
                && alreadyRead.equals(((JetStreamSplit) other).alreadyRead)
                && history.equals(((JetStreamSplit) other).history);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                stream,
                filterSubject,
                nextSequence,
                stoppingSequence,
                streamCreatedNanos,
                alreadyRead,
                history);
    }

    @Override
    public String toString() {
        return "split '"
                + splitId()
                + "' from "
                + (nextSequence == EARLIEST ? "earliest" : nextSequence)
                + (stoppingSequence == NO_STOP ? "" : " to before " + stoppingSequence)
                + (alreadyRead.isEmpty()
                        ? ""
                        : alreadyRead.stream()
                                .map(AlreadyRead::toString)
                                .collect(Collectors.joining(", ", " without ", "")));
    }
}
