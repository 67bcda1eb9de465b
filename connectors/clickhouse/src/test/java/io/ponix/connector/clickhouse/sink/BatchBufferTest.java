package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
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
        assertThat(batch.partitions()).containsExactly(new PartitionRows(202611, 1_000));
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
                .extracting(ClickHouseCommittable::partitions, ClickHouseCommittable::rowCount)
                .containsExactly(
                        tuple(List.of(new PartitionRows(202611, 75)), 75),
                        tuple(List.of(new PartitionRows(202612, 25)), 25));
        for (RejectedRow row : rows(batches.get(1))) {
            assertThat(row.value("occurred_at")).isEqualTo(Instant.ofEpochMilli(DECEMBER));
        }
    }

    @Test
    void theRowsOfManyPartitionsShareInsertsAndTheHighestHaveTheirOwn() throws IOException {
        BatchBuffer<Reading> buffer = buffer(List.of("stream_sequence"));
        for (int month = 0; month < 200; month++) {
            buffer.add(Reading.of(month, monthsAgo(month)));
            buffer.add(Reading.of(1_000 + month, monthsAgo(month)));
        }
        List<ClickHouseCommittable> batches = buffer.close();

        assertThat(batches)
                .extracting(batch -> batch.partitions().size())
                .containsExactly(1, 1, 1, 1, 32, 32, 32, 32, 32, 32, 4);
        assertThat(batches.subList(0, 4))
                .extracting(batch -> batch.partitions().get(0).partition())
                .containsExactly(202608L, 202609L, 202610L, 202611L);
        assertThat(batches).extracting(ClickHouseCommittable::token).doesNotHaveDuplicates();
        List<Long> sequences = new ArrayList<>();
        for (ClickHouseCommittable batch : batches) {
            int row = 0;
            int[] ends = batch.partitionEnds();
            List<RejectedRow> rows = rows(batch);
            for (int i = 0; i < ends.length; i++) {
                for (; row < ends[i]; row++) {
                    sequences.add(sequence(rows.get(row)));
                    assertThat(monthOf(rows.get(row)))
                            .isEqualTo(batch.partitions().get(i).partition());
                }
            }
            assertThat(row).isEqualTo(batch.rowCount());
        }
        assertThat(sequences).hasSize(400).doesNotHaveDuplicates();
        assertThat(buffer.rowCount()).isZero();
    }

    @Test
    void whatIsDueIsBoundedAndEveryPartitionComesToItsTurn() throws IOException {
        BatchBuffer<Reading> buffer = buffer(List.of("stream_sequence"));
        List<Long> sequences = new ArrayList<>();
        long sequence = 0;
        int checkpoints = 0;
        for (int month = 4; month < 600; month++) {
            buffer.add(Reading.of(sequence++, monthsAgo(month)));
        }
        while (buffer.rowCount() > 0) {
            // Rows of now, and new ones of months that wait already or were taken.
            buffer.add(Reading.of(sequence++, NOVEMBER));
            if (checkpoints < 5) {
                buffer.add(Reading.of(sequence++, monthsAgo(4)));
                buffer.add(Reading.of(sequence++, monthsAgo(599)));
            }
            int open = buffer.copy().stream().mapToInt(ClickHouseCommittable::rowCount).sum();
            assertThat(open).isEqualTo(buffer.rowCount());
            List<ClickHouseCommittable> due = buffer.closeWhatIsDue();

            assertThat(due.get(3).partitions())
                    .as("now, at every checkpoint")
                    .extracting(PartitionRows::partition)
                    .containsExactly(202611L);
            assertThat(due.stream().mapToInt(batch -> batch.partitions().size()).sum())
                    .isLessThanOrEqualTo(36);
            int taken = 0;
            for (ClickHouseCommittable batch : due) {
                taken += batch.rowCount();
                for (RejectedRow row : rows(batch)) {
                    sequences.add(sequence(row));
                }
            }
            assertThat(buffer.rowCount()).isEqualTo(open - taken);
            checkpoints++;
        }
        assertThat(checkpoints).isEqualTo(18);
        assertThat(sequences).hasSize((int) sequence).doesNotHaveDuplicates();
    }

    private static long monthsAgo(int months) {
        return Instant.ofEpochMilli(NOVEMBER)
                .atZone(ZoneOffset.UTC)
                .minusMonths(months)
                .toInstant()
                .toEpochMilli();
    }

    private static long monthOf(RejectedRow row) {
        ZonedDateTime time = ((Instant) row.value("occurred_at")).atZone(ZoneOffset.UTC);
        return time.getYear() * 100L + time.getMonthValue();
    }

    private static long sequence(RejectedRow row) {
        return ((BigInteger) row.value("stream_sequence")).longValueExact();
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
