package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BatchBufferTest {

    private static final long NOVEMBER = Instant.parse("2026-11-21T10:00:00Z").toEpochMilli();
    private static final long DECEMBER = Instant.parse("2026-12-01T00:00:00Z").toEpochMilli();

    private final ReadingEncoder encoder = new ReadingEncoder();

    @Test
    void aBatchHoldsEveryRowOnceInTableOrder() throws IOException {
        BatchBuffer<Reading> buffer = buffer(List.of("stream", "stream_sequence"));
        for (long sequence = 0; sequence < 1_000; sequence++) {
            buffer.add(Reading.of(sequence, NOVEMBER + (sequence * 7919) % 1_000));
        }
        assertThat(buffer.rowCount()).isEqualTo(1_000);
        List<ClickHouseCommittable> batches = buffer.close();

        assertThat(batches).hasSize(1);
        ClickHouseCommittable batch = batches.get(0);
        assertThat(batch.rowCount()).isEqualTo(1_000);
        assertThat(batch.partition()).isEqualTo(202611);
        assertThat(batch.createdAtMillis()).isEqualTo(4711);
        assertThat(batch.writerRestoredFrom()).isEqualTo(9);
        assertThat(batch.payload().length).isLessThan(batch.uncompressedSize() / 2);
        List<List<Object>> keys = new ArrayList<>();
        List<Long> sequences = new ArrayList<>();
        for (RejectedRow row : rows(batch)) {
            keys.add(List.of(row.value("organization_id"), row.value("occurred_at")));
            sequences.add(((BigInteger) row.value("stream_sequence")).longValueExact());
        }
        assertThat(sequences).doesNotHaveDuplicates().hasSize(1_000);
        assertThat(keys)
                .isSortedAccordingTo(
                        (left, right) -> {
                            int byOrganization =
                                    ((String) left.get(0)).compareTo((String) right.get(0));
                            return byOrganization != 0
                                    ? byOrganization
                                    : ((Instant) left.get(1)).compareTo((Instant) right.get(1));
                        });
        assertThat(buffer.rowCount()).isZero();
        assertThat(buffer.close()).isEmpty();
    }

    @Test
    void aBatchIsSplitByPartition() throws IOException {
        BatchBuffer<Reading> buffer = buffer(List.of("stream_sequence"));
        for (long sequence = 0; sequence < 100; sequence++) {
            buffer.add(Reading.of(sequence, sequence % 4 == 0 ? DECEMBER : NOVEMBER));
        }
        List<ClickHouseCommittable> batches = buffer.close();

        assertThat(batches)
                .extracting(ClickHouseCommittable::partition, ClickHouseCommittable::rowCount)
                .containsExactly(tuple(202611L, 75), tuple(202612L, 25));
        for (RejectedRow row : rows(batches.get(1))) {
            assertThat(row.value("occurred_at")).isEqualTo(Instant.ofEpochMilli(DECEMBER));
        }
    }

    @Test
    void theRecordMayBeReusedByTheCaller() throws IOException {
        BatchBuffer<Reading> buffer = buffer(List.of("stream_sequence"));
        Reading reused = Reading.of(1, NOVEMBER);
        buffer.add(reused);
        reused.device = "another";
        reused.sequence = 2;
        buffer.add(reused);

        assertThat(rows(buffer.close().get(0)))
                .extracting(row -> row.value("end_device_id"))
                .containsExactlyInAnyOrder("device-1", "another");
    }

    @Test
    void equalRowsHaveEqualTokensAndOtherRowsOthers() {
        String token = token(List.of("stream_sequence"), 1, 2, 3);
        assertThat(token).matches("[0-9a-f]{32}");
        assertThat(token(List.of("stream_sequence"), 1, 2, 3)).isEqualTo(token);
        assertThat(token(List.of("stream_sequence"), 1, 2, 4)).isNotEqualTo(token);
        assertThat(token(List.of("stream_sequence"), 1, 2)).isNotEqualTo(token);
    }

    @Test
    void batchesOfRowsWithoutIdentityNeverShareAToken() {
        assertThat(token(List.of(), 1, 2, 3)).isNotEqualTo(token(List.of(), 1, 2, 3));
        BatchBuffer<Reading> buffer = buffer(List.of());
        buffer.add(Reading.of(1, NOVEMBER));
        String first = buffer.close().get(0).token();
        buffer.add(Reading.of(1, NOVEMBER));
        assertThat(buffer.close().get(0).token()).isNotEqualTo(first);
    }

    @Test
    void anEncoderThatWritesOtherColumnsThanItDeclaresIsNamed() {
        List<ClickHouseColumn> columns = new ArrayList<>(encoder.columns());
        columns.add(ClickHouseColumn.of("forgotten", "String"));
        BatchBuffer<Reading> buffer =
                new BatchBuffer<>(
                        encoder, new TargetTable("db", "t", columns, List.of()), -1, () -> 0);
        buffer.add(Reading.of(1, NOVEMBER));
        assertThatThrownBy(buffer::close)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("forgotten")
                .hasMessageContaining("row encoder");
    }

    private String token(List<String> witnessColumns, long... sequences) {
        BatchBuffer<Reading> buffer = buffer(witnessColumns);
        for (long sequence : sequences) {
            buffer.add(Reading.of(sequence, NOVEMBER));
        }
        return buffer.close().get(0).token();
    }

    private BatchBuffer<Reading> buffer(List<String> witnessColumns) {
        return new BatchBuffer<>(
                encoder,
                new TargetTable("db", "t", encoder.columns(), witnessColumns),
                9,
                () -> 4711);
    }

    private static List<RejectedRow> rows(ClickHouseCommittable batch) throws IOException {
        byte[] rows = batch.rows();
        int[] offsets = batch.rowOffsets();
        List<RejectedRow> list = new ArrayList<>();
        for (int row = 0; row < batch.rowCount(); row++) {
            byte[] bytes = Arrays.copyOfRange(rows, offsets[row], offsets[row + 1]);
            list.add(new RejectedRow("t", batch.columns(), bytes, 0, ""));
        }
        return list;
    }
}
