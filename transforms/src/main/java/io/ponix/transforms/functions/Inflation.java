package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.values.CelByteString;
import io.ponix.transforms.budget.WorkMeter;
import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decompresses: gzip (RFC 1952, members one after the other included), and DEFLATE by itself (RFC
 * 1951) or in zlib's frame (RFC 1950).
 *
 * <p>The output is made some at a time, and each time it is charged and compared with its limit, so
 * that a bomb ends where it reaches one of them. Checksums are verified; bytes after the end are an
 * error.
 */
final class Inflation {
    /** The limit where none is given. */
    static final long DEFAULT_LIMIT = 1 << 20;

    private static final long LARGEST_LIMIT = 1 << 24;

    private static final int CHUNK = 4096;

    /** What it takes to set up the decompression and its window, in units of work. */
    private static final int UNITS_TO_BEGIN = 400;

    private static final int GZIP_MAGIC = 0x1f8b;
    private static final int GZIP_HEADER_BYTES = 10;
    private static final int GZIP_TRAILER_BYTES = 8;
    private static final int METHOD_DEFLATE = 8;

    private static final int FLAG_HEADER_CRC = 0x02;
    private static final int FLAG_EXTRA = 0x04;
    private static final int FLAG_NAME = 0x08;
    private static final int FLAG_COMMENT = 0x10;
    private static final int RESERVED_FLAGS = 0xe0;

    private final String function;
    private final byte[] bytes;
    private final long limit;
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();

    /** Of what came out of this member. */
    private final CRC32 checksum = new CRC32();

    private int offset;

    private Inflation(String function, CelByteString value, long limit) {
        if (limit < 1 || limit > LARGEST_LIMIT) {
            throw new CelInvalidArgumentException(
                    function
                            + ": the limit of the output is "
                            + limit
                            + ", not 1 to "
                            + LARGEST_LIMIT
                            + " bytes");
        }
        this.function = function;
        this.bytes = BytesContents.of(value);
        this.limit = limit;
    }

    /**
     * Decompresses gzip.
     *
     * @param limit how many bytes may come out, 1 to 16,777,216
     * @throws CelBadFormatException if it is not gzip, or damaged, or more comes out; says where
     */
    static CelByteString gunzip(CelByteString value, long limit) {
        Inflation inflation = new Inflation("gunzip", value, limit);
        do {
            inflation.member();
        } while (inflation.offset < inflation.bytes.length);
        return CelByteString.of(inflation.output.toByteArray());
    }

    /**
     * Decompresses DEFLATE, in zlib's frame if it begins with one.
     *
     * @param limit how many bytes may come out, 1 to 16,777,216
     * @throws CelBadFormatException if it is damaged, or more comes out; says where
     */
    static CelByteString inflate(CelByteString value, long limit) {
        Inflation inflation = new Inflation("inflate", value, limit);
        inflation.stream(!inflation.hasZlibHeader());
        if (inflation.offset < inflation.bytes.length) {
            throw inflation.bad("more follows after the end", inflation.offset);
        }
        return CelByteString.of(inflation.output.toByteArray());
    }

    /** A block of DEFLATE itself would need unused bits to be set to look like it. */
    private boolean hasZlibHeader() {
        return bytes.length >= 2
                && (bytes[0] & 0x0f) == METHOD_DEFLATE
                && BytesNumber.bigEndian(bytes, 0, 2) % 31 == 0;
    }

    private void member() {
        int start = offset;
        need(GZIP_HEADER_BYTES, start);
        if (BytesNumber.bigEndian(bytes, start, 2) != GZIP_MAGIC) {
            throw bad("no gzip, which begins with 1f8b,", start);
        }
        if (bytes[start + 2] != METHOD_DEFLATE) {
            throw bad("the compression method " + (bytes[start + 2] & 0xff) + " is unknown", start);
        }
        int flags = bytes[start + 3];
        if ((flags & RESERVED_FLAGS) != 0) {
            throw bad("reserved flags of the header are set", start);
        }
        offset += GZIP_HEADER_BYTES;
        if ((flags & FLAG_EXTRA) != 0) {
            need(2, start);
            int length = (int) BytesNumber.littleEndian(bytes, offset, 2);
            offset += 2;
            need(length, start);
            offset += length;
        }
        if ((flags & FLAG_NAME) != 0) {
            skipText(start);
        }
        if ((flags & FLAG_COMMENT) != 0) {
            skipText(start);
        }
        if ((flags & FLAG_HEADER_CRC) != 0) {
            need(2, start);
            CRC32 header = new CRC32();
            header.update(bytes, start, offset - start);
            if ((header.getValue() & 0xffff) != BytesNumber.littleEndian(bytes, offset, 2)) {
                throw bad("the checksum of the header is wrong", start);
            }
            offset += 2;
        }
        int before = output.size();
        checksum.reset();
        stream(true);
        need(GZIP_TRAILER_BYTES, start);
        if (checksum.getValue() != BytesNumber.littleEndian(bytes, offset, 4)
                || output.size() - before != BytesNumber.littleEndian(bytes, offset + 4, 4)) {
            throw bad("the checksum or the length of what came out is wrong", offset);
        }
        offset += GZIP_TRAILER_BYTES;
    }

    private void skipText(int start) {
        while (true) {
            need(1, start);
            if (bytes[offset++] == 0) {
                return;
            }
        }
    }

    private void need(int size, int start) {
        if (size > bytes.length - offset) {
            throw bad("the data ends inside of what begins", start);
        }
    }

    /** Decompresses from the offset on, which is then after the end. */
    private void stream(boolean bare) {
        WorkMeter.chargeCurrent(UNITS_TO_BEGIN);
        Inflater inflater = new Inflater(bare);
        int start = offset;
        try {
            inflater.setInput(bytes, offset, bytes.length - offset);
            byte[] chunk = new byte[CHUNK];
            while (!inflater.finished()) {
                int made = inflater.inflate(chunk);
                if (made == 0 && !inflater.finished()) {
                    throw bad(
                            inflater.needsDictionary()
                                    ? "a dictionary is needed, which nobody has,"
                                    : "the data ends inside of what begins",
                            start);
                }
                WorkMeter.chargeCurrent(made);
                if (output.size() + (long) made > limit) {
                    throw new CelBadFormatException(
                            function
                                    + ": more than "
                                    + BytesRange.count(limit)
                                    + " come out, the limit; "
                                    + function
                                    + "(bytes, limit) sets another");
                }
                output.write(chunk, 0, made);
                checksum.update(chunk, 0, made);
            }
            offset = start + (int) inflater.getBytesRead();
        } catch (DataFormatException e) {
            throw bad(
                    e.getMessage() == null ? "the data is damaged" : e.getMessage(),
                    start + (int) inflater.getBytesRead());
        } finally {
            inflater.end();
        }
    }

    private CelBadFormatException bad(String what, int at) {
        return new CelBadFormatException(function + ": " + what + " at offset " + at);
    }
}
