package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChecksumFunctionsTest {

    /** The check value of each variant in the catalogue: that of the text 123456789. */
    @ParameterizedTest
    @CsvSource({
        "ARC, 0xbb3d",
        "CDMA2000, 0x4c06",
        "CMS, 0xaee7",
        "DDS-110, 0x9ecf",
        "DECT-R, 0x007e",
        "DECT-X, 0x007f",
        "DNP, 0xea82",
        "EN-13757, 0xc2b7",
        "GENIBUS, 0xd64e",
        "GSM, 0xce3c",
        "IBM-3740, 0x29b1",
        "IBM-SDLC, 0x906e",
        "ISO-IEC-14443-3-A, 0xbf05",
        "KERMIT, 0x2189",
        "LJ1200, 0xbdf4",
        "M17, 0x772b",
        "MAXIM-DOW, 0x44c2",
        "MCRF4XX, 0x6f91",
        "MODBUS, 0x4b37",
        "NRSC-5, 0xa066",
        "OPENSAFETY-A, 0x5d38",
        "OPENSAFETY-B, 0x20fe",
        "PROFIBUS, 0xa819",
        "RIELLO, 0x63d0",
        "SPI-FUJITSU, 0xe5cc",
        "T10-DIF, 0xd0db",
        "TELEDISK, 0x0fb3",
        "TMS37157, 0x26b1",
        "UMTS, 0xfee8",
        "USB, 0xb4c8",
        "XMODEM, 0x31c3",
        "CCITT-FALSE, 0x29b1",
        "X-25, 0x906e",
        "modbus, 0x4b37"
    })
    void everyVariantHasItsCheckValue(String variant, String check) throws Exception {
        assertThat(json("crc16(b'123456789', '" + variant + "')", ""))
                .isEqualTo(Long.decode(check).toString());
    }

    @Test
    void theOthersHaveTheirs() throws Exception {
        assertThat(json("crc32(b'123456789')", "")).isEqualTo("" + 0xcbf43926L);
        assertThat(json("xor(b'123456789')", "")).isEqualTo("" + 0x31);
        assertThat(json("sum8(b'123456789')", "")).isEqualTo("" + 0xdd);
        assertThat(json("[crc32(b''), xor(b''), sum8(b'')]", "")).isEqualTo("[0,0,0]");
        assertThat(json("[xor(input), sum8(input)]", "ff80")).isEqualTo("[127,127]");
    }

    @Test
    void anUnknownVariantIsToldWhichThereAre() {
        assertThat(error("crc16(input, 'CCIT')", ""))
                .startsWith("crc16: there is no variant 'CCIT', but ARC = LHA = IBM, CDMA2000,")
                .contains("IBM-3740 = CCITT-FALSE", "MODBUS", "X-25")
                .endsWith("ZMODEM");
    }
}
