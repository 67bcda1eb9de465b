package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static io.ponix.transforms.functions.Expressions.jsonOfText;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.transforms.TransformException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentFunctionsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"t\":21.5,\"n\":7,\"s\":\"é\",\"b\":true,\"z\":null,\"l\":[1,[]],\"o\":{}}|{\"t\":21.5,\"n\":7,\"s\":\"é\",\"b\":true,\"z\":null,\"l\":[1,[]],\"o\":{}}",
                " [1 , 2.0, -0.5e3] |[1,2.0,-500.0]",
                "{\"a\":1,\"b\":2,\"a\":3}|{\"a\":3,\"b\":2}",
                "9223372036854775807|9223372036854775807",
                "-9223372036854775808|-9223372036854775808",
                "9223372036854775808|9223372036854775808",
                "18446744073709551615|18446744073709551615",
                "18446744073709551616|18446744073709552000.0",
                "-9223372036854775809|-9223372036854776000.0",
                "\"\\u00e9\\n\"|\"é\\n\"",
                "false|false",
            })
    void readsJsonOfBytesAndOfStrings(String document, String expected) throws Exception {
        assertThat(jsonOfText("json_decode(input)", document)).isEqualTo(expected);
        assertThat(jsonOfText("json_decode(string(input))", document)).isEqualTo(expected);
    }

    @Test
    void whatWasReadIsAValueLikeAnyOther() throws Exception {
        String document =
                "{\"readings\":[{\"name\":\"t\",\"value\":21},{\"name\":\"h\",\"value\":50.5}]}";
        assertThat(
                        jsonOfText(
                                "cel.bind(d, json_decode(input), d.readings.map(r, r.value)"
                                        + " + [d.readings[0].name, has(d.none), d.readings.size(),"
                                        + " type(d) == map, d == json_decode(input), 21.0 in d.readings.map(r, r.value)])",
                                document))
                .isEqualTo("[21,50.5,\"t\",false,2,true,true,true]");
        assertThat(
                        jsonOfText(
                                "json_decode(input).readings.transformMapEntry(i, r, {r.name: r.value})",
                                document))
                .isEqualTo("{\"t\":21,\"h\":50.5}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|json_decode: the document is empty",
                "{\"a\":1|json_decode: Unexpected end-of-input",
                "{} {}|json_decode: more follows after the document at line 1, column 4",
                "{\"a\":NaN}|json_decode: Non-standard token 'NaN' at line 1, column",
                "[+1]|json_decode: Unexpected character ('+' (code 43)) in numeric value: JSON spec does not allow numbers to have plus signs at line",
                "[1, // one|json_decode: Unexpected character ('/' (code 47)): maybe a (non-standard) comment? at line",
                "{'a':1}|json_decode: Unexpected character (''' (code 39))",
                "[1,]|json_decode: Unexpected character (']' (code 93))",
                "01|json_decode: Invalid numeric value: Leading zeroes not allowed",
                "nul|json_decode: Unrecognized token 'nul'",
            })
    void refusesWhatIsNotJson(String document, String message) {
        byte[] payload = document.getBytes(StandardCharsets.UTF_8);
        assertThat(error("json_decode(input)", payload)).startsWith(message);
        assertThat(error("json_decode(string(input))", payload)).startsWith(message);
    }

    @Test
    void saysWhereADocumentIsNotJson() {
        assertThat(error("json_decode(input)", "{\n  \"a\": ?}".getBytes(StandardCharsets.UTF_8)))
                .contains("at line 2, column 8");
        assertThat(error("json_decode(input)", "22 ff 22")).contains("UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32BE", "UTF-32LE"})
    void readsJsonInEveryUnicodeEncoding(String encoding) throws Exception {
        String document = "{\"é😀\":[1,\"\u4e2d\"]}";
        byte[] payload = document.getBytes(Charset.forName(encoding));
        assertThat(json("json_decode(input)", HexFormat.of().formatHex(payload)))
                .isEqualTo(document);
    }

    @ParameterizedTest
    @CsvSource({
        "22 c0 af 22, 1", // a slash in two bytes
        "7b 22 e0 80 af 22 3a 31 7d, 2", // and in three
        "22 61 f0 80 80 af 22, 2",
        "22 ed a0 80 22, 1", // half of a surrogate pair
        "22 61 ff 22, 2",
        "22 f4 90 80 80 22, 1", // beyond Unicode
        "22 c3, 1",
    })
    void refusesJsonThatIsNotUtf8(String hex, int offset) {
        assertThat(error("json_decode(input)", hex))
                .isEqualTo("json_decode: the document is not UTF-8, at offset " + offset);
        assertThat(error("senml_decode(input)", hex))
                .isEqualTo("senml_decode: the document is not UTF-8, at offset " + offset);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // RFC 8949, appendix A.
                "00|0",
                "1903e8|1000",
                "1b000000e8d4a51000|1000000000000",
                "1bffffffffffffffff|18446744073709551615",
                "c249010000000000000000|18446744073709552000.0",
                "3bffffffffffffffff|-18446744073709552000.0",
                "3903e7|-1000",
                "f93c00|1.0",
                "fb3ff199999999999a|1.1",
                "fa47c35000|100000.0",
                "f93e00|1.5",
                "f90001|5.960464477539063e-8",
                "f4|false",
                "f5|true",
                "f6|null",
                "f7|null",
                "c074323031332d30332d32315432303a30343a30305a|\"2013-03-21T20:04:00Z\"",
                "c11a514b67b0|\"2013-03-21T20:04:00Z\"",
                "c1fb41d452d9ec200000|\"2013-03-21T20:04:00.500Z\"",
                "c13a00000000|\"1969-12-31T23:59:59Z\"",
                "d74401020304|\"AQIDBA==\"",
                "40|\"\"",
                "4401020304|\"AQIDBA==\"",
                "6449455446|\"IETF\"",
                "80|[]",
                "8301820203820405|[1,[2,3],[4,5]]",
                "a0|{}",
                "a201020304|{\"1\":2,\"3\":4}",
                "a26161016162820203|{\"a\":1,\"b\":[2,3]}",
                "5f42010243030405ff|\"AQIDBAU=\"",
                "7f657374726561646d696e67ff|\"streaming\"",
                "9fff|[]",
                "9f018202039f0405ffff|[1,[2,3],[4,5]]",
                "bf61610161629f0203ffff|{\"a\":1,\"b\":[2,3]}",
                "d818456449455446|\"ZElFVEY=\"",
            })
    void readsCbor(String document, String expected) throws Exception {
        assertThat(json("cbor_decode(input)", document)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|cbor_decode: the document is empty",
                "0000|cbor_decode: more follows after the document at offset 1",
                "8201|cbor_decode: ",
                "44 0102|cbor_decode: ",
                "a161|cbor_decode: ",
                "9f01|cbor_decode: ",
                "9bffffffffffffffff|cbor_decode: ",
                "5bffffffffffffffff|cbor_decode: ",
                "ff|cbor_decode: ",
                "1c|cbor_decode: ",
                "61ff|cbor_decode: ",
                "c06161|cbor_decode: 'a' is tagged as a time but is not one",
                "c1fb7ff0000000000000|cbor_decode: the time Infinity seconds after 1970 is not in the years 1 to 9999",
                "c11b00ffffffffffffff|cbor_decode: the time 7.2057594037927936E16 seconds after 1970 is not in",
            })
    void refusesWhatIsNotCbor(String document, String message) {
        assertThat(error("cbor_decode(input)", document)).startsWith(message);
    }

    @Test
    void anotherNumberThanJsonHasIsAnInvalidOutput() {
        assertThatThrownBy(() -> json("cbor_decode(input)", "a16161f97e00"))
                .isInstanceOf(TransformException.class)
                .hasMessage("$.v.a: JSON has no number NaN");
    }

    @Test
    void depthIsLimited() throws Exception {
        assertThat(jsonOfText("type(json_decode(input)) == list", "[".repeat(64) + "]".repeat(64)))
                .isEqualTo("true");
        byte[] json = ("[".repeat(100_000)).getBytes(StandardCharsets.UTF_8);
        assertThat(error("json_decode(input)", json))
                .isEqualTo("json_decode: the document nests deeper than 64 levels");
        assertThat(error("cbor_decode(input)", "81".repeat(100_000)))
                .isEqualTo("cbor_decode: the document nests deeper than 64 levels");
        assertThat(error("cbor_decode(input)", "a100".repeat(100_000)))
                .isEqualTo("cbor_decode: the document nests deeper than 64 levels");
    }

    @Test
    void aDocumentIsPaidForByItsSize() throws Exception {
        byte[] large = ("[" + "1,".repeat(500_000) + "1]").getBytes(StandardCharsets.UTF_8);
        assertThat(json("json_decode(input).size()", large)).isEqualTo("500001");
        assertThat(error("json_decode(input).size() + json_decode(string(input)).size()", large))
                .contains("functionWork");
        assertThat(
                        error(
                                "cel.bind(d, json_decode(string(input.slice(0, 20000)) + '1]'),"
                                        + " cel.bind(e, json_decode(string(input.slice(0, 20000)) + '1 ]'),"
                                        + " lists.range(9000).map(i, d == e).size()))",
                                large))
                .contains("functionWork");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "json_decode(1)",
                "cbor_decode('a')",
                "senml_decode('a')",
                "input.json_decode()"
            })
    void theCheckerKnowsTheTypes(String expression) {
        assertThatThrownBy(() -> json(expression, "00"))
                .hasMessageContaining("no matching overload");
    }
}
