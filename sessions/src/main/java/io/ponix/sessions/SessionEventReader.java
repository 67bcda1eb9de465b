package io.ponix.sessions;

import java.io.DataInput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Reads what a {@link SessionEventWriter} wrote, in the same order. */
public final class SessionEventReader {

    private static final int TYPE_BITS = 3;
    private static final int SCALE_BITS = 15;
    private static final EventType[] TYPES = EventType.values();

    private static final int LONGEST_VALUE = 16;

    private final DataInput in;
    private final List<String> texts = new ArrayList<>();
    private long milliseconds;
    private MeterValue before;

    /**
     * @param in is read no further than what is asked for, and not closed
     */
    public SessionEventReader(DataInput in) {
        this.in = in;
    }

    private long number() throws IOException {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte part = in.readByte();
            number |= (part & 0x7FL) << shift;
            if (part >= 0) {
                return number;
            }
        }
        throw new IOException("a number of more than 64 bits");
    }

    /**
     * Reads a number that is not negative and fits into 31 bits.
     *
     * @throws IOException when it is none
     */
    public int count() throws IOException {
        long number = number();
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new IOException("a count of " + number);
        }
        return (int) number;
    }

    private long signed() throws IOException {
        long number = number();
        return number >>> 1 ^ -(number & 1);
    }

    /** Reads a text. */
    public String text() throws IOException {
        int known = count();
        if (known == 0) {
            texts.add(in.readUTF());
            return texts.get(texts.size() - 1);
        }
        if (known > texts.size()) {
            throw new IOException("text " + known + " of " + texts.size());
        }
        return texts.get(known - 1);
    }

    /** Reads a time. */
    public Instant time() throws IOException {
        milliseconds += signed();
        return Instant.ofEpochMilli(milliseconds).plusNanos(number());
    }

    /** Reads an event. */
    public SessionEvent event() throws IOException {
        int head = in.readUnsignedByte();
        int type = head & TYPE_BITS;
        Instant time = time();
        OptionalLong sequence =
                (head & SessionEventWriter.HAS_SEQUENCE) != 0
                        ? OptionalLong.of(signed())
                        : OptionalLong.empty();
        String token = text();
        String reason = text();
        String connector = text();
        int count = count();
        List<MeterValue> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(value());
        }
        return new SessionEvent(
                TYPES[type],
                time,
                sequence,
                (head & SessionEventWriter.IS_OFFLINE) != 0,
                token,
                reason,
                connector,
                values);
    }

    private MeterValue value() throws IOException {
        int head = in.readUnsignedByte();
        Instant time = time();
        BigInteger digits =
                (head & SessionEventWriter.IS_LONGER) != 0
                        ? longer()
                        : BigInteger.valueOf(signed());
        BigDecimal number = new BigDecimal(digits, head & SCALE_BITS);
        int multiplier = (head & SessionEventWriter.HAS_MULTIPLIER) != 0 ? (int) signed() : 0;
        MeterValue same = before;
        if ((head & SessionEventWriter.IS_OF_THE_SAME) == 0) {
            before =
                    new MeterValue(
                            time, text(), text(), text(), text(), number, text(), multiplier);
        } else if (same == null) {
            throw new IOException("a value that is of the same as none");
        } else {
            before =
                    new MeterValue(
                            time,
                            same.measurand(),
                            same.context(),
                            same.location(),
                            same.phase(),
                            number,
                            same.unit(),
                            multiplier);
        }
        return before;
    }

    private BigInteger longer() throws IOException {
        int length = count();
        if (length == 0 || length > LONGEST_VALUE) {
            throw new IOException("a value of " + length + " bytes");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return new BigInteger(bytes);
    }
}
