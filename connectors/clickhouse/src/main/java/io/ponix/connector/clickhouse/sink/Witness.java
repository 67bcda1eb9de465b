package io.ponix.connector.clickhouse.sink;

import io.ponix.client.clickhouse.ClickHouseException;
import io.ponix.client.clickhouse.Sql;
import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import io.ponix.connector.clickhouse.table.ClickHouseType;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.StringJoiner;

/**
 * Asks the table itself whether rows are there: for batches whose token ClickHouse may have
 * forgotten. Rows of one partition that are inserted together are stored as a whole, so the first
 * and the last row speak for all of them.
 *
 * <p>Why two rows: a batch that was refused is inserted in parts, strictly from left to right, in
 * the order of {@link BatchRows}. If that was interrupted, the first row may be there and the rest
 * not; if the last row is there, everything before it has been stored or handed over.
 */
final class Witness {

    /** What the table holds of a range of rows. */
    enum Presence {
        /** The first and the last row. */
        ALL,
        /** One of them: the range was being inserted in parts. */
        SOME,
        /** Neither. */
        NONE
    }

    private Witness() {}

    /** Whether values of a type can be compared for equality in SQL without loss. */
    static boolean canIdentify(ClickHouseType type) {
        return !type.array()
                && switch (type.kind()) {
                    case JSON, FLOAT32, FLOAT64 -> false;
                    default -> true;
                };
    }

    /** Runs the query: on any server, or on one that has all rows. */
    interface Reads {
        List<List<String>> query(String sql) throws ClickHouseException, InterruptedException;
    }

    /** Looks for rows of one partition. */
    static Presence look(
            Reads reads, ClickHouseCommittable batch, BatchRows rows, BatchRows.Part part)
            throws ClickHouseException, InterruptedException {
        String first = predicate(batch, rows, part.firstRow());
        String last = predicate(batch, rows, part.lastRow());
        List<String> found =
                reads.query(
                                "SELECT countIf("
                                        + first
                                        + ") > 0, countIf("
                                        + last
                                        + ") > 0 FROM "
                                        + Sql.table(batch.database(), batch.table())
                                        + " WHERE ("
                                        + first
                                        + ") OR ("
                                        + last
                                        + ")")
                        .get(0);
        boolean firstFound = found.get(0).equals("1");
        boolean lastFound = found.get(1).equals("1");
        return firstFound && lastFound
                ? Presence.ALL
                : firstFound || lastFound ? Presence.SOME : Presence.NONE;
    }

    private static String predicate(ClickHouseCommittable batch, BatchRows rows, int row) {
        int from = rows.offsets()[row];
        int to = rows.offsets()[row + 1];
        StringJoiner predicate = new StringJoiner(" AND ");
        for (ClickHouseColumn column : batch.columns()) {
            if (batch.witnessColumns().contains(column.name())) {
                Object value =
                        RowBinaryValues.read(
                                batch.columns(), rows.bytes(), from, to - from, column.name());
                String name = Sql.identifier(column.name());
                predicate.add(
                        value == null
                                ? name + " IS NULL"
                                : name + " = " + literal(column.type(), value));
            }
        }
        return predicate.toString();
    }

    private static String literal(ClickHouseType type, Object value) {
        return switch (type.kind()) {
            case STRING -> Sql.string((String) value);
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64 -> value.toString();
            case DATE -> "toDate(" + Sql.string(value.toString()) + ")";
            case DATE_TIME -> "toDateTime(" + ((Instant) value).getEpochSecond() + ")";
            case DATE_TIME64 -> dateTime64(type.precision(), (Instant) value);
            case UUID -> "toUUID(" + Sql.string(value.toString()) + ")";
            case JSON, FLOAT32, FLOAT64 ->
                    throw new IllegalArgumentException("A " + type + " cannot identify a row");
        };
    }

    /** By ticks, as a text would be read in the server's time zone. */
    private static String dateTime64(int precision, Instant value) {
        String unit = precision <= 3 ? "Milli" : precision <= 6 ? "Micro" : "Nano";
        long perSecond = precision <= 3 ? 1_000L : precision <= 6 ? 1_000_000L : 1_000_000_000L;
        BigInteger ticks =
                BigInteger.valueOf(value.getEpochSecond())
                        .multiply(BigInteger.valueOf(perSecond))
                        .add(BigInteger.valueOf(value.getNano() / (1_000_000_000L / perSecond)));
        return "fromUnixTimestamp64" + unit + "(toInt64(" + ticks + "))";
    }
}
