package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.ponix.client.clickhouse.ClickHouseSettings;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What savepoints hold, as files: one batch of three readings per version of its format. A
 * savepoint may be older than the connector that restores it, so every version there ever was is
 * readable for good.
 */
class StateFormatTest {

    private static final String FOLDER = "state";
    private static final String OF_PARTITIONS = "batch-of-partitions-v2.bin";
    private static final String OF_RECORDS = "batch-of-records-v3.bin";
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00.123Z");

    private final ClickHouseCommittableSerializer serializer =
            new ClickHouseCommittableSerializer();

    static IntStream versions() {
        return IntStream.rangeClosed(1, new ClickHouseCommittableSerializer().getVersion());
    }

    @ParameterizedTest
    @MethodSource("versions")
    void everyVersionOfABatchIsRestored(int version) throws IOException {
        ClickHouseCommittable batch = serializer.deserialize(version, golden(version));

        ClickHouseCommittable fresh = batch();
        assertThat(batch)
                .usingRecursiveComparison()
                // The token is made of the compressed bytes, and LZ4's implementations pack
                // differently.
                .ignoringFields("token", "payload")
                .isEqualTo(fresh);
        assertThat(batch.token()).isEqualTo("4863704bd6359b2c498acf1ce21884fa");
        assertThat(batch.rows()).isEqualTo(fresh.rows());
        int[] offsets = batch.rowOffsets();
        List<RejectedRow> rows = new ArrayList<>();
        for (int row = 0; row < batch.rowCount(); row++) {
            byte[] bytes = Arrays.copyOfRange(batch.rows(), offsets[row], offsets[row + 1]);
            rows.add(new RejectedRow("t", batch.columns(), bytes, 1, 0, ""));
        }
        assertThat(rows)
                .extracting(row -> row.value("stream_sequence"))
                .containsExactly(BigInteger.valueOf(3), BigInteger.ONE, BigInteger.TWO);
        assertThat(rows).extracting(row -> row.value("occurred_at")).containsOnly(NOON);
        assertThat(rows.get(0).value("data")).isEqualTo("{\"temperature_1\":0.3}");
    }

    @Test
    void theBytesOfTheCurrentVersionDoNotChange() throws IOException {
        int version = serializer.getVersion();
        byte[] golden = golden(version);
        byte[] written = serializer.serialize(serializer.deserialize(version, golden));
        if (!Arrays.equals(written, golden)) {
            fail(
                    "Batches are written in other bytes than version "
                            + version
                            + " has had so far, so that existing savepoints would be misread."
                            + advice(name(version + 1), written));
        }
    }

    @Test
    void aBatchOfSeveralPartitionsIsRestored() throws IOException {
        ClickHouseCommittable batch = serializer.deserialize(2, golden(OF_PARTITIONS, gathered()));

        assertThat(batch)
                .usingRecursiveComparison()
                .ignoringFields("token", "payload")
                .isEqualTo(gathered());
        assertThat(batch.partitions())
                .containsExactly(new PartitionRows(202601, 1), new PartitionRows(202602, 2));
        assertThat(batch.rows()).isEqualTo(gathered().rows());
    }

    @Test
    void whichRowsAreOfOneRecordIsRestored() throws IOException {
        ClickHouseCommittable batch = serializer.deserialize(3, golden(OF_RECORDS, records()));

        assertThat(batch)
                .usingRecursiveComparison()
                .ignoringFields("token", "payload")
                .isEqualTo(records());
        assertThat(batch.bundles().recordCount(4)).isEqualTo(2);
        assertThat(batch.bundles().places(4)).isDeepEqualTo(new int[][] {{3, 0, 1}});
        assertThat(batch.rows()).isEqualTo(records().rows());
    }

    /** The files are of both. */
    @Test
    void theStateOfTheWriterIsBatchesAsThatOfTheCommitter() {
        assertThat(sink().getWriterStateSerializer())
                .hasSameClassAs(sink().getCommittableSerializer());
    }

    private static ClickHouseSink<Reading> sink() {
        return ClickHouseSink.<Reading>builder()
                .setConnection(ClickHouseSettings.of("http://localhost:8123", "db", "u", "p"))
                .setTable("readings")
                .setRowEncoder(new ReadingEncoder())
                .build();
    }

    private byte[] golden(int version) throws IOException {
        return golden(name(version), batch());
    }

    private byte[] golden(String name, ClickHouseCommittable content) throws IOException {
        try (InputStream file = getClass().getResourceAsStream("/" + FOLDER + "/" + name)) {
            if (file == null) {
                return fail(
                        "There is no golden file "
                                + name
                                + "."
                                + advice(name, serializer.serialize(content)));
            }
            return file.readAllBytes();
        }
    }

    private static String advice(String name, byte[] bytes) throws IOException {
        Path file = Path.of("target", FOLDER, name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
        return " If that is meant: give ClickHouseCommittableSerializer a further version, keep the"
                + " readers of all earlier ones, and copy "
                + file
                + " to src/test/resources/"
                + FOLDER
                + "; never change a file that is there.";
    }

    private static String name(int version) {
        return "batch-v" + version + ".bin";
    }

    /** What the files hold. */
    private static ClickHouseCommittable batch() {
        BatchBuffer<Reading> buffer = buffer();
        for (long sequence = 1; sequence <= 3; sequence++) {
            buffer.add(Reading.of(sequence, NOON.toEpochMilli()));
        }
        return buffer.close().get(0);
    }

    /** The rows of two months that share a batch, beside four months that do not. */
    private static ClickHouseCommittable gathered() {
        BatchBuffer<Reading> buffer = buffer();
        for (int month = 1; month <= 6; month++) {
            Instant noon = NOON.atZone(ZoneOffset.UTC).withMonth(month).toInstant();
            buffer.add(Reading.of(month, noon.toEpochMilli()));
        }
        Instant february = NOON.atZone(ZoneOffset.UTC).withMonth(2).toInstant();
        buffer.add(Reading.of(7, february.toEpochMilli()));
        return buffer.close().get(4);
    }

    /** A record of three rows, and one of a row that comes between them. */
    private static ClickHouseCommittable records() {
        long noon = NOON.toEpochMilli();
        BatchBuffer<List<Reading>> buffer = buffer(new ReadingsEncoder());
        buffer.add(
                List.of(Reading.of(3, noon + 9), Reading.of(6, noon + 1), Reading.of(9, noon + 2)));
        buffer.add(List.of(Reading.of(12, noon + 5)));
        return buffer.close().get(0);
    }

    private static BatchBuffer<Reading> buffer() {
        return buffer(new ReadingEncoder());
    }

    private static <IN> BatchBuffer<IN> buffer(ClickHouseRowEncoder<IN> encoder) {
        return new BatchBuffer<>(
                encoder,
                new TargetTable(
                        "ponix",
                        "readings",
                        encoder.columns(),
                        List.of("organization_id", "occurred_at", "stream_sequence")),
                41,
                () -> 1_795_262_400_000L);
    }
}
