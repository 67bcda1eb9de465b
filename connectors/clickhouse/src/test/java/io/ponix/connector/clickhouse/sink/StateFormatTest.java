package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What savepoints hold, as files: one batch of three readings per version of its format. A
 * savepoint may be older than the connector that restores it, so every version there ever was is
 * readable for good.
 */
class StateFormatTest {

    private static final String FOLDER = "golden-files";
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
            rows.add(new RejectedRow("t", batch.columns(), bytes, 0, ""));
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
                            + advice(version + 1, written));
        }
    }

    /** If it gets one, the writer's state needs a file per version as well. */
    @Test
    void theWriterHasNoState() {
        assertThat(SupportsWriterState.class.isAssignableFrom(ClickHouseSink.class)).isFalse();
    }

    private byte[] golden(int version) throws IOException {
        try (InputStream file =
                getClass().getResourceAsStream("/" + FOLDER + "/" + name(version))) {
            if (file == null) {
                return fail(
                        "Version "
                                + version
                                + " has no golden file."
                                + advice(version, serializer.serialize(batch())));
            }
            return file.readAllBytes();
        }
    }

    private static String advice(int version, byte[] bytes) throws IOException {
        Path file = Path.of("target", FOLDER, name(version));
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
        return "batch-version-" + version + ".bin";
    }

    /** What the files hold. */
    private static ClickHouseCommittable batch() {
        ReadingEncoder encoder = new ReadingEncoder();
        BatchBuffer<Reading> buffer =
                new BatchBuffer<>(
                        encoder,
                        new TargetTable(
                                "ponix",
                                "readings",
                                encoder.columns(),
                                List.of("organization_id", "occurred_at", "stream_sequence")),
                        41,
                        () -> 1_795_262_400_000L);
        for (long sequence = 1; sequence <= 3; sequence++) {
            buffer.add(Reading.of(sequence, NOON.toEpochMilli()));
        }
        return buffer.close().get(0);
    }
}
