package io.ponix.embedded.clickhouse.server.compression;

/**
 * The layout of ClickHouse's compressed blocks: 16 bytes CityHash128 of all that follows, 1 byte
 * method, 4 bytes size of header and data compressed, 4 bytes size uncompressed (both
 * little-endian, the first including the nine bytes of method and sizes), then the data.
 */
final class NativeFrame {

    static final int CHECKSUM_SIZE = 16;
    static final int HEADER_SIZE = 9;
    static final byte METHOD_NONE = 0x02;
    static final byte METHOD_LZ4 = (byte) 0x82;
    static final byte METHOD_ZSTD = (byte) 0x90;

    /**
     * The largest block that is read, on either side; clients send blocks of up to 1 MiB. The sizes
     * are believed before the checksum is: a damaged header must not take all memory.
     */
    static final int MAX_BLOCK_SIZE = 1 << 25;

    private NativeFrame() {}
}
