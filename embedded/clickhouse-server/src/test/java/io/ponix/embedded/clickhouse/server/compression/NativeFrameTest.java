package io.ponix.embedded.clickhouse.server.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.clickhouse.data.ClickHouseCityHash;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NativeFrameTest {

    @Test
    void checksumIsThatOfClickHousesClient() {
        byte[] bytes = random(5_000);
        for (int length = 0; length < 600; length++) {
            assertSameChecksum(bytes, length % 7, length);
        }
        assertSameChecksum(bytes, 3, 4_997);
    }

    // The client's own, which its compressed streams use.
    @SuppressWarnings("deprecation")
    private static void assertSameChecksum(byte[] bytes, int offset, int length) {
        long[] expected = ClickHouseCityHash.cityHash128(bytes, offset, length);
        assertThat(CityHash128.of(bytes, offset, length))
                .as("length %d", length)
                .isEqualTo(new CityHash128(expected[0], expected[1]));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1 << 20, (1 << 20) + 1, 3_500_000})
    void readsWhatItWrites(int size) throws IOException {
        byte[] bytes = random(size);
        byte[] frames = write(bytes);
        assertThat(read(frames)).isEqualTo(bytes);
    }

    @Test
    void readsTheBytesOfAKnownFrame() throws IOException {
        // "1\n" as clickhouse-client sends it: checksum, LZ4, sizes 12 and 2, the block.
        byte[] frames = write(new byte[] {'1', '\n'});
        assertThat(HexFormat.of().formatHex(frames, 16, frames.length))
                .isEqualTo("820c0000000200000020310a");
        assertThat(read(frames)).containsExactly('1', '\n');
    }

    @Test
    void readsStoredBlocks() throws IOException {
        byte[] stored = HexFormat.of().parseHex("020b00000002000000310a");
        CityHash128 checksum = CityHash128.of(stored, 0, stored.length);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        for (long half : new long[] {checksum.low(), checksum.high()}) {
            for (int shift = 0; shift < 64; shift += 8) {
                frame.write((int) (half >>> shift));
            }
        }
        frame.writeBytes(stored);
        assertThat(read(frame.toByteArray())).containsExactly('1', '\n');
    }

    @Test
    void refusesDamagedAndCutOffBlocks() throws IOException {
        byte[] frames = write(random(1_000));
        for (int position : new int[] {0, 17, 30, frames.length - 1}) {
            byte[] damaged = frames.clone();
            damaged[position] ^= 1;
            assertThatThrownBy(() -> read(damaged)).isInstanceOf(IOException.class);
        }
        for (int length : new int[] {10, 25, frames.length - 1}) {
            assertThatThrownBy(() -> read(Arrays.copyOf(frames, length)))
                    .isInstanceOf(EOFException.class);
        }
        assertThatThrownBy(() -> read("SELECT 1, this is no compressed block".getBytes()))
                .hasMessageContaining("not in ClickHouse's compressed format");
    }

    private static byte[] write(byte[] bytes) throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        try (NativeFrameOutputStream output = new NativeFrameOutputStream(frames)) {
            output.write(bytes);
        }
        return frames.toByteArray();
    }

    private static byte[] read(byte[] frames) throws IOException {
        try (NativeFrameInputStream input =
                new NativeFrameInputStream(new ByteArrayInputStream(frames))) {
            return input.readAllBytes();
        }
    }

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        return bytes;
    }
}
