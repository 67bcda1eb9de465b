package io.ponix.connector.nats.source.split;

import io.ponix.connector.nats.Subjects;
import java.util.Objects;
import org.apache.flink.annotation.Internal;

/**
 * Messages that a split must not emit although they are its own: another split, which it has
 * replaced when the configured subjects changed, has read them. Immutable.
 */
@Internal
public final class AlreadyRead {

    private final String filterSubject;
    private final long beforeSequence;

    /**
     * @param filterSubject what the other split read
     * @param beforeSequence the lowest sequence it had not read, at least 1
     */
    public AlreadyRead(String filterSubject, long beforeSequence) {
        this.filterSubject = Objects.requireNonNull(filterSubject, "filterSubject");
        if (beforeSequence < 1) {
            throw new IllegalArgumentException("Not a sequence: " + beforeSequence);
        }
        this.beforeSequence = beforeSequence;
    }

    /** What the other split read. */
    public String filterSubject() {
        return filterSubject;
    }

    /** The lowest sequence it had not read. */
    public long beforeSequence() {
        return beforeSequence;
    }

    /** The same of a stream that has lost everything at and behind a sequence. */
    AlreadyRead atMostBefore(long sequence) {
        return beforeSequence <= sequence ? this : new AlreadyRead(filterSubject, sequence);
    }

    /** Whether this says anything about messages with that subject. */
    boolean concerns(String subject) {
        return Subjects.covers(filterSubject, subject);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AlreadyRead
                && filterSubject.equals(((AlreadyRead) other).filterSubject)
                && beforeSequence == ((AlreadyRead) other).beforeSequence;
    }

    @Override
    public int hashCode() {
        return Objects.hash(filterSubject, beforeSequence);
    }

    @Override
    public String toString() {
        return "'" + filterSubject + "' before " + beforeSequence;
    }
}
