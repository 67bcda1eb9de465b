package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Golden bytes, taken from {@code SELECT … FORMAT RowBinary} of ClickHouse 26.7. */
class RowBinaryOutputTest {

    @Test
    void stringsCarryTheirLengthInBytes() {
        assertThat(hex(row -> row.writeString(""))).isEqualTo("00");
        assertThat(hex(row -> row.writeString("abc"))).isEqualTo("03616263");
        assertThat(hex(row -> row.writeString("°C ä😀"))).isEqualTo("0ac2b04320c3a4f09f9880");
        byte[] bytes = "xabcx".getBytes(StandardCharsets.UTF_8);
        assertThat(hex(row -> row.writeString(bytes, 1, 3))).isEqualTo("03616263");
        assertThat(hex(row -> row.writeJson("{}".getBytes(StandardCharsets.UTF_8), 0, 2)))
                .isEqualTo("027b7d");
    }

    @Test
    void lengthsAreLeb128() {
        assertThat(hex(row -> row.writeString("a".repeat(127)))).startsWith("7f61");
        assertThat(hex(row -> row.writeString("a".repeat(128)))).startsWith("800161");
        assertThat(hex(row -> row.writeString("a".repeat(300)))).startsWith("ac0261");
        assertThat(hex(row -> row.writeString("a".repeat(20_000)))).startsWith("a09c0161");
    }

    @Test
    void numbersHaveTheSmallEndFirst() {
        assertThat(hex(row -> row.writeBool(true))).isEqualTo("01");
        assertThat(hex(row -> row.writeInt8(-2))).isEqualTo("fe");
        assertThat(hex(row -> row.writeInt16(0x0102))).isEqualTo("0201");
        assertThat(hex(row -> row.writeInt32(0x01020304))).isEqualTo("04030201");
        assertThat(hex(row -> row.writeInt64(42))).isEqualTo("2a00000000000000");
        assertThat(hex(row -> row.writeInt64(-1))).isEqualTo("ffffffffffffffff");
        assertThat(hex(row -> row.writeFloat32(1.5f))).isEqualTo("0000c03f");
        assertThat(hex(row -> row.writeFloat64(27.2))).isEqualTo("3333333333333b40");
    }

    @Test
    void timesAreCountedFrom1970() {
        assertThat(hex(row -> row.writeDate(20_778))).isEqualTo("2a51");
        assertThat(hex(row -> row.writeDateTime(1_795_219_200L))).isEqualTo("00df006b");
        // toDateTime64('2026-11-21 00:00:00.123', 3, 'UTC')
        assertThat(hex(row -> row.writeDateTime64(1_795_219_200_123L)))
                .isEqualTo("7b1867fba1010000");
        // toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')
        assertThat(
                        hex(
                                row ->
                                        row.writeUuid(
                                                UUID.fromString(
                                                        "61f0c404-5cb3-11e7-907b-a6006ad3dba0"))))
                .isEqualTo("e711b35c04c4f061a0dbd36a00a67b90");
    }

    @Test
    void nullsAreOneByte() {
        assertThat(
                        hex(
                                row -> {
                                    row.writeNull();
                                    row.writePresent();
                                    row.writeString("a");
                                }))
                .isEqualTo("01000161");
    }

    @Test
    void arraysCarryTheirNumberOfElements() {
        // ['ab', ''] and [], of Array(String)
        assertThat(
                        hex(
                                row -> {
                                    row.writeArraySize(2);
                                    row.writeString("ab");
                                    row.writeString("");
                                }))
                .isEqualTo("0202616200");
        assertThat(hex(row -> row.writeArraySize(0))).isEqualTo("00");
        assertThat(hex(row -> row.writeArraySize(300))).isEqualTo("ac02");
    }

