package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.transforms.TransformCompilationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaggedValuesTest {
    /** Shows a map(int, bytes), whose keys JSON cannot have, as a list. */
    private static final String SHOWN = ".transformList(k, v, string(k) + '=' + v.hex())";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tlv(1, {1: 2, 2: 1})|01 00e1 02 32|[\"1=00e1\",\"2=32\"]",
                "tlv(1, {1: 2, 2: 1})|02 32 01 00e1|[\"2=32\",\"1=00e1\"]",
                "tlv(2, {0x0367: 2, 0x0468: 1})|0367 3401 0468 65|[\"871=3401\",\"1128=65\"]",
                "tlv(3, {0x010203: 1})|010203 ff|[\"66051=ff\"]",
                "tlv(4, {0xffffffff: 1})|ffffffff 01|[\"4294967295=01\"]",
                "tlv(1, {1: 0, 2: 1})|01 02 07|[\"1=\",\"2=07\"]",
                "tlv(1, {1: 1})|''|[]",
                "tlv(1, {})|0102|[]",
                // Whatever follows an unknown tag is left alone.
                "tlv(1, {1: 1})|01 05 09 01 06|[\"1=05\"]",
                "tlv(1, {1: 1})|09|[]",
                "tlv(1, {1: 1}, 'last')|01 05 01 06|[\"1=06\"]",
                "tlv(1, {1: 1, 2: 1}, 'first')|01 05 02 09 01 06|[\"1=05\",\"2=09\"]",
                "ltv(1, 1)|03 01 00e1 02 02 32|[\"1=00e1\",\"2=32\"]",
                "ltv(2, 1)|0003 01 00e1|[\"1=00e1\"]",
                "ltv(1, 2)|03 0102 ff|[\"258=ff\"]",
                "ltv(4, 4)|00000005 00000001 ff|[\"1=ff\"]",
                "ltv(1, 1)|01 07|[\"7=\"]",
                "ltv(1, 1)|''|[]",
                "ltv(1, 1, 'last')|02 01 05 02 01 06|[\"1=06\"]",
                "ltv(1, 1, 'first')|02 01 05 02 01 06|[\"1=05\"]",
                "sections(5, [1, 2, 3])|0a 010203|[\"0=0a\",\"2=010203\"]",
                "sections(0, [1, 2])|''|[]",
                "sections(0, [])|01|[]",
                "sections(2, [1, 0])|''|[\"1=\"]",
                // Bits without a size, and bytes after the last section.
                "sections(0xff, [1])|0102|[\"0=01\"]",
                "sections(9223372036854775807, [1, 1])|0102|[\"0=01\",\"1=02\"]",
            })
    void takesPayloadsApart(String call, String payload, String expected) throws Exception {
        assertThat(json("input." + call + SHOWN, payload)).isEqualTo(expected);
    }

    private static final String LISTED = ".map(r, string(r.tag) + '=' + r.value.hex())";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tlv_list(1, {1: 2, 2: 1})|01 00e1 02 32 01 0007|[\"1=00e1\",\"2=32\",\"1=0007\"]",
                "tlv_list(1, {1: 1})|01 05 09 01 06|[\"1=05\"]",
                "tlv_list(1, {1: 0})|01 01 01|[\"1=\",\"1=\",\"1=\"]",
                "tlv_list(2, {0x0367: 2})|''|[]",
                "ltv_list(1, 1)|02 01 05 02 01 06|[\"1=05\",\"1=06\"]",
                "ltv_list(2, 2)|0002 0001|[\"1=\"]",
                "ltv_list(1, 1)|''|[]",
                // With a length of one's own: a length byte after the tag, which belongs to the
                // value.
                "tlv_list(1, tag, at, 1 + input.u8(at))|01 02 aabb 02 00 01 01 cc|[\"1=02aabb\",\"2=00\",\"1=01cc\"]",
                "tlv_list(1, tag, at, tag == 9 ? optional.none() : optional.of(tag))|01 aa 02 bbcc 09 dd|[\"1=aa\",\"2=bbcc\"]",
                "tlv_list(1, tag, at, {1: 1, 2: input.u8(at)}[?tag])|01 aa 02 02 cc 09 dd|[\"1=aa\",\"2=02cc\"]",
                "tlv_list(1, tag, at, 0)|''|[]",
                "tlv_list(4, t, a, 0)|ffffffff 00000001|[\"4294967295=\",\"1=\"]",
                "slice(1, 5).tlv_list(1, t, a, 1)|09 0105 0206|[\"1=05\",\"2=06\"]",
                "tlv_list(1, t, a, input.slice(a, a + 1).tlv_list(1, t, a, 0).size())|01 aa 02 bb|[\"1=aa\",\"2=bb\"]",
                // Milesight VS360: byte 6 of a record, 2 and 6 with its time, says whether it has
                // totals.
                "tlv_list(2, tag, at, input.u8(at + 4) == 1 ? 13 : 9)|20ce7b3af164000b00040020ceff3df16401070002001d000800|[\"8398=7b3af164000b000400\",\"8398=ff3df16401070002001d000800\"]",
            })
    void listsTagsThatRepeat(String call, String payload, String expected) throws Exception {
        assertThat(json("input." + call + LISTED, payload)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tlv(1, {1: 1})|01 05 01 06|tlv: tag 0x01 comes twice, again at offset 2: write tlv_list for a list of all values, or tlv(tagSize, table, \"last\") for the last value of each tag",
                "ltv(1, 1)|02 01 05 02 01 06|ltv: tag 0x01 comes twice, again at offset 4: write ltv_list for a list of all values, or ltv(lengthSize, tagSize, \"last\") for the last value of each tag",
                "tlv(1, {1: 1}, 'all')|01 05|tlv: of a tag that comes twice the \"first\" or the \"last\" value counts, and no other text says so",
                "ltv(1, 1, '')|01 05|ltv: of a tag that comes twice the \"first\" or the \"last\" value counts, and no other text says so",
                "tlv_list(1, {1: 2})|01 00|tlv_list: the value of tag 0x01 takes 2 bytes at offset 1, outside of the 2 bytes there are",
                "tlv_list(0, {1: 2})|01 00|tlv_list: tagSize is 0, not 1 to 4",
                "tlv_list(5, t, a, 1)|01 00|tlv_list: tagSize is 5, not 1 to 4",
                "tlv_list(2, t, a, 1)|01 00 02 03|tlv_list: 2 bytes at offset 3 are outside of the 4 bytes there are",
                "tlv_list(1, t, a, 2)|01 00|tlv_list: the value of tag 0x01 takes 2 bytes at offset 1, outside of the 2 bytes there are",
                "tlv_list(1, t, a, -1)|01 00|tlv_list: the length of the value of tag 0x01 at offset 1 is -1",
                "tlv_list(1, t, a, input.u8(9))|01 00|u8: 1 byte at offset 9 is outside of the 2 bytes there are",
                "ltv_list(1, 1)|00|ltv_list: the length at offset 0 is 0, less than the tagSize of 1 byte that it counts",
                "ltv_list(1, 1)|03 01 00|ltv_list: the value of tag 0x01 takes 2 bytes at offset 2, outside of the 3 bytes there are",
            })
    void refusesWhatRepeatsUnasked(String call, String payload, String message) {
        assertThat(error("input." + call, payload)).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tlv_list(1, 't', a, 1)|tlv_list: a simple name is needed here",
                "tlv_list(1, t, t, 1)|tlv_list: the name 't' is there twice",
                "tlv_list(1, t, a, 'x')|tlv_list: the length of a value is an int, or an optional int",
                "tlv_list('1', t, a, 1)|tlv_list is called on bytes, and its tagSize is an int",
            })
    void theCompilerKnowsTheTypesOfTheMacro(String call, String message) {
        assertThatThrownBy(() -> json("input." + call, ""))
                .isInstanceOf(TransformCompilationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatIsListedIsPaidFor() {
        assertThat(
                        error(
                                "lists.range(100).map(i, input.tlv_list(1, {0: 0}).size())",
                                new byte[100_000]))
                .contains("functionWork");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tlv(1, {1: 2})|01 00|tlv: the value of tag 0x01 takes 2 bytes at offset 1, outside of the 2 bytes there are",
                "tlv(1, {1: 2})|01|tlv: the value of tag 0x01 takes 2 bytes at offset 1, outside of the 1 byte there are",
                "tlv(2, {0x0367: 2})|0367 0100 03|tlv: 2 bytes at offset 4 are outside of the 5 bytes there are",
                "tlv(2, {0x0367: 9223372036854775807})|0367 01|tlv: the value of tag 0x0367 takes 9223372036854775807 bytes at offset 2, outside of the 3 bytes there are",
                "tlv(1, {0x0367: 2})|01|tlv: tag 0x0367 of the table does not fit into a tagSize of 1 byte",
                "tlv(1, {-1: 2})|01|tlv: tag -1 of the table does not fit into a tagSize of 1 byte",
                "tlv(1, {1: -2})|02|tlv: tag 0x01 of the table has the length -2",
                "tlv(1, {dyn('a'): dyn(1)})|02|tlv: the table maps a tag, an int, to the length of its value, an int",
                "tlv(1, {1: dyn(1.0)})|01|tlv: the table maps a tag, an int, to the length of its value, an int",
                "tlv(0, {1: 2})|01|tlv: tagSize is 0, not 1 to 4",
                "tlv(5, {1: 2})|01|tlv: tagSize is 5, not 1 to 4",
                "ltv(1, 1)|03 01 00|ltv: the value of tag 0x01 takes 2 bytes at offset 2, outside of the 3 bytes there are",
                "ltv(1, 1)|03|ltv: 1 byte at offset 1 is outside of the 1 byte there are",
                "ltv(2, 1)|00|ltv: 2 bytes at offset 0 are outside of the 1 byte there are",
                "ltv(1, 2)|02 01|ltv: 2 bytes at offset 1 are outside of the 2 bytes there are",
                "ltv(1, 1)|00|ltv: the length at offset 0 is 0, less than the tagSize of 1 byte that it counts",
                "ltv(1, 2)|01 0102|ltv: the length at offset 0 is 1, less than the tagSize of 2 bytes that it counts",
                "ltv(4, 1)|ffffffff 01|ltv: the value of tag 0x01 takes 4294967294 bytes at offset 5, outside of the 5 bytes there are",
                "ltv(0, 1)|01|ltv: lengthSize is 0, not 1 to 4",
                "ltv(1, 5)|01|ltv: tagSize is 5, not 1 to 4",
                "sections(3, [1, 4])|01 020304|sections: section 1 takes 4 bytes at offset 1, outside of the 4 bytes there are",
                "sections(1, [9223372036854775807])|01|sections: section 0 takes 9223372036854775807 bytes at offset 0, outside of the 1 byte there are",
                "sections(1, [-1])|01|sections: the size of section 0 is -1",
                "sections(-1, [1])|01|sections: the flags are -1, at least 0 needed",
                "sections(1, [dyn('a')])|01|sections: a size is an int",
            })
    void refusesWhatIsTruncatedOrMeansNothing(String call, String payload, String message) {
        assertThat(error("input." + call, payload)).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{?'temperature': t[?0x0367].optMap(v, double(v.i16le(0)) / 10.0), ?'humidity': t[?0x0468].optMap(v, v.u8(0))}|0367 3401|{\"temperature\":30.8}",
                "t[0x0367].hex()|0367 3401|\"3401\"",
                "0x0468 in t ? 9 : size(t)|0367 3401|1",
                "t == {0x0367: b'\\x34\\x01'}|0367 3401|true",
            })
    void aValueIsOptional(String expression, String payload, String expected) throws Exception {
        assertThat(
                        json(
                                "cel.bind(t, input.tlv(2, {0x0367: 2, 0x0468: 1}), "
                                        + expression
                                        + ")",
                                payload))
                .isEqualTo(expected);
    }
}
