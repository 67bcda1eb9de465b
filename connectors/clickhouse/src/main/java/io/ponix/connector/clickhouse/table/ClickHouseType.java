package io.ponix.connector.clickhouse.table;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.flink.annotation.PublicEvolving;

/**
 * A column type the sink can write: a {@link Kind}, its precision, whether it may be null, and
 * whether a column holds an array of such values. There are no arrays of arrays.
 *
 * <p>{@code LowCardinality(…)}, time zones and the parameters of {@code JSON(…)} change how a
 * column is stored but not the bytes in which a value is sent. They are kept in {@link #name()} and
 * ignored by {@link #isWrittenLike}.
 */
@PublicEvolving
public final class ClickHouseType implements Serializable {

    /** The families of types, by the bytes in which RowBinary sends a value. */
    public enum Kind {
        /** Bytes with a length in front; ClickHouse does not require UTF-8. */
        STRING("String", VARIABLE_WIDTH),
        /** A JSON object as text. */
        JSON("JSON", VARIABLE_WIDTH),
        /** One byte, 0 or 1. */
        BOOL("Bool", 1),
        /** Unsigned, 8 bits. */
        UINT8("UInt8", 1),
        /** Unsigned, 16 bits. */
        UINT16("UInt16", 2),
        /** Unsigned, 32 bits. */
        UINT32("UInt32", 4),
        /** Unsigned, 64 bits. */
        UINT64("UInt64", 8),
        /** Signed, 8 bits. */
        INT8("Int8", 1),
        /** Signed, 16 bits. */
        INT16("Int16", 2),
        /** Signed, 32 bits. */
        INT32("Int32", 4),
        /** Signed, 64 bits. */
        INT64("Int64", 8),
        /** IEEE 754, 32 bits. */
        FLOAT32("Float32", 4),
        /** IEEE 754, 64 bits. */
        FLOAT64("Float64", 8),
        /** Days since 1970, unsigned 16 bits. */
        DATE("Date", 2),
        /** Seconds since 1970, unsigned 32 bits. */
        DATE_TIME("DateTime", 4),
        /** Ticks of 10<sup>-precision</sup> s since 1970, signed 64 bits. */
        DATE_TIME64("DateTime64", 8),
        /** 128 bits, the high half first. */
        UUID("UUID", 16);

        private final String clickHouseName;
        private final int width;

        Kind(String clickHouseName, int width) {
            this.clickHouseName = clickHouseName;
            this.width = width;
        }

        /**
         * Bytes per value.
         *
         * @return the width, or {@link #VARIABLE_WIDTH}
         */
        public int width() {
            return width;
        }
    }

    /** {@link Kind#width()} of values that carry their own length. */
    public static final int VARIABLE_WIDTH = -1;

    private static final Pattern ARRAY = Pattern.compile("Array\\((.*)\\)", Pattern.DOTALL);
    private static final Pattern WRAPPED = Pattern.compile("(LowCardinality|Nullable)\\((.*)\\)");
    private static final Pattern DATE_TIME = Pattern.compile("DateTime\\('[^']*'\\)");
    private static final Pattern DATE_TIME64 =
            Pattern.compile("DateTime64\\(\\s*([0-9])\\s*(?:,\\s*'[^']*'\\s*)?\\)");
    private static final Pattern JSON = Pattern.compile("JSON\\(.*\\)", Pattern.DOTALL);

    private final String name;
    private final Kind kind;
    private final int precision;
    private final boolean nullable;
    private final boolean array;

    private ClickHouseType(String name, Kind kind, int precision, boolean nullable, boolean array) {
        this.name = name;
        this.kind = kind;
        this.precision = precision;
        this.nullable = nullable;
        this.array = array;
    }

    /**
     * Reads a type in ClickHouse's notation.
     *
     * @param name for instance {@code LowCardinality(String)} or {@code DateTime64(3, 'UTC')}
     * @return the type
     * @throws IllegalArgumentException if the sink cannot write this type; the message lists those
     *     that it can
     */
    public static ClickHouseType parse(String name) {
        Objects.requireNonNull(name, "name");
        Matcher array = ARRAY.matcher(name.strip());
        boolean isArray = array.matches();
        String inner = isArray ? array.group(1).strip() : name.strip();
        boolean nullable = false;
        for (Matcher wrapped = WRAPPED.matcher(inner);
                wrapped.matches();
                wrapped = WRAPPED.matcher(inner)) {
            nullable |= wrapped.group(1).equals("Nullable");
            inner = wrapped.group(2).strip();
        }
        Matcher dateTime64 = DATE_TIME64.matcher(inner);
        if (dateTime64.matches()) {
            int precision = Integer.parseInt(dateTime64.group(1));
            return new ClickHouseType(name.strip(), Kind.DATE_TIME64, precision, nullable, isArray);
        }
        if (DATE_TIME.matcher(inner).matches()) {
            return new ClickHouseType(name.strip(), Kind.DATE_TIME, 0, nullable, isArray);
        }
        if (JSON.matcher(inner).matches()) {
            return new ClickHouseType(name.strip(), Kind.JSON, 0, nullable, isArray);
        }
        for (Kind kind : Kind.values()) {
            if (kind != Kind.DATE_TIME64 && kind.clickHouseName.equals(inner)) {
                return new ClickHouseType(name.strip(), kind, 0, nullable, isArray);
            }
        }
        throw new IllegalArgumentException(
                "Cannot write the ClickHouse type "
                        + name
                        + "; it must be one of "
                        + Arrays.stream(Kind.values())
                                .map(kind -> kind.clickHouseName)
                                .collect(Collectors.joining(", "))
                        + ", possibly in LowCardinality(…) or Nullable(…), and all that in Array(…)");
    }

    /**
     * The type in ClickHouse's notation, as given.
     *
     * @return for instance {@code LowCardinality(String)}
     */
    public String name() {
        return name;
    }

    /**
     * The family; of an array, that of its elements.
     *
     * @return the kind
     */
    public Kind kind() {
        return kind;
    }

    /**
     * Decimal digits of a second.
     *
     * @return 0 to 9 for {@link Kind#DATE_TIME64}, otherwise 0
     */
    public int precision() {
        return precision;
    }

    /**
     * Whether a value may be null; of an array, an element of it.
     *
     * @return true for {@code Nullable(…)}
     */
    public boolean nullable() {
        return nullable;
    }

    /**
     * Whether a column holds any number of values.
     *
     * @return true for {@code Array(…)}
     */
    public boolean array() {
        return array;
    }

    /**
     * Whether values of both types are sent in the same bytes with the same meaning.
     *
     * @param other another type
     * @return true if a value written as one can be read as the other
     */
    public boolean isWrittenLike(ClickHouseType other) {
        return kind == other.kind
                && precision == other.precision
                && nullable == other.nullable
                && array == other.array;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClickHouseType type && name.equals(type.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
