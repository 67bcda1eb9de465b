package io.ponix.transforms.functions;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.ponix.transforms.budget.WorkMeter;
import io.ponix.transforms.functions.MBusQuantity.Kind;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads the data records of a meter (EN 13757-3): those of M-Bus by wire and by radio, and of the
 * many devices that send them over something else. What precedes the records, a frame and a header
 * with the address, is not theirs.
 *
 * <p>Each record becomes a map with these keys in this order:
 *
 * <table>
 * <caption>A record</caption>
 * <tr><td>{@code quantity}, {@code unit}</td><td>strings, see {@link MBusQuantity}; a unit of a
 *     text of the meter's own belongs to {@code plain_text}</td></tr>
 * <tr><td>{@code value}</td><td>double for what has a power of ten, int for counts, seconds, flags
 *     and numbers of things, timestamp, string, or bytes. Null for a record without data, and where
 *     the meter sends what is no value: a date or BCD digits that do not exist, the most negative
 *     integer, an infinity</td></tr>
 * <tr><td>{@code function}</td><td>{@code instantaneous}, {@code maximum}, {@code minimum} or
 *     {@code error}, a value while there is an error</td></tr>
 * <tr><td>{@code storage}, {@code tariff}, {@code subunit}</td><td>ints, from 0</td></tr>
 * <tr><td>{@code qualifiers}</td><td>list of strings, see {@link MBusQualifier}; absent if there
 *     are none</td></tr>
 * <tr><td>{@code header}</td><td>string: the information fields in hexadecimal, by which to know
 *     what a manufacturer has made up</td></tr>
 * <tr><td>{@code raw}</td><td>bytes: what was sent in the place of a value; absent if there is one
 *     </td></tr>
 * </table>
 */
final class MBusReader {
    private static final String FUNCTION = "mbus_decode";

    /** What a record takes beside its bytes, in units of work. */
    private static final int UNITS_PER_RECORD = 100;

    private static final int EXTENSION = 0x80;
    private static final int CODE = 0x7f;

    private static final int MANUFACTURER_DATA = 0x0f;
    private static final int MANUFACTURER_DATA_AND_MORE = 0x1f;
    private static final int FILLER = 0x2f;

    private static final int MOST_EXTENSIONS = 10;
    private static final int BITS_OF_STORAGE = 4;

    private static final int VIF_FB = 0xfb;
    private static final int VIF_FD = 0xfd;
    private static final int PLAIN_TEXT = 0x7c;
    private static final int MANUFACTURER = 0x7f;

    private static final int BITS_OF_UINT = 64;
    private static final int BYTES_OF_TIME = 3;

    private static final List<String> FUNCTIONS =
            List.of("instantaneous", "maximum", "minimum", "error");

    /** Those that a double holds exactly, so that a division by one is rounded once. */
    private static final double[] POWERS_OF_TEN = powersOfTen();

    private final byte[] bytes;
    private int offset;

    /** Where the record begins that is being read. */
    private int start;

    private MBusReader(byte[] bytes) {
        this.bytes = bytes;
    }

    private static double[] powersOfTen() {
        double[] powers = new double[23];
        for (int i = 0; i < powers.length; i++) {
            powers[i] = Double.parseDouble("1e" + i);
        }
        return powers;
    }

    /**
     * Reads records to the end.
     *
     * @throws CelBadFormatException if they are cut off or not of this format; says where
     */
    static List<Object> read(CelByteString value) {
        return new MBusReader(BytesContents.of(value)).records();
    }

    private List<Object> records() {
        List<Object> records = new ArrayList<>();
        while (offset < bytes.length) {
            start = offset;
            int information = next();
            if (information == FILLER) {
                continue;
            }
            WorkMeter.chargeCurrent(UNITS_PER_RECORD);
            if (information == MANUFACTURER_DATA || information == MANUFACTURER_DATA_AND_MORE) {
                records.add(manufacturerData(information));
            } else if ((information & 0xf) == 0xf) {
                throw bad(String.format("the data information field 0x%02x is none", information));
            } else {
                records.add(dataRecord(information));
            }
        }
        return records;
    }

    private DecodedObject manufacturerData(int information) {
        CelByteString data = take(bytes.length - offset);
        List<Object> qualifiers =
                information == MANUFACTURER_DATA ? List.of() : List.of("more_follows");
        return described(
                MBusQuantity.MANUFACTURER_SPECIFIC,
                data,
                0,
                new Place(0, 0, 0),
                qualifiers,
                HexFormat.of().toHexDigits((byte) information));
    }

    /** Where a meter keeps a value. */
    private record Place(long storage, long tariff, long subunit) {}

