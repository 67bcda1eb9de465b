package io.ponix.connector.clickhouse.sink;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.xxhash.XXHashFactory;

/**
 * The compression of a batch's payload: the LZ4 frame format, with a checksum of the content.
 *
 * <p>The same bytes serve in Flink's state and, unchanged, as an HTTP body with {@code
 * Content-Encoding: lz4}.
 *
 * <p>The library picks its native implementation, which is twice as fast, only where it was loaded
 * by the JVM's own class loader: put its jar into Flink's {@code lib} folder. From a job's jar it
 * picks the one in Java, as a native library would pin the job's class loader.
 */
final class Lz4Frames {

    /** The value of HTTP's {@code Content-Encoding}. */
    static final String CONTENT_ENCODING = "lz4";

    private static final LZ4FrameOutputStream.BLOCKSIZE BLOCK_SIZE =
            LZ4FrameOutputStream.BLOCKSIZE.SIZE_256KB;
    private static final long UNKNOWN_SIZE = -1;

    private Lz4Frames() {}

    static byte[] compress(byte[] bytes, int offset, int length) {
        ByteArrayOutputStream target = new ByteArrayOutputStream(64 + length / 2);
        try (LZ4FrameOutputStream frame =
                new LZ4FrameOutputStream(
                        target,
                        BLOCK_SIZE,
                        UNKNOWN_SIZE,
                        LZ4Factory.fastestInstance().fastCompressor(),
                        XXHashFactory.fastestInstance().hash32(),
                        LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE,
                        LZ4FrameOutputStream.FLG.Bits.CONTENT_CHECKSUM)) {
            frame.write(bytes, offset, length);
        } catch (IOException e) {
            throw new UncheckedIOException("Compressing in memory failed", e);
        }
        return target.toByteArray();
    }

    /**
     * Unpacks a frame of known size.
     *
     * @throws IOException if the frame is damaged or holds another number of bytes
     */
    static byte[] decompress(byte[] frame, int size) throws IOException {
        try (LZ4FrameInputStream in =
                new LZ4FrameInputStream(
                        new ByteArrayInputStream(frame),
                        LZ4Factory.fastestInstance().safeDecompressor(),
                        XXHashFactory.fastestInstance().hash32())) {
            byte[] bytes = in.readNBytes(size);
            if (bytes.length != size || in.read() != -1) {
                throw new IOException(
                        "A batch in state is damaged: its payload does not unpack to "
                                + size
                                + " bytes");
            }
            return bytes;
        }
    }
}
