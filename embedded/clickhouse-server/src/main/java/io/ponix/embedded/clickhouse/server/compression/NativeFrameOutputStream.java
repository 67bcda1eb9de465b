package io.ponix.embedded.clickhouse.server.compression;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

/** Writes ClickHouse's compressed blocks, by LZ4. */
public final class NativeFrameOutputStream extends OutputStream {

    private static final int BLOCK_SIZE = 1 << 20;

    private final OutputStream target;
    private final LZ4Compressor compressor = LZ4Factory.fastestJavaInstance().fastCompressor();
    private final byte[] block = new byte[BLOCK_SIZE];
    private final byte[] frame =
            new byte
                    [NativeFrame.CHECKSUM_SIZE
                            + NativeFrame.HEADER_SIZE
                            + compressor.maxCompressedLength(BLOCK_SIZE)];
    private int size;

    /** Writes blocks of up to 1 MiB to the stream. */
    public NativeFrameOutputStream(OutputStream target) {
        this.target = target;
    }

    @Override
    public void write(int value) throws IOException {
        if (size == BLOCK_SIZE) {
            writeBlock();
        }
        block[size++] = (byte) value;
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        int position = offset;
        int remaining = length;
        while (remaining > 0) {
            if (size == BLOCK_SIZE) {
                writeBlock();
            }
            int part = Math.min(remaining, BLOCK_SIZE - size);
            System.arraycopy(source, position, block, size, part);
            size += part;
            position += part;
            remaining -= part;
        }
    }

    private void writeBlock() throws IOException {
        if (size == 0) {
            return;
        }
        int dataStart = NativeFrame.CHECKSUM_SIZE + NativeFrame.HEADER_SIZE;
        int compressedSize =
                NativeFrame.HEADER_SIZE + compressor.compress(block, 0, size, frame, dataStart);
        ByteBuffer header = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
        header.position(NativeFrame.CHECKSUM_SIZE);
        header.put(NativeFrame.METHOD_LZ4).putInt(compressedSize).putInt(size);
        CityHash128 checksum = CityHash128.of(frame, NativeFrame.CHECKSUM_SIZE, compressedSize);
        header.putLong(0, checksum.low()).putLong(8, checksum.high());
        target.write(frame, 0, NativeFrame.CHECKSUM_SIZE + compressedSize);
        size = 0;
    }

    @Override
    public void flush() throws IOException {
        writeBlock();
        target.flush();
    }

    @Override
    public void close() throws IOException {
        writeBlock();
        target.close();
    }
}