    private DecodedObject dataRecord(int information) {
        Place place = place(information);
        List<Object> qualifiers = new ArrayList<>(0);
        MBusQuantity quantity = quantity(qualifiers);
        String header = HexFormat.of().formatHex(bytes, start, offset);
        int data = offset;
        Object value = value(information & 0xf, quantity);
        DecodedObject described =
                described(
                        quantity,
                        value,
                        information >> 4 & 0x3,
                        place,
                        List.copyOf(qualifiers),
                        header);
        if (value == NullValue.NULL_VALUE && offset > data) {
            described.set("raw", CelByteString.of(Arrays.copyOfRange(bytes, data, offset)));
        }
        return described;
    }

    private static DecodedObject described(
            MBusQuantity quantity,
            Object value,
            int function,
            Place place,
            List<Object> qualifiers,
            String header) {
        DecodedObject described = new DecodedObject(8);
        described.set("quantity", quantity.name());
        described.set("unit", quantity.unit());
        described.set("value", value);
        described.set("function", FUNCTIONS.get(function));
        described.set("storage", place.storage());
        described.set("tariff", place.tariff());
        described.set("subunit", place.subunit());
        if (!qualifiers.isEmpty()) {
            described.set("qualifiers", qualifiers);
        }
        described.set("header", header);
        return described;
    }

    private Place place(int information) {
        long storage = information >> 6 & 0x1;
        long tariff = 0;
        long subunit = 0;
        boolean goesOn = (information & EXTENSION) != 0;
        for (int i = 0; goesOn; i++) {
            if (i == MOST_EXTENSIONS) {
                throw bad("there are more than " + MOST_EXTENSIONS + " extensions of the data");
            }
            int extension = next();
            storage |= (long) (extension & 0xf) << 1 + BITS_OF_STORAGE * i;
            tariff |= (long) (extension >> 4 & 0x3) << 2 * i;
            subunit |= (long) (extension >> 6 & 0x1) << i;
            goesOn = (extension & EXTENSION) != 0;
        }
        return new Place(storage, tariff, subunit);
    }

    private MBusQuantity quantity(List<Object> qualifiers) {
        int field = next();
        boolean goesOn = (field & EXTENSION) != 0;
        MBusQuantity quantity;
        int extensions = 0;
        if (field == VIF_FB || field == VIF_FD) {
            int code = next();
            quantity = field == VIF_FB ? MBusQuantity.afterFb(code) : MBusQuantity.afterFd(code);
            goesOn = (code & EXTENSION) != 0;
            extensions = 1;
        } else if ((field & CODE) == PLAIN_TEXT) {
            quantity = MBusQuantity.plainText(text(next()));
        } else {
            quantity = MBusQuantity.primary(field);
        }
        boolean ofManufacturer = (field & CODE) == MANUFACTURER;
        boolean afterFc = false;
        for (int i = extensions; goesOn; i++) {
            if (i == MOST_EXTENSIONS) {
                throw bad("there are more than " + MOST_EXTENSIONS + " extensions of the value");
            }
            int extension = next();
            goesOn = (extension & EXTENSION) != 0;
            int code = extension & CODE;
            if (ofManufacturer) {
                continue; // only the header tells them
            } else if (afterFc) {
                qualifiers.add(MBusQualifier.extendedName(code));
                afterFc = false;
            } else if (code == PLAIN_TEXT) {
                afterFc = true;
            } else if (code == MANUFACTURER) {
                ofManufacturer = true;
                qualifiers.add("manufacturer_specific");
            } else {
                quantity = MBusQualifier.apply(code, quantity);
                String name = MBusQualifier.name(code);
                if (!name.isEmpty()) {
                    qualifiers.add(name);
                }
            }
        }
        return quantity;
    }

    private Object value(int field, MBusQuantity quantity) {
        return switch (field) {
            case 0x1, 0x2, 0x3, 0x4 -> integer(field, quantity);
            case 0x5 -> real(quantity);
            case 0x6 -> integer(6, quantity);
            case 0x7 -> integer(8, quantity);
            case 0x9, 0xa, 0xb, 0xc -> decimal(field - 8, 1, quantity);
            case 0xd -> variable(quantity);
            case 0xe -> decimal(6, 1, quantity);
            default -> NullValue.NULL_VALUE; // no data, or a selection of data
        };
    }

    private Object integer(int size, MBusQuantity quantity) {
        int at = advance(size);
        if (quantity.kind() == Kind.DATE) {
            return date(at, size);
        }
        long unsigned = BytesNumber.littleEndian(bytes, at, size);
        if (quantity.kind() == Kind.CODE) {
            return unsigned >= 0 ? (Object) unsigned : UnsignedLong.fromLongBits(unsigned);
        }
        int unused = BITS_OF_UINT - 8 * size;
        long signed = unsigned << unused >> unused;
        boolean isInvalid = signed == Long.MIN_VALUE >> unused;
        return isInvalid ? NullValue.NULL_VALUE : number(signed, quantity);
    }

