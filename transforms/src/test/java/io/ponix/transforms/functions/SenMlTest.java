package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static io.ponix.transforms.functions.Expressions.jsonOfText;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SenMlTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // Section 5.1.1: one measurement.
                "[{\"n\":\"urn:dev:ow:10e2073a01080063\",\"u\":\"Cel\",\"v\":23.1}]|[{\"name\":\"urn:dev:ow:10e2073a01080063\",\"unit\":\"Cel\",\"value\":23.1,\"time_offset\":\"0s\"}]",
                // Section 5.1.2: base name, base time, base unit, and a unit of its own.
                "[{\"bn\":\"urn:dev:ow:10e2073a0108006:\",\"bt\":1.276020076001e+09,\"bu\":\"A\",\"bver\":5,\"n\":\"voltage\",\"u\":\"V\",\"v\":120.1},{\"n\":\"current\",\"t\":-5,\"v\":1.2}]|[{\"name\":\"urn:dev:ow:10e2073a0108006:voltage\",\"unit\":\"V\",\"value\":120.1,\"time\":\"2010-06-08T18:01:16.001Z\"},{\"name\":\"urn:dev:ow:10e2073a0108006:current\",\"unit\":\"A\",\"value\":1.2,\"time\":\"2010-06-08T18:01:11.001Z\"}]",
                // Section 5.1.4: all types of values, and a sum.
                "[{\"bn\":\"urn:dev:ow:10e2073a01080063:\",\"n\":\"temp\",\"u\":\"Cel\",\"v\":23},{\"n\":\"label\",\"vs\":\"Machine Room\"},{\"n\":\"open\",\"vb\":false},{\"n\":\"nfv-reader\",\"vd\":\"aGkgCg\"},{\"n\":\"energy\",\"s\":5}]|[{\"name\":\"urn:dev:ow:10e2073a01080063:temp\",\"unit\":\"Cel\",\"value\":23.0,\"time_offset\":\"0s\"},{\"name\":\"urn:dev:ow:10e2073a01080063:label\",\"value\":\"Machine Room\",\"time_offset\":\"0s\"},{\"name\":\"urn:dev:ow:10e2073a01080063:open\",\"value\":false,\"time_offset\":\"0s\"},{\"name\":\"urn:dev:ow:10e2073a01080063:nfv-reader\",\"value\":\"aGkgCg==\",\"time_offset\":\"0s\"},{\"name\":\"urn:dev:ow:10e2073a01080063:energy\",\"sum\":5.0,\"time_offset\":\"0s\"}]",
                // A base record is no measurement; its fields hold until others come.
                "[{\"bn\":\"a:\",\"bt\":1600000000,\"bv\":20,\"bs\":100,\"bu\":\"m\"},{\"n\":\"x\",\"v\":1.5,\"s\":2},{\"bn\":\"b:\",\"bv\":0,\"n\":\"y\",\"v\":1,\"t\":10,\"ut\":90}]|[{\"name\":\"a:x\",\"unit\":\"m\",\"value\":21.5,\"sum\":102.0,\"time\":\"2020-09-13T12:26:40Z\"},{\"name\":\"b:y\",\"unit\":\"m\",\"value\":1.0,\"sum\":100.0,\"time\":\"2020-09-13T12:26:50Z\",\"update_time\":\"90s\"}]",
                "[{\"bn\":\"a\",\"v\":1,\"t\":-0.5}]|[{\"name\":\"a\",\"value\":1.0,\"time_offset\":\"-0.500s\"}]",
                // 2^28 is the first absolute time.
                "[{\"n\":\"a\",\"v\":1,\"t\":268435456}]|[{\"name\":\"a\",\"value\":1.0,\"time\":\"1978-07-04T21:24:16Z\"}]",
                "[{\"n\":\"a\",\"v\":1,\"t\":268435455}]|[{\"name\":\"a\",\"value\":1.0,\"time_offset\":\"268435455s\"}]",
                "[{\"n\":\"a\",\"v\":1,\"unknown\":[1]}]|[{\"name\":\"a\",\"value\":1.0,\"time_offset\":\"0s\"}]",
                // A value or sum that is missing counts as zero where there is a base.
                "[{\"bn\":\"a\",\"bv\":20,\"t\":-1},{\"n\":\"b\",\"s\":1}]|[{\"name\":\"a\",\"value\":20.0,\"time_offset\":\"-1s\"},{\"name\":\"ab\",\"sum\":1.0,\"time_offset\":\"0s\"}]",
                "[{\"bs\":5},{\"n\":\"a\"}]|[{\"name\":\"a\",\"sum\":5.0,\"time_offset\":\"0s\"}]",
                "[]|[]",
            })
    void resolvesJson(String pack, String expected) throws Exception {
        assertThat(jsonOfText("senml_decode(input)", pack)).isEqualTo(expected);
    }

    @Test
    void resolvesCbor() throws Exception {
        // [{-2: "urn:", -3: 1276020076.5, 0: "v", 1: "V", 2: 120.5}, {0: "d", 6: -5, 8: h'0102'},
        //  {"n": "long", 3: "text"}]
        String pack =
                "83 a5 21 6475726e3a 22 fb41d303a15b200000 00 6176 01 6156 02 f95788"
                        + " a3 00 6164 06 24 08 420102"
                        + " a2 616e 646c6f6e67 03 6474657874";
        assertThat(json("senml_decode(input)", pack))
                .isEqualTo(
                        "[{\"name\":\"urn:v\",\"unit\":\"V\",\"value\":120.5,\"time\":\"2010-06-08T18:01:16.500Z\"},"
                                + "{\"name\":\"urn:d\",\"value\":\"AQI=\",\"time\":\"2010-06-08T18:01:11.500Z\"},"
                                + "{\"name\":\"urn:long\",\"value\":\"text\",\"time\":\"2010-06-08T18:01:16.500Z\"}]");
    }

    @Test
    void aTimeThatIsGivenMakesRelativeTimesAbsolute() throws Exception {
        String pack =
                "[{\"n\":\"a\",\"v\":1},{\"n\":\"b\",\"v\":2,\"t\":-60},{\"n\":\"c\",\"v\":3,\"t\":1600000000}]";
        assertThat(
                        jsonOfText(
                                "senml_decode(input, timestamp('2026-11-21T09:00:00Z')).map(r, r.time)",
                                pack))
                .isEqualTo(
                        "[\"2026-11-21T09:00:00Z\",\"2026-11-21T08:59:00Z\",\"2020-09-13T12:26:40Z\"]");
    }

    @Test
    void aPackBecomesAnObjectInOneLine() throws Exception {
        assertThat(
                        jsonOfText(
                                "senml_decode(input).transformMapEntry(i, r, {r.name: r.value})",
                                "[{\"n\":\"t\",\"v\":21.5},{\"n\":\"h\",\"v\":50}]"))
                .isEqualTo("{\"t\":21.5,\"h\":50.0}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|senml_decode: the document is empty",
                "{}|senml_decode: a pack is a list of records",
                "[1]|senml_decode: record 0: it is not an object",
                "[{\"n\":\"a\",\"v\":1},{\"n\":\"b\",\"v\":\"x\"}]|senml_decode: record 1: the field 'v' is not a number",
                "[{\"n\":\"a\"}]|senml_decode: record 0: it has neither a value nor a sum",
                "[{\"v\":1}]|senml_decode: record 0: it has neither a name nor a base name",
                "[{\"n\":\"a\",\"v\":1,\"vs\":\"x\"}]|senml_decode: record 0: it has more than one value",
                "[{\"n\":1,\"v\":1}]|senml_decode: record 0: the field 'n' is not a string",
                "[{\"n\":\"a\",\"v\":null}]|senml_decode: record 0: the field 'v' is not a number",
                "[{\"n\":\"a\",\"vs\":1}]|senml_decode: record 0: the field 'vs' is not a string",
                "[{\"n\":\"a\",\"vb\":1}]|senml_decode: record 0: the field 'vb' is not a boolean",
                "[{\"n\":\"a\",\"vd\":\"?\"}]|senml_decode: record 0: the field 'vd' is not base64 of the alphabet for URLs",
                "[{\"n\":\"a\",\"vd\":1}]|senml_decode: record 0: the field 'vd' holds no data",
                "[{\"bver\":11,\"n\":\"a\",\"v\":1}]|senml_decode: record 0: its version is 11, at most 10 is known",
                "[{\"n\":\"a\",\"v\":1,\"x_\":1}]|senml_decode: record 0: the field 'x_' must be understood, and is not known",
                "[{\"n\":\"a\",\"v\":1,\"t\":1e15}]|senml_decode: record 0: the time 1.0E15 seconds after 1970 is not in the years 1 to 9999 that a timestamp can have",
                "[{\"n\":\"a\",\"v\":1,\"t\":-1e15}]|senml_decode: record 0: a time of -1.0E15 seconds is out of range",
                "[{\"n\":\"a\",\"v\":1,\"ut\":1e999}]|senml_decode: record 0: a time of Infinity seconds is out of range",
                "[|senml_decode: Unexpected end-of-input",
            })
    void refusesWhatIsNotAPack(String pack, String message) {
        assertThat(error("senml_decode(input)", pack.getBytes(StandardCharsets.UTF_8)))
                .startsWith(message);
    }
}
