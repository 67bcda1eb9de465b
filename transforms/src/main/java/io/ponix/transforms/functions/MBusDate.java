package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.values.CelByteString;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;

/**
 * Dates of M-Bus (EN 13757-3, Annex A): type G in 2 bytes, a date; F in 4, with hour and minute; I
 * in 6, with seconds. A meter says nothing of its time zone: its clock is read as UTC.
 *
 * <p>A two-digit year of 81 to 99 is one of the last century, where a type G says it or a type F
 * has no hundreds of years; all other years are after 2000.
 */
final class MBusDate {
    private static final int BYTES_OF_G = 2;
    private static final int BYTES_OF_F = 4;
    private static final int BYTES_OF_I = 6;

    private static final int LAST_YEAR_AFTER_2000 = 80;
    private static final int LAST_YEAR = 99;

    private MBusDate() {}

    /** Whether a date can have this size, in bytes. */
    static boolean hasType(int size) {
        return size == BYTES_OF_G || size == BYTES_OF_F || size == BYTES_OF_I;
    }

    /**
     * {@code mbus_date(bytes)}.
     *
     * @throws CelBadFormatException if there is no such type or no such date, or the meter says
     *     itself that it is invalid
     */
    static Instant of(CelByteString value) {
        byte[] bytes = BytesContents.of(value);
        if (!hasType(bytes.length)) {
            throw new CelBadFormatException(
                    "mbus_date: a date has 2, 4 or 6 bytes (types G, F and I), not "
                            + bytes.length);
        }
        try {
            return read(bytes, 0, bytes.length);
        } catch (DateTimeException e) {
            throw new CelBadFormatException(
                    "mbus_date: "
                            + HexFormat.of().formatHex(bytes)
                            + " is no date: "
                            + e.getMessage());
        }
    }

    /**
     * Reads a date of {@code size} bytes, which has a type.
     *
     * @throws DateTimeException if it is none or invalid
     */
    static Instant read(byte[] bytes, int at, int size) {
        switch (size) {
            case BYTES_OF_G:
                return date(bytes, at, 0, 0, 0, 0);
            case BYTES_OF_F:
                checkValid(bytes[at]);
                return date(bytes, at + 2, bytes[at + 1] >> 5 & 0x3, bytes[at + 1], bytes[at], 0);
            default:
                checkValid(bytes[at + 1]);
                return date(bytes, at + 3, 1, bytes[at + 2], bytes[at + 1], bytes[at]);
        }
    }

    private static void checkValid(byte minute) {
        if (minute < 0) {
            throw new DateTimeException("the meter says that its time is invalid");
        }
    }

    /**
     * @param at where the two bytes of the date are
     * @param hundreds of years after 1900; 0 where nothing is said of them
     */
    private static Instant date(
            byte[] bytes, int at, int hundreds, int hour, int minute, int second) {
        int year = bytes[at] >> 5 & 0x7 | bytes[at + 1] >> 1 & 0x78;
        if (year > LAST_YEAR) {
            throw new DateTimeException("a year of " + year);
        }
        int century = hundreds > 0 ? hundreds : year <= LAST_YEAR_AFTER_2000 ? 1 : 0;
        return LocalDateTime.of(
                        1900 + 100 * century + year,
                        bytes[at + 1] & 0xf,
                        bytes[at] & 0x1f,
                        hour & 0x1f,
                        minute & 0x3f,
                        second & 0x3f)
                .toInstant(ZoneOffset.UTC);
    }
}
