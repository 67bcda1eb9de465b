package io.ponix.connector.clickhouse.sink;

import java.util.UUID;
import org.apache.flink.annotation.PublicEvolving;

/**
 * Takes the values of one row, one call per column in the order of {@link
 * ClickHouseRowEncoder#columns()}.
 *
 * <p>Each method copies what it is given before it returns, so that an encoder may pass buffers
 * that it reuses. None allocates, except for text with characters beyond ASCII and while buffers
 * grow to their working size.
 */
@PublicEvolving
public interface RowOutput {

    /**
     * A {@code String}.
     *
     * @param value text, sent as UTF-8
     */
    void writeString(String value);

    /**
     * A {@code String} from bytes.
     *
     * @param bytes holds the text, usually UTF-8; ClickHouse does not check it
     * @param offset first byte
     * @param length number of bytes
     */
    void writeString(byte[] bytes, int offset, int length);

    /**
     * A {@code JSON} object.
     *
     * <p>ClickHouse types what it reads: {@code 25} becomes an Int64 and {@code 25.0} a Float64 on
     * the same path. A dot in a key is {@code %2E} in the path. A key is not stored where its value
     * is null or an empty object.
     *
     * @param json the object's text in UTF-8
     * @param offset first byte
     * @param length number of bytes
     */
    void writeJson(byte[] json, int offset, int length);

    /**
     * A {@code Bool}.
     *
     * @param value the value
     */
    void writeBool(boolean value);

    /**
     * A {@code UInt8} or {@code Int8}.
     *
     * @param value the low 8 bits are sent
     */
    void writeInt8(int value);

    /**
     * A {@code UInt16} or {@code Int16}.
     *
     * @param value the low 16 bits are sent
     */
    void writeInt16(int value);

    /**
     * A {@code UInt32} or {@code Int32}.
     *
     * @param value the 32 bits
     */
    void writeInt32(int value);

    /**
     * A {@code UInt64} or {@code Int64}.
     *
     * @param value the 64 bits
     */
    void writeInt64(long value);

    /**
     * A {@code Float32}.
     *
     * @param value the value
     */
    void writeFloat32(float value);

    /**
     * A {@code Float64}.
     *
     * @param value the value
     */
    void writeFloat64(double value);

    /**
     * A {@code Date}.
     *
     * @param epochDay days since 1970-01-01, 0 to 65,535
     */
    void writeDate(int epochDay);

    /**
     * A {@code DateTime}.
     *
     * @param epochSecond seconds since 1970, 0 to 4,294,967,295
     */
    void writeDateTime(long epochSecond);

    /**
     * A {@code DateTime64(p)}.
     *
     * @param ticks units of 10<sup>-p</sup> s since 1970; for {@code DateTime64(3)} milliseconds.
     *     ClickHouse holds 1900 to 2299
     */
    void writeDateTime64(long ticks);

    /**
     * A {@code UUID}.
     *
     * @param value the value
     */
    void writeUuid(UUID value);

    /**
     * The number of elements of an {@code Array(…)} column. The elements follow, one call for each.
     *
     * @param size 0 or more
     */
    void writeArraySize(int size);

    /** The null of a {@code Nullable(…)} column; nothing else is written for it. */
    void writeNull();

    /** Goes in front of every value of a {@code Nullable(…)} column that is not null. */
    void writePresent();
}
