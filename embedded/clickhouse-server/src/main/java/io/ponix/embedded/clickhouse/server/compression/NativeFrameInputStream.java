package io.ponix.embedded.clickhouse.server.compression;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/** Reads ClickHouse's compressed blocks (LZ4 or stored), checking their checksums. */
public final class NativeFrameInputStream extends InputStream {

    private final InputStream source;
    private final LZ4SafeDecompressor decompressor =
            LZ4Factory.fastestJavaInstance().safeDecompressor();
    private final byte[] prefix = new byte[NativeFrame.CHECKSUM_SIZE + NativeFrame.HEADER_SIZE];
    private byte[] compressed = new byte[0];
    private byte[] block = new byte[0];
    private int position;
    private int limit;

    /** Reads blocks from the stream up to its end. */
    public NativeFrameInputStream(InputStream source) {
        this.source = source;
    }

    @Override
    public int read() throws IOException {
        return position < limit || readBlock() ? block[position++] & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position >= limit && !readBlock()) {
            return -1;
        }
        int size = Math.min(length, limit - position);
        System.arraycopy(block, position, target, offset, size);
        position += size;
        return size;
    }

    private boolean readBlock() throws IOException {
        do {
            int read = source.readNBytes(prefix, 0, prefix.length);
            if (read == 0) {
                return false;
            }
            if (read < prefix.length) {
                throw new EOFException("The compressed body ends within a block's header");
            }
            decodeBlock();
        } while (limit == 0);
        return true;
    }

    private void decodeBlock() throws IOException {
        ByteBuffer header = ByteBuffer.wrap(prefix).order(ByteOrder.LITTLE_ENDIAN);
        long low = header.getLong();
        long high = header.getLong();
        byte method = header.get();
        int compressedSize = header.getInt();
        int uncompressedSize = header.getInt();
        if (compressedSize < NativeFrame.HEADER_SIZE
                || compressedSize > NativeFrame.MAX_BLOCK_SIZE
                || uncompressedSize < 0
                || uncompressedSize > NativeFrame.MAX_BLOCK_SIZE) {
            throw new IOException(
                    "The body is not in ClickHouse's compressed format: block of "
                            + compressedSize
                            + " bytes, "
                            + uncompressedSize
                            + " uncompressed");
        }
        if (compressed.length < compressedSize) {
            compressed = new byte[compressedSize];
        }
        // The checksum covers the header too.
        System.arraycopy(prefix, NativeFrame.CHECKSUM_SIZE, compressed, 0, NativeFrame.HEADER_SIZE);
        int dataSize = compressedSize - NativeFrame.HEADER_SIZE;
        if (source.readNBytes(compressed, NativeFrame.HEADER_SIZE, dataSize) < dataSize) {
            throw new EOFException("The compressed body ends within a block");
        }
        if (!CityHash128.of(compressed, 0, compressedSize).equals(new CityHash128(low, high))) {
            throw new IOException("Checksum of a compressed block does not match: corrupted data");
        }
        if (block.length < uncompressedSize) {
            block = new byte[uncompressedSize];
        }
        switch (method) {
            case NativeFrame.METHOD_NONE -> {
                if (dataSize != uncompressedSize) {
                    throw new IOException("A stored block's two sizes differ");
                }
                System.arraycopy(compressed, NativeFrame.HEADER_SIZE, block, 0, dataSize);
            }
            case NativeFrame.METHOD_LZ4 -> {
                try {
                    int size =
                            decompressor.decompress(
                                    compressed,
                                    NativeFrame.HEADER_SIZE,
                                    dataSize,
                                    block,
                                    0,
                                    uncompressedSize);
                    if (size != uncompressedSize) {
                        throw new IOException("A compressed block is shorter than it says");
                    }
                } catch (LZ4Exception e) {
                    throw new IOException("A compressed block does not decompress", e);
                }
            }
            default ->
                    throw new IOException(
                            "Compression method 0x"
                                    + Integer.toHexString(method & 0xff)
                                    + " of the body is not supported: use LZ4 (0x82)");
        }
        position = 0;
        limit = uncompressedSize;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