    @Test
    void everyTypeReadsBackAsItWasWritten() {
        UUID uuid = UUID.fromString("61f0c404-5cb3-11e7-907b-a6006ad3dba0");
        RowBinaryOutput row = new RowBinaryOutput();
        row.writeString("ä");
        row.writeString("{\"a\":1}");
        row.writeBool(true);
        row.writeInt8(200);
        row.writeInt16(60_000);
        row.writeInt32(-1);
        row.writeInt64(-1);
        row.writeInt8(-3);
        row.writeInt16(-3);
        row.writeInt32(-3);
        row.writeInt64(-3);
        row.writeFloat32(0.5f);
        row.writeFloat64(0.1);
        row.writeDate(65_535);
        row.writeDateTime(4_294_967_295L);
        row.writeDateTime64(-1);
        row.writeUuid(uuid);
        row.writeNull();
        row.writePresent();
        row.writeInt64(7);
        row.writeArraySize(3);
        row.writePresent();
        row.writeString("ä");
        row.writeNull();
        row.writePresent();
        row.writeString("");
        row.writeArraySize(0);
        List<ClickHouseColumn> columns =
                List.of(
                        ClickHouseColumn.of("string", "LowCardinality(String)"),
                        ClickHouseColumn.of("json", "JSON"),
                        ClickHouseColumn.of("bool", "Bool"),
                        ClickHouseColumn.of("u8", "UInt8"),
                        ClickHouseColumn.of("u16", "UInt16"),
                        ClickHouseColumn.of("u32", "UInt32"),
                        ClickHouseColumn.of("u64", "UInt64"),
                        ClickHouseColumn.of("i8", "Int8"),
                        ClickHouseColumn.of("i16", "Int16"),
                        ClickHouseColumn.of("i32", "Int32"),
                        ClickHouseColumn.of("i64", "Int64"),
                        ClickHouseColumn.of("f32", "Float32"),
                        ClickHouseColumn.of("f64", "Float64"),
                        ClickHouseColumn.of("date", "Date"),
                        ClickHouseColumn.of("time", "DateTime"),
                        ClickHouseColumn.of("time64", "DateTime64(3)"),
                        ClickHouseColumn.of("uuid", "UUID"),
                        ClickHouseColumn.of("absent", "Nullable(String)"),
                        ClickHouseColumn.of("present", "Nullable(Int64)"),
                        ClickHouseColumn.of("array", "Array(LowCardinality(Nullable(String)))"),
                        ClickHouseColumn.of("empty", "Array(UInt64)"));
        RejectedRow rejected = new RejectedRow("t", columns, row.toByteArray(), 1, 117, "bad");

        assertThat(columns)
                .extracting(column -> rejected.value(column.name()))
                .containsExactly(
                        "ä",
                        "{\"a\":1}",
                        true,
                        200L,
                        60_000L,
                        4_294_967_295L,
                        new BigInteger("18446744073709551615"),
                        -3L,
                        -3L,
                        -3L,
                        -3L,
                        0.5f,
                        0.1,
                        LocalDate.ofEpochDay(65_535),
                        Instant.ofEpochSecond(4_294_967_295L),
                        Instant.parse("1969-12-31T23:59:59.999Z"),
                        uuid,
                        null,
                        7L,
                        Arrays.asList("ä", null, ""),
                        List.of());
        assertThatThrownBy(() -> rejected.value("nothing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing");
    }

    @Test
    void aRowOfAnotherLengthThanItsColumnsIsNoticed() {
        List<ClickHouseColumn> columns =
                List.of(ClickHouseColumn.of("a", "String"), ClickHouseColumn.of("b", "UInt64"));
        RowBinaryOutput row = new RowBinaryOutput();
        row.writeString("abc");
        row.writeInt32(1);
        byte[] tooShort = row.toByteArray();
        row.writeInt64(1);
        byte[] tooLong = row.toByteArray();

        assertThatThrownBy(() -> RowBinaryValues.check(columns, tooShort, 0, tooShort.length))
                .hasMessageContaining("ends inside column b UInt64")
                .hasMessageContaining("row encoder");
        assertThatThrownBy(() -> RowBinaryValues.check(columns, tooLong, 0, tooLong.length))
                .hasMessageContaining("4 bytes more");
    }

    private static String hex(Consumer<RowOutput> write) {
        RowBinaryOutput row = new RowBinaryOutput();
        write.accept(row);
        return HexFormat.of().formatHex(row.toByteArray());
    }
}
