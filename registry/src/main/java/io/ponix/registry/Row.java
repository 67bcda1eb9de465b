package io.ponix.registry;

import java.time.Instant;

/**
 * A row whose columns are read by name, wherever it is from.
 *
 * @param <E> what reading may fail with
 */
public interface Row<E extends Exception> {

    /** The text in a column, or the document; empty where there is none. */
    String text(Column column) throws E;

    /** The number in a column that always has one. */
    long number(Column column) throws E;

    /** The time in a column; {@code null} where there is none. */
    Instant time(Column column) throws E;

    /** Whether there is anything in a column. */
    boolean has(Column column) throws E;
}
