package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClickHouseCommittableSerializerTest {

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
                List.of(new PartitionRows(202_579, 1), new PartitionRows(202_580, 1)),
                0x19c0000002aL,
                ClickHouseCommittable.NOT_RESTORED,
                2,
                20,
                new byte[] {10, 10},
                new Bundles(new byte[] {1, 2, 2, 1, 0}),
                new byte[] {1, 2, 3});
    }

    @Test
    void aSerializedBatchReadsBack() throws IOException {
        ClickHouseCommittable read = serializer.deserialize(3, serializer.serialize(batch()));
        assertThat(read).usingRecursiveComparison().isEqualTo(batch());
        assertThat(read.rowOffsets()).containsExactly(0, 10, 20);
        assertThat(read.partitionEnds()).containsExactly(1, 2);
        assertThat(read.bundles().recordCount(2)).isOne();
        assertThat(read.bundles().places(2)).isDeepEqualTo(new int[][] {{1, 0}});
    }

    @Test
    void refusesWhatItDoesNotKnow() throws IOException {
        byte[] bytes = serializer.serialize(batch());
        assertThatThrownBy(() -> serializer.deserialize(4, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 4")
                .hasMessageContaining("upgrade");
        byte[] otherFormat = bytes.clone();
        otherFormat[0] = 9;
        assertThatThrownBy(() -> serializer.deserialize(3, otherFormat))
                .hasMessageContaining("block format 9");
        byte[] otherCompression = bytes.clone();
        otherCompression[1] = 9;
        assertThatThrownBy(() -> serializer.deserialize(3, otherCompression))
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
        assertThat(batch().toString()).contains("db.t", "partitions=2", "rows=2", "token=token");
    }

    @Test
    void recordsThatDoNotAddUpAreNoticed() {
        for (byte[] damaged :
                new byte[][] {
                    {1},
                    {1, 2, 2, 1},
                    {1, 2, 2, 1, 2},
                    {1, 3, 2, 1, 0},
                    {1, 2, 2, 1, 0, 0},
                    {1, 2, 2, 1, (byte) 0x80}
                }) {
            assertThatThrownBy(() -> new Bundles(damaged).places(2))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("damaged");
        }
    }
}
