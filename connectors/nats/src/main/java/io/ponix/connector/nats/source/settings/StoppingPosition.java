package io.ponix.connector.nats.source.settings;

import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Where a bounded source ends: for backfills and tests. Resolved once, when the job starts for the
 * first time.
 */
@PublicEvolving
public final class StoppingPosition implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Kinds of positions. */
    public enum Kind {
        /** The source never ends. */
        NEVER,
        /** After what the stream holds when the job starts. */
        LATEST,
        /** After a sequence of the stream. */
        SEQUENCE,
        /** Before the first message stored at or after a time. */
        TIME
    }

    private static final StoppingPosition NEVER = new StoppingPosition(Kind.NEVER, 0, null);
    private static final StoppingPosition LATEST = new StoppingPosition(Kind.LATEST, 0, null);

    private final Kind kind;
    private final long sequence;
    private final Instant time;

    private StoppingPosition(Kind kind, long sequence, Instant time) {
        this.kind = kind;
        this.sequence = sequence;
        this.time = time;
    }

    /** Never: the source is unbounded. */
    public static StoppingPosition never() {
        return NEVER;
    }

    /** After the last message the stream holds when the job starts. */
    public static StoppingPosition latest() {
        return LATEST;
    }

    /**
     * After this message; a source that stops in the future waits until the stream has come this
     * far.
     *
     * @param sequence the last sequence to read, from 1
     */
    public static StoppingPosition atSequence(long sequence) {
        if (sequence < 1 || sequence == Long.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "stoppingPosition: not a sequence of a stream: " + sequence);
        }
        return new StoppingPosition(Kind.SEQUENCE, sequence, null);
    }

    /**
     * Before the first message that was stored at or after this time, or after what the stream
     * holds when the job starts if that is less.
     */
    public static StoppingPosition beforeTime(Instant time) {
        return new StoppingPosition(Kind.TIME, 0, Objects.requireNonNull(time, "time"));
    }

    /** Which kind of position this is. */
    public Kind kind() {
        return kind;
    }

    /** The sequence of a {@link Kind#SEQUENCE}, else 0. */
    public long sequence() {
        return sequence;
    }

    /** The time of a {@link Kind#TIME}, else null. */
    public Instant time() {
        return time;
    }

    @Override
    public String toString() {
        switch (kind) {
            case NEVER:
                return "never";
            case LATEST:
                return "latest";
            case SEQUENCE:
                return "sequence " + sequence;
            case TIME:
                return "time " + time;
        }
        throw new AssertionError(kind);
    }
}
