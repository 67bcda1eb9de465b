package io.ponix.embedded.clickhouse.server.compression;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.xxhash.XXHashFactory;

/** The codings of HTTP bodies that the server knows, in its order of preference. */
public enum ContentCoding {
    /** LZ4 frames. */
    LZ4,
    /** RFC 1952. */
    GZIP,
    /** RFC 1950. */
    DEFLATE;

    private static final int BUFFER_SIZE = 1 << 16;

    /** The name in HTTP headers. */
    public String headerValue() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The coding of a Content-Encoding header, or null for one that is not known. */
    public static ContentCoding named(String contentEncoding) {
        for (ContentCoding coding : values()) {
            if (coding.headerValue().equalsIgnoreCase(contentEncoding.trim())) {
                return coding;
            }
        }
        return null;
    }

    /** The best coding that an Accept-Encoding header allows, or null. */
    public static ContentCoding accepted(String acceptEncoding) {
        if (acceptEncoding == null) {
            return null;
        }
        for (ContentCoding coding : values()) {
            for (String item : acceptEncoding.split(",")) {
                String[] nameAndQuality = item.split(";", 2);
                if (nameAndQuality[0].trim().equalsIgnoreCase(coding.headerValue())) {
                    return coding;
                }
            }
        }
        return null;
    }

    // LZ4 in Java: the library's native one leaves a file in the temporary directory of every
    // process that is killed.

    /** Decodes a body. */
    public InputStream decode(InputStream body) throws IOException {
        return switch (this) {
            case LZ4 ->
                    new LZ4FrameInputStream(
                            body,
                            LZ4Factory.fastestJavaInstance().safeDecompressor(),
                            XXHashFactory.fastestJavaInstance().hash32());
            case GZIP -> new GZIPInputStream(body, BUFFER_SIZE);
            case DEFLATE -> new InflaterInputStream(body);
        };
    }

    /** Encodes a body. */
    public OutputStream encode(OutputStream body) throws IOException {
        return switch (this) {
            case LZ4 ->
                    new LZ4FrameOutputStream(
                            body,
                            LZ4FrameOutputStream.BLOCKSIZE.SIZE_1MB,
                            -1,
                            LZ4Factory.fastestJavaInstance().fastCompressor(),
                            XXHashFactory.fastestJavaInstance().hash32(),
                            LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE);
            case GZIP -> new GZIPOutputStream(body, BUFFER_SIZE);
            case DEFLATE -> new DeflaterOutputStream(body);
        };
    }
}
