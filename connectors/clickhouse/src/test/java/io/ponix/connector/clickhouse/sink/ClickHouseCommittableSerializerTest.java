package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClickHouseCommittableSerializerTest {

    /** Version 1. Savepoints hold these bytes: they must be readable for ever. */
    private static final String GOLDEN_VERSION_1 =
            "01" // RowBinary
                    + "01" // LZ4 frame
                    + "0005746f6b656e" // token
                    + "00026462" // db
                    + "00017400000002" // t, two columns
                    + "00046e616d650016"
                    + "4c6f7743617264696e616c69747928537472696e6729"
                    + "0003736571000655496e743634"
                    + "000000010003736571" // one witness column
                    + "0000000000031753" // partition 202579
                    + "0000019c0000002a" // created at
                    + "ffffffffffffffff" // not restored
                    + "00000002" // rows
                    + "00000014" // unpacked bytes
                    + "000000020a0a" // lengths of the rows
                    + "00000003010203"; // payload

    private final ClickHouseCommittableSerializer serializer =
            new ClickHouseCommittableSerializer();

    private static ClickHouseCommittable batch() {
        return new ClickHouseCommittable(
                BlockFormat.ROW_BINARY,
                "token",
                "db",
                "t",
                List.of(
                        ClickHouseColumn.of("name", "LowCardinality(String)"),
                        ClickHouseColumn.of("seq", "UInt64")),
                List.of("seq"),
                202_579,
                0x19c0000002aL,
                ClickHouseCommittable.NOT_RESTORED,
                2,
                20,
                new byte[] {10, 10},
                new byte[] {1, 2, 3});
    }

    @Test
    void writesVersion1() throws IOException {
        assertThat(serializer.getVersion()).isEqualTo(1);
        assertThat(HexFormat.of().formatHex(serializer.serialize(batch())))
                .isEqualTo(GOLDEN_VERSION_1);
    }

    @Test
    void readsVersion1() throws IOException {
        ClickHouseCommittable read =
                serializer.deserialize(1, HexFormat.of().parseHex(GOLDEN_VERSION_1));
        assertThat(read).usingRecursiveComparison().isEqualTo(batch());
        assertThat(read.rowOffsets()).containsExactly(0, 10, 20);
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        byte[] bytes = HexFormat.of().parseHex(GOLDEN_VERSION_1);
        assertThatThrownBy(() -> serializer.deserialize(2, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2")
                .hasMessageContaining("upgrade");
        byte[] otherFormat = bytes.clone();
        otherFormat[0] = 9;
        assertThatThrownBy(() -> serializer.deserialize(1, otherFormat))
                .hasMessageContaining("block format 9");
        byte[] otherCompression = bytes.clone();
        otherCompression[1] = 9;
        assertThatThrownBy(() -> serializer.deserialize(1, otherCompression))
                .hasMessageContaining("compression 9");
    }

    @Test
    void payloadIsAnLz4FrameAndDamageIsNoticed() throws IOException {
        byte[] rows = "0123456789".repeat(1_000).getBytes(StandardCharsets.UTF_8);
        byte[] frame = Lz4Frames.compress(rows, 0, rows.length);
        assertThat(frame).startsWith(0x04, 0x22, 0x4d, 0x18).hasSizeLessThan(500);
        assertThat(Lz4Frames.decompress(frame, rows.length)).isEqualTo(rows);
        assertThatThrownBy(() -> Lz4Frames.decompress(frame, rows.length - 1))
                .hasMessageContaining("damaged");
        byte[] damaged = frame.clone();
        damaged[frame.length / 2] ^= 1;
        assertThatThrownBy(() -> Lz4Frames.decompress(damaged, rows.length))
                .isInstanceOf(Exception.class);
        assertThatThrownBy(
                        () ->
                                Lz4Frames.decompress(
                                        Arrays.copyOf(frame, frame.length - 9), rows.length))
                .isInstanceOf(IOException.class);
    }

    @Test
    void messagesNameTheBatchAndNotItsRows() {
        assertThat(batch().toString())
                .contains("db.t", "partition=202579", "rows=2", "token=token");
    }
}
