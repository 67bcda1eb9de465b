package io.ponix.connector.nats.source.settings;

import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Where to begin when there is no state to continue from. Applied once, when the job starts for the
 * first time; afterwards the sequence in Flink's state is the only position.
 */
@PublicEvolving
public final class StartingPosition implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Kinds of positions. */
    public enum Kind {
        /** With the oldest message the stream holds. */
        EARLIEST,
        /** With the next message that is stored. */
        LATEST,
        /** With a sequence of the stream. */
        SEQUENCE,
        /** With the first message stored at or after a time. */
        TIME
    }

    private static final StartingPosition EARLIEST = new StartingPosition(Kind.EARLIEST, 0, null);
    private static final StartingPosition LATEST = new StartingPosition(Kind.LATEST, 0, null);

    private final Kind kind;
    private final long sequence;
    private final Instant time;

    private StartingPosition(Kind kind, long sequence, Instant time) {
        this.kind = kind;
        this.sequence = sequence;
        this.time = time;
    }

    /** Begins with the oldest message the stream holds. */
    public static StartingPosition earliest() {
        return EARLIEST;
    }

    /** Begins with the next message stored after the job's first start. */
    public static StartingPosition latest() {
        return LATEST;
    }

    /**
     * Begins with this message, or with the oldest one there is if this one is gone. It must not
     * lie beyond the next message to be stored when the job starts.
     *
     * @param sequence sequence in the stream, from 1
     */
    public static StartingPosition fromSequence(long sequence) {
        if (sequence < 1) {
            throw new IllegalArgumentException(
                    "startingPosition: a stream's sequences begin at 1, not " + sequence);
        }
        return new StartingPosition(Kind.SEQUENCE, sequence, null);
    }

    /** Begins with the first message that was stored at or after this time. */
    public static StartingPosition fromTime(Instant time) {
        return new StartingPosition(Kind.TIME, 0, Objects.requireNonNull(time, "time"));
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
            case EARLIEST:
                return "earliest";
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
