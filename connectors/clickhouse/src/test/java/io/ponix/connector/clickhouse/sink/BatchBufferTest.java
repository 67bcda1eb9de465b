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
    void theRowsOfARecordAreInOneBatchWithTheirPlaces() throws IOException {
        BatchBuffer<List<Reading>> records = buffer(new ReadingsEncoder());
        records.add(List.of(Reading.of(3, NOVEMBER + 5)));
        records.add(List.of(Reading.of(6, NOVEMBER + 9), Reading.of(9, NOVEMBER + 1)));
        records.add(List.of());
        assertThat(records.rowCount()).isEqualTo(3);

        ClickHouseCommittable batch = records.close().get(0);
        assertThat(rows(batch)).extracting(BatchBufferTest::sequence).containsExactly(9L, 3L, 6L);
        assertThat(batch.bundles().recordCount(3)).isEqualTo(2);
        assertThat(batch.bundles().places(3)).isDeepEqualTo(new int[][] {{2, 0}});

        records.add(List.of(Reading.of(3, NOVEMBER + 5)));
        assertThat(records.close().get(0).bundles().isEmpty()).as("the next batch").isTrue();
    }

    @Test
    void recordsOfSeveralPartitionsHaveABatchOfTheirOwn() throws IOException {
        BatchBuffer<List<Reading>> records = buffer(new ReadingsEncoder());
        records.add(List.of(Reading.of(1, NOVEMBER)));
        records.add(List.of(Reading.of(2, NOVEMBER), Reading.of(3, NOVEMBER)));
        records.add(List.of(Reading.of(4, DECEMBER), Reading.of(5, NOVEMBER)));
        records.add(List.of(Reading.of(6, DECEMBER)));

        List<ClickHouseCommittable> batches = records.copy();
        assertThat(batches)
                .extracting(ClickHouseCommittable::partitions)
                .containsExactly(
                        List.of(new PartitionRows(202611, 3)),
                        List.of(new PartitionRows(202612, 1)),
                        List.of(new PartitionRows(202611, 1), new PartitionRows(202612, 1)));
        assertThat(rows(batches.get(2)))
                .extracting(BatchBufferTest::sequence)
                .containsExactly(5L, 4L);
        assertThat(batches.get(2).bundles().places(2)).isDeepEqualTo(new int[][] {{1, 0}});
        assertThat(records.closeWhatIsDue()).hasSize(3);
        assertThat(records.rowCount()).isZero();
    }

    /** Each of them has its place in the end, whatever is due before it. */
    @Test
    void recordsOfManyPartitionsComeSomeAtATimeAndNoneIsCut() throws IOException {
        BatchBuffer<List<Reading>> records = buffer(new ReadingsEncoder());
        long sequence = 0;
        for (int record = 0; record < 50; record++) {
            records.add(
                    List.of(
                            Reading.of(sequence++, monthsAgo(record)),
                            Reading.of(sequence++, monthsAgo(record + 1)),
                            Reading.of(sequence++, monthsAgo(record + 2))));
            records.add(
                    List.of(
                            Reading.of(sequence++, monthsAgo(record)),
                            Reading.of(sequence++, monthsAgo(record))));
        }
        List<Reading> ofManyMonths = new ArrayList<>();
        for (int month = 0; month < 100; month++) {
            ofManyMonths.add(Reading.of(sequence++, monthsAgo(month)));
        }
        records.add(ofManyMonths);

        List<Long> sequences = new ArrayList<>();
        int closings = 0;
        while (records.rowCount() > 0) {
            closings++;
            for (ClickHouseCommittable batch : records.closeWhatIsDue()) {
                List<RejectedRow> rows = rows(batch);
                rows.forEach(row -> sequences.add(sequence(row)));
                for (int[] bundle : batch.bundles().places(batch.rowCount())) {
                    long first = sequence(rows.get(bundle[0]));
                    for (int i = 0; i < bundle.length; i++) {
                        assertThat(sequence(rows.get(bundle[i]))).isEqualTo(first + i);
                    }
                }
                boolean isSpanning = batch.bundles().places(batch.rowCount())[0].length != 2;
                assertThat(batch.partitions().size())
                        .isLessThanOrEqualTo(isSpanning && batch.rowCount() == 100 ? 100 : 32);
            }
        }
        assertThat(closings).isEqualTo(3);
        assertThat(sequences).hasSize(350).doesNotHaveDuplicates();
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

    private static BatchBuffer<List<Reading>> buffer(ReadingsEncoder records) {
        return new BatchBuffer<>(
                records,
                new TargetTable("db", "t", records.columns(), List.of("stream_sequence")),
                9,
                () -> 4711);
    }

    private static List<RejectedRow> rows(ClickHouseCommittable batch) throws IOException {
        byte[] rows = batch.rows();
        int[] offsets = batch.rowOffsets();
        List<RejectedRow> list = new ArrayList<>();
        for (int row = 0; row < batch.rowCount(); row++) {
            byte[] bytes = Arrays.copyOfRange(rows, offsets[row], offsets[row + 1]);
            list.add(new RejectedRow("t", batch.columns(), bytes, 1, 0, ""));
        }
        return list;
    }
}
