package io.ponix.transforms.functions;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The cyclic redundancy checks of 16 bits that Greg Cook's catalogue of parametrised CRC algorithms
 * lists, under its names ({@code CRC-16/MODBUS} is {@link #MODBUS}) and what else they are called.
 */
enum Crc16 {
    ARC(0x8005, 0x0000, true, 0x0000, "LHA", "IBM"),
    CDMA2000(0xC867, 0xFFFF, false, 0x0000),
    CMS(0x8005, 0xFFFF, false, 0x0000),
    DDS_110(0x8005, 0x800D, false, 0x0000),
    DECT_R(0x0589, 0x0000, false, 0x0001),
    DECT_X(0x0589, 0x0000, false, 0x0000),
    DNP(0x3D65, 0x0000, true, 0xFFFF),
    EN_13757(0x3D65, 0x0000, false, 0xFFFF),
    GENIBUS(0x1021, 0xFFFF, false, 0xFFFF, "DARC", "EPC", "EPC-C1G2", "I-CODE"),
    GSM(0x1021, 0x0000, false, 0xFFFF),
    IBM_3740(0x1021, 0xFFFF, false, 0x0000, "CCITT-FALSE", "AUTOSAR"),
    IBM_SDLC(0x1021, 0xFFFF, true, 0xFFFF, "X-25", "ISO-HDLC", "ISO-IEC-14443-3-B"),
    ISO_IEC_14443_3_A(0x1021, 0xC6C6, true, 0x0000),
    KERMIT(0x1021, 0x0000, true, 0x0000, "CCITT", "CCITT-TRUE", "BLUETOOTH", "V-41-LSB"),
    LJ1200(0x6F63, 0x0000, false, 0x0000),
    M17(0x5935, 0xFFFF, false, 0x0000),
    MAXIM_DOW(0x8005, 0x0000, true, 0xFFFF, "MAXIM"),
    MCRF4XX(0x1021, 0xFFFF, true, 0x0000),
    MODBUS(0x8005, 0xFFFF, true, 0x0000),
    NRSC_5(0x080B, 0xFFFF, true, 0x0000),
    OPENSAFETY_A(0x5935, 0x0000, false, 0x0000),
    OPENSAFETY_B(0x755B, 0x0000, false, 0x0000),
    PROFIBUS(0x1DCF, 0xFFFF, false, 0xFFFF, "IEC-61158-2"),
    RIELLO(0x1021, 0xB2AA, true, 0x0000),
    SPI_FUJITSU(0x1021, 0x1D0F, false, 0x0000, "AUG-CCITT"),
    T10_DIF(0x8BB7, 0x0000, false, 0x0000),
    TELEDISK(0xA097, 0x0000, false, 0x0000),
    TMS37157(0x1021, 0x89EC, true, 0x0000),
    UMTS(0x8005, 0x0000, false, 0x0000, "BUYPASS", "VERIFONE"),
    USB(0x8005, 0xFFFF, true, 0xFFFF),
    XMODEM(0x1021, 0x0000, false, 0x0000, "ACORN", "LTE", "V-41-MSB", "ZMODEM");

    private static final Map<String, Crc16> BY_NAME = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    static {
        for (Crc16 crc : values()) {
            crc.names().forEach(name -> BY_NAME.put(name, crc));
        }
    }

    private static final int VALUES_OF_BYTE = 256;

    private final int initial;
    private final boolean isReflected;
    private final int finalXor;
    private final List<String> otherNames;

    /** What each value of a byte does to the register. */
    private final char[] table = new char[VALUES_OF_BYTE];

    /**
     * @param polynomial without its highest term
     * @param initial of the register, before it is reflected
     * @param isReflected whether a byte goes in with its lowest bit first, and the register comes
     *     out so
     * @param finalXor of the register, after it is reflected
     */
    Crc16(int polynomial, int initial, boolean isReflected, int finalXor, String... otherNames) {
        this.initial = isReflected ? reflected(initial) : initial;
        this.isReflected = isReflected;
        this.finalXor = finalXor;
        this.otherNames = List.of(otherNames);
        for (int value = 0; value < table.length; value++) {
            table[value] =
                    (char)
                            (isReflected
                                    ? shiftedRight(value, reflected(polynomial))
                                    : shiftedLeft(value, polynomial));
        }
    }

    private static int reflected(int value) {
        return Integer.reverse(value) >>> Short.SIZE;
    }

    private static int shiftedRight(int value, int polynomial) {
        int register = value;
        for (int bit = 0; bit < Byte.SIZE; bit++) {
            register = (register & 1) == 0 ? register >> 1 : register >> 1 ^ polynomial;
        }
        return register;
    }

    private static int shiftedLeft(int value, int polynomial) {
        int register = value << Byte.SIZE;
        for (int bit = 0; bit < Byte.SIZE; bit++) {
            register = register << 1 ^ (register >> 15 & 1) * polynomial;
        }
        return register & 0xFFFF;
    }

    /** All that it is called, its name in the catalogue first. */
    private List<String> names() {
        return Stream.concat(Stream.of(name().replace('_', '-')), otherNames.stream()).toList();
    }

    /**
     * The check of a name, in whichever case.
     *
     * @throws IllegalArgumentException if there is none of that name; lists all
     */
    static Crc16 named(String name) {
        Crc16 crc = BY_NAME.get(name);
        if (crc == null) {
            throw new IllegalArgumentException(
                    "there is no variant "
                            + QuotedText.of(name)
                            + ", but "
                            + Arrays.stream(values())
                                    .map(each -> String.join(" = ", each.names()))
                                    .collect(Collectors.joining(", ")));
        }
        return crc;
    }

    /** The check of some bytes, 0 to 65,535. */
    int of(byte[] bytes) {
        int register = initial;
        for (byte each : bytes) {
            register =
                    isReflected
                            ? register >> Byte.SIZE ^ table[(register ^ each) & 0xFF]
                            : register << Byte.SIZE & 0xFFFF
                                    ^ table[(register >> Byte.SIZE ^ each) & 0xFF];
        }
        return register ^ finalXor;
    }
}
