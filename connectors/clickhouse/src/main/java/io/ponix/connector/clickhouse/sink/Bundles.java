package io.ponix.connector.clickhouse.sink;

import java.io.IOException;

/**
 * Which rows of a batch are of one record, for records of several rows; all others are records of
 * their own. Empty for most batches.
 *
 * <p>As bytes, all of it unsigned LEB128: the number of bundles, the number of their rows, and for
 * each bundle the number of its rows and the place of each of them in the batch, from 0, in the
 * order of the record. No bytes: there are none.
 *
 * @param bytes not copied
 */
record Bundles(byte[] bytes) {

    static final Bundles NONE = new Bundles(new byte[0]);

    private static final int LAST_SHIFT = 28;

    /** Takes the places of bundles; of no row that is a record of its own. */
    static final class Builder {

        private final RowBinaryOutput content = new RowBinaryOutput();
        private int bundles;
        private int rows;

        /** Begins a bundle, of whose rows each is then {@linkplain #addRow added}. */
        void beginBundle(int rowCount) {
            bundles++;
            rows += rowCount;
            content.writeUnsignedLeb128(rowCount);
        }

        void addRow(int place) {
            content.writeUnsignedLeb128(place);
        }

        Bundles build() {
            if (bundles == 0) {
                return NONE;
            }
            RowBinaryOutput out = new RowBinaryOutput();
            out.writeUnsignedLeb128(bundles);
            out.writeUnsignedLeb128(rows);
            out.writeRaw(content);
            return new Bundles(out.toByteArray());
        }
    }

    /** Whether each row is a record of its own. */
    boolean isEmpty() {
        return bytes.length == 0;
    }

    /**
     * How many records a batch is of.
     *
     * @param rowCount the number of its rows
     * @throws IOException if the bytes are damaged
     */
    int recordCount(int rowCount) throws IOException {
        if (isEmpty()) {
            return rowCount;
        }
        Reader reader = new Reader();
        int bundles = reader.next();
        return rowCount - reader.next() + bundles;
    }

    /**
     * The places of the rows of each bundle, bundles in the order in which their records came.
     *
     * @param rowCount the number of the batch's rows
     * @throws IOException if the bytes are damaged
     */
    int[][] places(int rowCount) throws IOException {
        if (isEmpty()) {
            return new int[0][];
        }
        Reader reader = new Reader();
        int[][] bundles = new int[reader.next()][];
        int rows = reader.next();
        for (int i = 0; i < bundles.length; i++) {
            bundles[i] = new int[reader.next()];
            for (int row = 0; row < bundles[i].length; row++) {
                bundles[i][row] = reader.next();
                if (bundles[i][row] >= rowCount) {
                    throw damaged();
                }
            }
            rows -= bundles[i].length;
        }
        if (rows != 0 || reader.at != bytes.length) {
            throw damaged();
        }
        return bundles;
    }

    private static IOException damaged() {
        return new IOException(
                "A batch in state is damaged: what it says of its records does not add up");
    }

    private final class Reader {

        private int at;

        private int next() throws IOException {
            int value = 0;
            for (int shift = 0; shift <= LAST_SHIFT && at < bytes.length; shift += 7) {
                byte next = bytes[at++];
                value |= (next & 0x7f) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw damaged();
        }
    }
}
