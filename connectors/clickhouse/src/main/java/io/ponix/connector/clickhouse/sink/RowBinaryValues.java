package io.ponix.connector.clickhouse.sink;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import io.ponix.connector.clickhouse.table.ClickHouseType;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;

/** Reads single values out of rows in RowBinary: for messages, rejected rows and witnesses. */
final class RowBinaryValues {

    private static final int LONGEST_LENGTH_PREFIX = 5;
    private static final long[] TICKS_PER_SECOND = {
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000
    };

    private RowBinaryValues() {}

    /**
     * Reads one column of a row.
     *
     * @throws IllegalArgumentException if there is no such column or the bytes end before it
     */
    static Object read(
            List<ClickHouseColumn> columns, byte[] rows, int offset, int length, String name) {
        ByteBuffer row = row(rows, offset, length);
        for (ClickHouseColumn column : columns) {
            Object value = readChecked(column, row);
            if (column.name().equals(name)) {
                return value;
            }
        }
        throw new IllegalArgumentException("No column " + name + " among " + columns);
    }

    /**
     * Checks that a row is exactly as long as its columns say.
     *
     * @throws IllegalArgumentException if not
     */
    static void check(List<ClickHouseColumn> columns, byte[] rows, int offset, int length) {
        ByteBuffer row = row(rows, offset, length);
        for (ClickHouseColumn column : columns) {
            readChecked(column, row);
        }
        if (row.hasRemaining()) {
            throw new IllegalArgumentException(
                    "The row encoder wrote "
                            + row.remaining()
                            + " bytes more than its columns() take");
        }
    }

    private static ByteBuffer row(byte[] rows, int offset, int length) {
        return ByteBuffer.wrap(rows, offset, length).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Object readChecked(ClickHouseColumn column, ByteBuffer row) {
        try {
            return readValue(column.type(), row);
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException(
                    "The row ends inside column "
                            + column.name()
                            + " "
                            + column.type()
                            + ": the row encoder did not write what its columns() declare",
                    e);
        }
    }

    private static Object readValue(ClickHouseType type, ByteBuffer row) {
        return type.array() ? readArray(type, row) : readElement(type, row);
    }

    private static List<Object> readArray(ClickHouseType type, ByteBuffer row) {
        int size = readLength(row);
        List<Object> elements = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            elements.add(readElement(type, row));
        }
        return Collections.unmodifiableList(elements);
    }

    private static Object readElement(ClickHouseType type, ByteBuffer row) {
        if (type.nullable() && row.get() != 0) {
            return null;
        }
        return switch (type.kind()) {
            case STRING, JSON -> readString(row);
            case BOOL -> row.get() != 0;
            case UINT8 -> (long) Byte.toUnsignedInt(row.get());
            case UINT16 -> (long) Short.toUnsignedInt(row.getShort());
            case UINT32 -> Integer.toUnsignedLong(row.getInt());
            case UINT64 -> new BigInteger(Long.toUnsignedString(row.getLong()));
            case INT8 -> (long) row.get();
            case INT16 -> (long) row.getShort();
            case INT32 -> (long) row.getInt();
            case INT64 -> row.getLong();
            case FLOAT32 -> row.getFloat();
            case FLOAT64 -> row.getDouble();
            case DATE -> LocalDate.ofEpochDay(Short.toUnsignedInt(row.getShort()));
            case DATE_TIME -> Instant.ofEpochSecond(Integer.toUnsignedLong(row.getInt()));
            case DATE_TIME64 -> instant(row.getLong(), TICKS_PER_SECOND[type.precision()]);
            case UUID -> new UUID(row.getLong(), row.getLong());
        };
    }

    private static Instant instant(long ticks, long ticksPerSecond) {
        return Instant.ofEpochSecond(
                Math.floorDiv(ticks, ticksPerSecond),
                Math.floorMod(ticks, ticksPerSecond) * (1_000_000_000L / ticksPerSecond));
    }

    private static String readString(ByteBuffer row) {
        byte[] bytes = new byte[readLength(row)];
        row.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Of bytes or elements, each of which takes a byte at least. */
    private static int readLength(ByteBuffer row) {
        int length = 0;
        for (int i = 0; i < LONGEST_LENGTH_PREFIX; i++) {
            byte next = row.get();
            length |= (next & 0x7f) << (7 * i);
            if (next >= 0) {
                if (length < 0 || length > row.remaining()) {
                    throw new BufferUnderflowException();
                }
                return length;
            }
        }
        throw new BufferUnderflowException();
    }
}
