package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.transforms.TransformCompilationException;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BytesFunctionsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "u8(0)|ff|255",
                "i8(0)|ff|-1",
                "i8(0)|80|-128",
                "i8(0)|7f|127",
                "u8(2)|0102ab|171",
                "u16be(0)|0102|258",
                "u16le(0)|0102|513",
                "u16be(0)|ffff|65535",
                "i16be(0)|ffd7|-41",
                "i16le(0)|d7ff|-41",
                "i16be(0)|8000|-32768",
                "i16be(0)|7fff|32767",
                "u24be(0)|010203|66051",
                "u24le(0)|010203|197121",
                "u24be(0)|ffffff|16777215",
                "i24be(0)|800000|-8388608",
                "i24le(0)|000080|-8388608",
                "i24be(0)|7fffff|8388607",
                "u32be(0)|01020304|16909060",
                "u32le(0)|01020304|67305985",
                "u32be(0)|ffffffff|4294967295",
                "u32le(0)|ffffffff|4294967295",
                "i32be(0)|ffffffff|-1",
                "i32le(0)|00000080|-2147483648",
                "u64be(0)|0102030405060708|72623859790382856",
                "u64le(0)|0102030405060708|578437695752307201",
                "u64be(0)|ffffffffffffffff|18446744073709551615",
                "u64le(0)|ffffffffffffffff|18446744073709551615",
                "i64be(0)|ffffffffffffffff|-1",
                "i64be(0)|8000000000000000|-9223372036854775808",
                "i64le(0)|0000000000000080|-9223372036854775808",
                "i64be(0)|7fffffffffffffff|9223372036854775807",
                "f32be(0)|41c80000|25.0",
                "f32le(0)|0000c841|25.0",
                "f32be(0)|3dcccccd|0.10000000149011612",
                "f32be(0)|80000000|-0.0",
                "f32be(0)|00000001|1.401298464324817e-45",
                "f16be(0)|4d60|21.5",
                "f16le(0)|604d|21.5",
                "f16be(0)|fbff|-65504.0",
                "f16be(0)|8001|-5.960464477539063e-8",
                "f16be(0)|0400|0.00006103515625",
                "f16be(0)|8000|-0.0",
                "f64be(0)|403b333333333333|27.2",
                "f64le(0)|3333333333333b40|27.2",
                "u16be(1)|ff0102ff|258",
            })
    void readsNumbers(String call, String payload, String expected) throws Exception {
        assertThat(json("input." + call, payload)).isEqualTo(expected);
    }

    @Test
    void everyIntegerIsWhatJavaSaysItIs() throws Exception {
        SplittableRandom random = new SplittableRandom(4);
        for (BytesNumber number : BytesNumber.values()) {
            String name = number.function();
            if (name.startsWith("f")) {
                continue;
            }
            int size = Integer.parseInt(name.replaceAll("\\D", "")) / 8;
            byte[] payload = new byte[size + 2];
            for (int i = 0; i < 20; i++) {
                random.nextBytes(payload);
                byte[] bigEndian = new byte[size];
                for (int at = 0; at < size; at++) {
                    bigEndian[name.endsWith("le") ? size - 1 - at : at] = payload[1 + at];
                }
                BigInteger expected =
                        name.startsWith("u")
                                ? new BigInteger(1, bigEndian)
                                : new BigInteger(bigEndian);
                assertThat(json("input." + name + "(1)", payload))
                        .as("%s of %s", name, HexFormat.of().formatHex(payload))
                        .isEqualTo(expected.toString());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void noNumberIsReadOutsideOfTheBytes(BytesNumber number) throws Exception {
        String name = number.function();
        int bits = Integer.parseInt(name.replaceAll("\\D", ""));
        int size = bits / 8;
        byte[] payload = new byte[10];
        String bytes = size == 1 ? "1 byte at offset %s is" : size + " bytes at offset %s are";
        String message = name + ": " + bytes + " outside of the 10 bytes there are";

        assertThat(json("input." + name + "(" + (10 - size) + ")", payload)).startsWith("0");
        assertThat(json("input.slice(1, 9)." + name + "(" + (8 - size) + ")", payload))
                .startsWith("0");
        for (long offset : new long[] {11 - size, 10, 11, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            String literal = offset == Long.MIN_VALUE ? "-9223372036854775807 - 1" : "" + offset;
            assertThat(error("input." + name + "(" + literal + ")", payload))
                    .isEqualTo(String.format(message, offset));
        }
        assertThat(error("input." + name + "(0)", new byte[0]))
                .contains("outside of the 0 bytes there are");
    }

    @Test
    void aHalfHasInfinitiesAndNaN() throws Exception {
        assertThat(json("math.isNaN(input.f16be(0)) && math.isNaN(input.f16be(2))", "7c01fe00"))
                .isEqualTo("true");
        assertThat(json("input.f16be(0) == 1.0 / 0.0 && input.f16be(2) == -1.0 / 0.0", "7c00fc00"))
                .isEqualTo("true");
    }

    @ParameterizedTest
    @CsvSource({"'',''", "01,01", "010203,030201"})
    void reversesBytes(String payload, String reversed) throws Exception {
        assertThat(json("input.reverse().hex()", payload)).isEqualTo("\"" + reversed + "\"");
    }

    @Test
    void aPartEndsWhereItEndsNotWhereThePayloadDoes() {
        assertThat(error("input.slice(1, 2).u16be(0)", "010203"))
                .isEqualTo("u16be: 2 bytes at offset 0 are outside of the 1 byte there are");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bit(0, 0)|01|true",
                "bit(0, 1)|01|false",
                "bit(0, 7)|80|true",
                "bit(1, 3)|0008|true",
                "bits(0, 0, 8)|a5|165",
                "bits(0, 0, 1)|01|1",
                "bits(0, 4, 4)|a5|10",
                "bits(0, 0, 4)|a5|5",
                "bits(0, 7, 1)|80|1",
                // Into the low bits of the next byte.
                "bits(0, 7, 2)|8001|3",
                "bits(0, 4, 11)|30ff|2035",
                "bits(1, 0, 16)|003412|4660",
                "bits(0, 0, 32)|ffffffff|4294967295",
                "bits(0, 7, 32)|80ffffff7f|4294967295",
                "bits(0, 0, 32)|78563412|305419896",
                "bits(0, 0, 63)|ffffffffffffff7f|9223372036854775807",
                "bits(0, 7, 63)|80ffffffffffffff3f|9223372036854775807",
                // From a later byte on.
                "bits(0, 12, 4)|00a5|10",
                "ibits(0, 4, 12)|60fe|-26",
                "ibits(0, 4, 12)|607f|2038",
                "ibits(0, 0, 64)|feffffffffffffff|-2",
                "ibits(0, 3, 64)|f0ffffffffffffff07|-2",
                "ibits(0, 7, 1)|80|-1",
                // The highest bit comes first.
                "bits_be(0, 0, 1)|80|1",
                "bits_be(0, 1, 7)|80|0",
                "bits_be(0, 4, 8)|a5b6|91",
                "bits_be(0, 12, 4)|00a5|5",
                "bits_be(1, 0, 16)|001234|4660",
                "bits_be(0, 1, 63)|ffffffffffffffff|9223372036854775807",
                "bits_be(0, 3, 63)|1ffffffffffffffffe|9223372036854775807",
                "ibits_be(0, 4, 12)|0fea|-22",
                "ibits_be(0, 4, 12)|07ea|2026",
                "ibits_be(0, 0, 64)|fffffffffffffffe|-2",
                "ibits_be(0, 3, 64)|1fffffffffffffffc0|-2",
            })
    void readsBits(String call, String payload, String expected) throws Exception {
        assertThat(json("input." + call, payload)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bit(1, 0)|ff|bit: 1 byte at offset 1 is outside of the 1 byte there are",
                "bit(-1, 0)|ff|bit: 1 byte at offset -1 is outside of the 1 byte there are",
                "bit(0, 8)|ffff|bit: bit 8 of a byte, not 0 to 7",
                "bit(0, -1)|ff|bit: bit -1 of a byte, not 0 to 7",
                "bits(0, 7, 2)|ff|bits: 2 bytes at offset 0 are outside of the 1 byte there are",
                "bits(1, 0, 1)|ff|bits: 1 byte at offset 1 is outside of the 1 byte there are",
                "bits(0, 7, 32)|ffffffff|bits: 5 bytes at offset 0 are outside of the 4 bytes there are",
                "bits(-1, 0, 8)|ff|bits: 1 byte at offset -1 is outside of the 1 byte there are",
                "bits(0, 16, 1)|ffff|bits: 1 byte at offset 2 is outside of the 2 bytes there are",
                "bits(0, -1, 1)|ffff|bits: from bit -1, where the first is bit 0",
                "bits(0, 0, 0)|ffff|bits: a length of 0 bits, not 1 to 63",
                "bits(0, 0, 64)|ffffffffffffffff|bits: a length of 64 bits, not 1 to 63",
                "ibits(0, 0, 65)|ffffffffffffffff|ibits: a length of 65 bits, not 1 to 64",
                "ibits(0, 1, 64)|ffffffffffffffff|ibits: 9 bytes at offset 0 are outside of the 8 bytes there are",
                "bits_be(0, 7, 2)|ff|bits_be: 2 bytes at offset 0 are outside of the 1 byte there are",
                "bits_be(9223372036854775807, 9223372036854775807, 1)|ff|bits_be: 1 byte at offset 9223372036854775807 is outside of the 1 byte there are",
                "ibits_be(0, 0, 0)|ff|ibits_be: a length of 0 bits, not 1 to 64",
            })
    void refusesBitsThatAreNotThere(String call, String payload, String message) {
        assertThat(error("input." + call, payload)).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "input.slice(0, 3).hex()|010aff|\"010aff\"",
                "input.slice(1, 2).hex()|010aff|\"0a\"",
                "input.slice(3, 3).hex()|010aff|\"\"",
                "input.slice(0, 0) == b''|''|true",
                "input.slice(1, size(input))|010203|\"AgM=\"",
                "input.slice(1, 4).slice(1, 3).hex()|0001020304|\"0203\"",
                "input.hex()|00ff7f|\"00ff7f\"",
                "input.hex()|''|\"\"",
                "b'\\x01\\x02'.u16be(0)|''|258",
                "[1, 2, 3].slice(0, 2)|''|[1,2]",
            })
    void takesPartsAndText(String expression, String payload, String expected) throws Exception {
        assertThat(json(expression, payload)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0, 4", "-1, 2", "2, 1", "4, 4", "-2, -1", "0, 9223372036854775807"})
    void aPartIsNeverClamped(String from, String to) {
        assertThat(error("input.slice(" + from + ", " + to + ")", "010203"))
                .isEqualTo(
                        "slice: " + from + " to " + to + " is not a part of the 3 bytes there are");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "input.u8()",
                "input.u8('0')",
                "input.u8(0.0)",
                "'text'.u8(0)",
                "u8(input, 0)",
                "input.bit(0)",
                "input.tlv(1, {'a': 1})",
                "input.sections(1, ['a'])",
                "input.u16(0)"
            })
    void theCheckerKnowsTheTypes(String expression) {
        assertThatThrownBy(() -> json(expression, "00"))
                .isInstanceOf(TransformCompilationException.class);
    }

    @Test
    void anUnsignedNumberOf64BitsIsConvertedToCalculateWith() throws Exception {
        assertThat(json("int(input.u64be(0)) + 1", "0000000000000001")).isEqualTo("2");
        assertThat(json("double(input.u64be(0)) / 2.0", "ffffffffffffffff"))
                .isEqualTo("9223372036854776000.0");
    }

    @Test
    void readingAByteCostsTheSameInALargePayload() throws Exception {
        byte[] payload = new byte[1_000_000];
        assertThat(
                        json(
                                "lists.range(9000).map(i, input.u8(i * 100) + input.bits(i, 0, 8)).size()",
                                payload))
                .isEqualTo("9000");
        assertThat(json("lists.range(9000).map(i, input.slice(i, i + 100)).size()", payload))
                .isEqualTo("9000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lists.range(100).map(i, input.slice(0, size(input))).size()",
                "lists.range(100).map(i, input.hex()).size()",
                "lists.range(100).map(i, input.tlv(4, {0: 1}, 'last')).size()",
                "lists.range(100).map(i, input.sections(i, [1])).size()",
            })
    void whatCopiesIsPaidFor(String expression) {
        assertThat(error(expression, new byte[1_000_000])).contains("functionWork");
    }
}
