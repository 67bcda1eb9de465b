package io.ponix.registry;

/** Revisions of rows, and as messages have them. */
final class Revisions {

    private Revisions() {}

    /** The revision of a row; 0 of one from before there were any. */
    static <E extends Exception> long of(Row<E> row) throws E {
        return row.has(RowColumns.REVISION) ? row.number(RowColumns.REVISION) : 0;
    }

    /** Empty where there is none. */
    static String etag(long revision) {
        return revision == 0 ? "" : Long.toString(revision);
    }
}