    private Object date(int at, int size) {
        if (size == BYTES_OF_TIME) {
            return time(at);
        } else if (!MBusDate.hasType(size)) {
            return NullValue.NULL_VALUE;
        }
        try {
            return MBusDate.read(bytes, at, size);
        } catch (DateTimeException e) {
            return NullValue.NULL_VALUE;
        }
    }

    /** Type J: a time of any day, which CEL has no type for. */
    private Object time(int at) {
        int hour = bytes[at + 2] & 0x1f;
        int minute = bytes[at + 1] & 0x3f;
        int second = bytes[at] & 0x3f;
        return hour < 24 && minute < 60 && second < 60
                ? String.format("%02d:%02d:%02d", hour, minute, second)
                : NullValue.NULL_VALUE;
    }

    private Object real(MBusQuantity quantity) {
        int at = advance(Float.BYTES);
        double value = Float.intBitsToFloat((int) BytesNumber.littleEndian(bytes, at, Float.BYTES));
        if (quantity.kind() == Kind.DATE || Double.isNaN(value) || Double.isInfinite(value)) {
            return NullValue.NULL_VALUE;
        }
        return scaled(value, quantity.exponent()) * quantity.factor();
    }

    /**
     * Two digits a byte, the last ones first; F in the place of the first digit is a minus.
     *
     * @param sign 1 or -1
     */
    private Object decimal(int size, int sign, MBusQuantity quantity) {
        int at = advance(size);
        if (quantity.kind() == Kind.DATE) {
            return NullValue.NULL_VALUE;
        }
        long value = 0;
        boolean isNegative = false;
        for (int i = 2 * size - 1; i >= 0; i--) {
            int digit = bytes[at + i / 2] >> 4 * (i % 2) & 0xf;
            if (digit == 0xf && i == 2 * size - 1) {
                isNegative = true;
            } else if (digit > 9) {
                return NullValue.NULL_VALUE;
            } else {
                value = 10 * value + digit;
            }
        }
        return number(isNegative ? -sign * value : sign * value, quantity);
    }

    private static Object number(long value, MBusQuantity quantity) {
        if (quantity.kind() == Kind.SCALED) {
            return scaled(value, quantity.exponent());
        }
        long product = value * quantity.factor();
        boolean fits = Math.multiplyHigh(value, quantity.factor()) == product >> 63;
        return fits ? (Object) product : NullValue.NULL_VALUE;
    }

    private static double scaled(double value, int exponent) {
        int size = Math.abs(exponent);
        double power = size < POWERS_OF_TEN.length ? POWERS_OF_TEN[size] : Math.pow(10, size);
        return exponent < 0 ? value / power : value * power;
    }

    /** Text, numbers of any length and bytes, whose first byte tells which, and how many follow. */
    private Object variable(MBusQuantity quantity) {
        int form = next();
        if (form <= 0xbf) {
            return text(form);
        } else if (form <= 0xc9) {
            return longDecimal(form - 0xc0, 1, quantity);
        } else if (form >= 0xd0 && form <= 0xd9) {
            return longDecimal(form - 0xd0, -1, quantity);
        } else if (form >= 0xe0 && form <= 0xef) {
            int size = form - 0xe0;
            return size >= 1 && size <= Long.BYTES ? integer(size, quantity) : take(size);
        } else if (form >= 0xf0 && form <= 0xf4) {
            return take(4 * (form - 0xec));
        } else if (form == 0xf5) {
            return take(48);
        } else if (form == 0xf6) {
            return take(64);
        }
        throw bad(String.format("the length 0x%02x of a value of variable length is none", form));
    }

    /** More than 18 digits are no number that an int holds, and none are no number. */
    private Object longDecimal(int size, int sign, MBusQuantity quantity) {
        if (size >= 1 && size <= 9) {
            return decimal(size, sign, quantity);
        }
        advance(size);
        return NullValue.NULL_VALUE;
    }

    /** Characters of ISO 8859-1, the last one first. */
    private String text(int length) {
        int at = advance(length);
        byte[] reversed = new byte[length];
        for (int i = 0; i < length; i++) {
            reversed[i] = bytes[at + length - 1 - i];
        }
        return new String(reversed, StandardCharsets.ISO_8859_1);
    }

    private int next() {
        return bytes[advance(1)] & 0xff;
    }

    private CelByteString take(int length) {
        int at = advance(length);
        return CelByteString.of(Arrays.copyOfRange(bytes, at, offset));
    }

    /** Passes over bytes of the record; returns where they are. */
    private int advance(int size) {
        if (size > bytes.length - offset) {
            throw bad("it goes beyond the " + BytesRange.count(bytes.length) + " there are");
        }
        int at = offset;
        offset += size;
        return at;
    }

    private CelBadFormatException bad(String what) {
        return new CelBadFormatException(
                FUNCTION + ": the record at offset " + start + " cannot be read: " + what);
    }
}
