package io.ponix.deviceservice.identifier;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes identifiers in the format of <a href="https://github.com/rs/xid">xid</a>: 12 bytes (seconds
 * since 1970 in 4, machine in 3, process in 2, counter in 3, all big-endian) written as 20
 * characters of base 32 with the alphabet {@code 0-9a-v}, so that the order of the texts is roughly
 * the order in time.
 *
 * <p>The machine part is drawn at random for every generator rather than made of the host's name:
 * containers are often alike in name and process id. Identifiers of one generator are unique as
 * long as it makes fewer than 2^24 a second.
 *
 * <p>Safe for use by several threads at once.
 */
public final class XidGenerator {

    private static final char[] ALPHABET = "0123456789abcdefghijklmnopqrstuv".toCharArray();
    private static final int BYTES = 12;
    private static final int CHARACTERS = 20;
    private static final int BITS_PER_CHARACTER = 5;

    private final Clock clock;
    private final int machine;
    private final short process;
    private final AtomicInteger counter;

    /** A generator with a machine part and a first counter of its own. */
    public XidGenerator() {
        this(
                Clock.systemUTC(),
                new SecureRandom().nextInt(1 << 24),
                (short) ProcessHandle.current().pid(),
                new SecureRandom().nextInt(1 << 24));
    }

    XidGenerator(Clock clock, int machine, short process, int firstCounter) {
        this.clock = clock;
        this.machine = machine;
        this.process = process;
        this.counter = new AtomicInteger(firstCounter);
    }

    /** Returns a new identifier: 20 characters of {@code [0-9a-v]}. */
    public String next() {
        int count = counter.getAndIncrement();
        ByteBuffer bytes =
                ByteBuffer.allocate(BYTES)
                        .putInt((int) clock.instant().getEpochSecond())
                        .put((byte) (machine >>> 16))
                        .putShort((short) machine)
                        .putShort(process)
                        .put((byte) (count >>> 16))
                        .putShort((short) count);
        return encode(bytes.array());
    }

    /**
     * Writes five bits a character; the last character carries the one bit that remains, in its
     * highest place.
     */
    static String encode(byte[] bytes) {
        StringBuilder text = new StringBuilder(CHARACTERS);
        int buffer = 0;
        int bits = 0;
        for (byte octet : bytes) {
            buffer = buffer << Byte.SIZE | octet & 0xFF;
            bits += Byte.SIZE;
            while (bits >= BITS_PER_CHARACTER) {
                bits -= BITS_PER_CHARACTER;
                text.append(ALPHABET[buffer >>> bits & 31]);
            }
        }
        return text.append(ALPHABET[buffer << BITS_PER_CHARACTER - bits & 31]).toString();
    }
}
