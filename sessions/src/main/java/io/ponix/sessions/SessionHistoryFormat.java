package io.ponix.sessions;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Events of a session as bytes, some ten for a meter value: texts are written once, times as the
 * milliseconds since the one before, and what a value is of only where it differs from the value
 * before it. A number is as Protocol Buffers have it: seven bits a byte, the least first, signed
 * ones in zigzag.
 */
final class SessionHistoryFormat {

    private static final int TYPE_BITS = 3;
    private static final int IS_OFFLINE = 1 << 3;
    private static final int HAS_SEQUENCE = 1 << 4;

    private static final int SCALE_BITS = 15;
    private static final int HAS_MULTIPLIER = 1 << 4;
    private static final int IS_LONGER = 1 << 5;
    private static final int IS_OF_THE_SAME = 1 << 6;

    private static final int NANOS_OF_A_MILLISECOND = 1_000_000;
    private static final EventType[] TYPES = EventType.values();

    private SessionHistoryFormat() {}

    /** Writes events one after another. */
    static final class Writer {

        private final DataOutput out;
        private final Map<String, Integer> texts = new HashMap<>();
        private long milliseconds;
        private MeterValue before;

        Writer(DataOutput out) {
            this.out = out;
        }

        void number(long number) throws IOException {
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

        private void text(String text) throws IOException {
            Integer known = texts.putIfAbsent(text, texts.size());
            number(known == null ? 0 : known + 1L);
            if (known == null) {
                out.writeUTF(text);
            }
        }

        private void time(Instant time) throws IOException {
            long now = time.toEpochMilli();
            signed(now - milliseconds);
            number(time.getNano() % NANOS_OF_A_MILLISECOND);
            milliseconds = now;
        }

        void event(SessionEvent event) throws IOException {
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

    /** Reads what a {@link Writer} wrote. */
    static final class Reader {

        private static final int LONGEST_VALUE = 16;

        private final DataInput in;
        private final List<String> texts = new ArrayList<>();
        private long milliseconds;
        private MeterValue before;

        Reader(DataInput in) {
            this.in = in;
        }

        long number() throws IOException {
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

        /** One that is not negative, nor longer than an int. */
        int count() throws IOException {
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

        private String text() throws IOException {
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

        private Instant time() throws IOException {
            milliseconds += signed();
            return Instant.ofEpochMilli(milliseconds).plusNanos(number());
        }

        SessionEvent event() throws IOException {
            int head = in.readUnsignedByte();
            int type = head & TYPE_BITS;
            Instant time = time();
            OptionalLong sequence =
                    (head & HAS_SEQUENCE) != 0 ? OptionalLong.of(signed()) : OptionalLong.empty();
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
                    (head & IS_OFFLINE) != 0,
                    token,
                    reason,
                    connector,
                    values);
        }

        private MeterValue value() throws IOException {
            int head = in.readUnsignedByte();
            Instant time = time();
            BigInteger digits = (head & IS_LONGER) != 0 ? longer() : BigInteger.valueOf(signed());
            BigDecimal number = new BigDecimal(digits, head & SCALE_BITS);
            int multiplier = (head & HAS_MULTIPLIER) != 0 ? (int) signed() : 0;
            MeterValue same = before;
            if ((head & IS_OF_THE_SAME) == 0) {
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
}
