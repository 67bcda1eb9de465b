package io.ponix.sessions;

import java.io.DataOutput;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes events of sessions as bytes, some ten for a meter value: texts are written once, times as
 * the milliseconds since the one before, and what a value is of only where it differs from the
 * value before it. A number is as Protocol Buffers have it: seven bits a byte, the least first,
 * signed ones in zigzag. It has no version: whoever keeps it says one before it.
 */
public final class SessionEventWriter {

    static final int IS_OFFLINE = 1 << 3;
    static final int HAS_SEQUENCE = 1 << 4;
    static final int HAS_MULTIPLIER = 1 << 4;
    static final int IS_LONGER = 1 << 5;
    static final int IS_OF_THE_SAME = 1 << 6;

    private static final int NANOS_OF_A_MILLISECOND = 1_000_000;

    private final DataOutput out;
    private final Map<String, Integer> texts = new HashMap<>();
    private long milliseconds;
    private MeterValue before;

    /**
     * @param out is written to at once, and not closed
     */
    public SessionEventWriter(DataOutput out) {
        this.out = out;
    }

    /** Writes a number, of 64 bits without a sign: one that is not negative takes less. */
    public void number(long number) throws IOException {
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            out.writeByte((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }

    private void signed(long number) throws IOException {
        number(number << 1 ^ number >> 63);
    }

    /**
     * Writes a text.
     *
     * @throws java.io.UTFDataFormatException when it is of more than 65,535 bytes
     */
    public void text(String text) throws IOException {
        Integer known = texts.putIfAbsent(text, texts.size());
        number(known == null ? 0 : known + 1L);
        if (known == null) {
            out.writeUTF(text);
        }
    }

    /**
     * Writes a time.
     *
     * @throws ArithmeticException when it is beyond the milliseconds that 64 bits count
     */
    public void time(Instant time) throws IOException {
        long now = time.toEpochMilli();
        signed(now - milliseconds);
        number(time.getNano() % NANOS_OF_A_MILLISECOND);
        milliseconds = now;
    }

    /** Writes an event. */
    public void event(SessionEvent event) throws IOException {
        out.writeByte(
                event.type().ordinal()
                        | (event.isOffline() ? IS_OFFLINE : 0)
                        | (event.sequence().isPresent() ? HAS_SEQUENCE : 0));
        time(event.time());
        if (event.sequence().isPresent()) {
            signed(event.sequence().getAsLong());
        }
        text(event.token());
        text(event.reason());
        text(event.connector());
        number(event.meterValues().size());
        for (MeterValue value : event.meterValues()) {
            value(value);
        }
    }

    private void value(MeterValue value) throws IOException {
        BigInteger digits = value.value().unscaledValue();
        boolean isLonger = digits.bitLength() >= Long.SIZE;
        boolean isOfTheSame = before != null && isOfTheSame(value, before);
        out.writeByte(
                value.value().scale()
                        | (value.multiplier() != 0 ? HAS_MULTIPLIER : 0)
                        | (isLonger ? IS_LONGER : 0)
                        | (isOfTheSame ? IS_OF_THE_SAME : 0));
        time(value.time());
        if (isLonger) {
            byte[] bytes = digits.toByteArray();
            number(bytes.length);
            out.write(bytes);
        } else {
            signed(digits.longValue());
        }
        if (value.multiplier() != 0) {
            signed(value.multiplier());
        }
        if (!isOfTheSame) {
            text(value.measurand());
            text(value.context());
            text(value.location());
            text(value.phase());
            text(value.unit());
        }
        before = value;
    }

    private static boolean isOfTheSame(MeterValue value, MeterValue other) {
        return value.measurand().equals(other.measurand())
                && value.context().equals(other.context())
                && value.location().equals(other.location())
                && value.phase().equals(other.phase())
                && value.unit().equals(other.unit());
    }
}
