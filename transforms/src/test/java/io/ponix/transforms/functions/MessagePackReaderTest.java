package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.transforms.TransformException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MessagePackReaderTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "82a174cb4035800000000000a16e03|{\"t\":21.5,\"n\":3}",
                "c0|null",
                "c2|false",
                "c3|true",
                "00|0",
                "7f|127",
                "ff|-1",
                "e0|-32",
                "ccff|255",
                "cdffff|65535",
                "ceffffffff|4294967295",
                "cf7fffffffffffffff|9223372036854775807",
                "cfffffffffffffffff|18446744073709551615",
                "d080|-128",
                "d18000|-32768",
                "d280000000|-2147483648",
                "d38000000000000000|-9223372036854775808",
                "ca41ac0000|21.5",
                "cb4035800000000000|21.5",
                "a0|\"\"",
                "a26f6e|\"on\"",
                "d902c3a9|\"é\"",
                "da00026f6e|\"on\"",
                "db000000026f6e|\"on\"",
                "c402cafe|\"yv4=\"",
                "c50002cafe|\"yv4=\"",
                "c600000002cafe|\"yv4=\"",
                "90|[]",
                "93010203|[1,2,3]",
                "dc00020102|[1,2]",
                "dd000000020102|[1,2]",
                "80|{}",
                "8101c3|{\"1\":true}",
                "81cfffffffffffffffffc3|{\"18446744073709551615\":true}",
                "82a16101a16102|{\"a\":2}",
                "de0001a16101|{\"a\":1}",
                "df00000001a16101|{\"a\":1}",
                "d6ff697deec0|\"2026-01-31T12:00:00Z\"",
                "d7ff3b9aca00697deec0|\"2026-01-31T12:00:00.250Z\"",
                "c70cff0000000100000000697deec0|\"2026-01-31T12:00:00.000000001Z\"",
                "d405ca|{\"type\":5,\"data\":\"yg==\"}",
                "d505cafe|{\"type\":5,\"data\":\"yv4=\"}",
                "d880000102030405060708090a0b0c0d0e0f|{\"type\":-128,\"data\":\"AAECAwQFBgcICQoLDA0ODw==\"}",
                "c70005|{\"type\":5,\"data\":\"\"}",
                "c8000105aa|{\"type\":5,\"data\":\"qg==\"}",
                "c90000000105aa|{\"type\":5,\"data\":\"qg==\"}",
            })
    void readsEveryFormat(String document, String expected) throws Exception {
        assertThat(json("msgpack_decode(input)", document)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|the document is empty",
                "c1|the byte 0xc1 begins no value, at offset 0",
                "0102|more follows after the document, at offset 1",
                "cd01|a value goes beyond the 2 bytes there are, at offset 0",
                "91cd01|a value goes beyond the 3 bytes there are, at offset 1",
                "a5616263|a value goes beyond the 4 bytes there are, at offset 0",
                "92a1ff01|a string is not UTF-8, at offset 1",
                // Bombs: what a length promises is not there.
                "ddffffffff01|a length of 4294967295 values goes beyond the 6 bytes there are, at offset 0",
                "dfffffffff0102|a length of 8589934590 values goes beyond the 7 bytes there are, at offset 0",
                "dbffffffff61|a value goes beyond the 6 bytes there are, at offset 0",
                "c6ffffffff61|a value goes beyond the 6 bytes there are, at offset 0",
                "c9ffffffff0561|a value goes beyond the 7 bytes there are, at offset 0",
                "81c001|a key is neither a string nor an integer, at offset 1",
                "d4ff00|a timestamp has 4, 8 or 12 bytes, not 1, at offset 0",
                "d7ffffffffff00000000|a timestamp has 1073741823 nanoseconds, at offset 0",
                "c70cff000000007fffffffffffffff|a timestamp is not in the years 1 to 9999, at offset 0",
            })
    void refusesWhatIsNone(String document, String message) {
        assertThat(error("msgpack_decode(input)", document))
                .isEqualTo("msgpack_decode: " + message);
    }

    @Test
    void nestsAsDeepAsOtherDocuments() throws Exception {
        String deep = "91".repeat(64) + "c0";
        assertThat(json("size(msgpack_decode(input))", deep)).isEqualTo("1");
        assertThat(error("msgpack_decode(input)", "91" + deep))
                .isEqualTo(
                        "msgpack_decode: the document nests deeper than 64 levels, at offset 64");
    }

    @Test
    void aDocumentOfManyElementsIsPaidFor() {
        byte[] elements = new byte[1_000_005];
        System.arraycopy(HexFormat.of().parseHex("dd000f4240"), 0, elements, 0, 5);
        assertThat(error("[msgpack_decode(input), msgpack_decode(input + b'')]", elements))
                .contains("functionWork");
    }

    @Test
    void whateverIsSentIsReadOrRefused() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] document = new byte[random.nextInt(1, 40)];
            random.nextBytes(document);
            assertThat(outcome("msgpack_decode(input)", document))
                    .as(HexFormat.of().formatHex(document))
                    .matches(
                            "read|msgpack_decode: .*(, at offset \\d+|is empty)|the result nests.*|.*not a JSON value|JSON has no number.*");
        }
    }

    static String outcome(String expression, byte[] payload) {
        try {
            json(expression, payload);
            return "read";
        } catch (TransformException e) {
            return e.getMessage()
                    .replaceFirst("^\\d+:\\d+ ", "")
                    .replaceFirst("^\\S+: JSON", "JSON");
        } catch (Exception e) {
            return "failed: " + e;
        }
    }
}
