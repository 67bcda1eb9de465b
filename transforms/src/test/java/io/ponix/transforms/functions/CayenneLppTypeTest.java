package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.transforms.TransformCompilationException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CayenneLppTypeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{188: {'name': 'soil_moisture', 'number': 'u8', 'divisor': 2}}|0667010505bc32|{\"temperature_6\":26.1,\"soil_moisture_5\":25.0}",
                "{188: {'name': 's', 'number': 'u8'}}|05bc32|{\"s_5\":50}",
                "{188: {'name': 's', 'number': 'i16le', 'divisor': 0.5}}|05bcfeff|{\"s_5\":-4.0}",
                "{188: {'name': 's', 'number': 'f32be'}}|05bc41ac0000|{\"s_5\":21.5}",
                "{188: {'name': 's', 'number': 'u64be', 'divisor': 10}}|05bc0000000000000019|{\"s_5\":2.5}",
                "{188: {'name': 's', 'size': 3}}|05bccafe01|{\"s_5\":\"yv4B\"}",
                "{188: {'name': 's', 'size': 0}}|05bc06670105|{\"s_5\":\"\",\"temperature_6\":26.1}",
                // A type of the format, otherwise.
                "{103: {'name': 't', 'number': 'u8'}, 1: {'name': 'd', 'number': 'u8'}}|01671601010b|{\"t_1\":22,\"d_1\":11}",
                "{}|06670105|{\"temperature_6\":26.1}",
                "{}, 'stop_at_unknown'|06670105 05bc32 06670105|{\"temperature_6\":26.1}",
                "{188: {'name': 's', 'number': 'u8'}}, 'stop_at_unknown'|05bc32 05bd 0101|{\"s_5\":50}",
                "{}, 'stop_at_unknown'|''|{}",
            })
    void readsTypesOfOnesOwn(String arguments, String payload, String expected) throws Exception {
        assertThat(json("cayenne_lpp_decode(input, " + arguments + ")", payload))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{188: {'name': 's', 'number': 'u16be'}}|05bc32|Cayenne LPP: s (type 188) at offset 0 needs 2 bytes of data, 1 left",
                "{188: {'name': 's', 'number': 'u8'}}|05bd32|Cayenne LPP: unknown type 189 at offset 1",
                "{}, 'stop_at_unknown'|056701|Cayenne LPP: temperature (type 103) at offset 0 needs 2 bytes of data, 1 left",
                "{188: {'name': 's', 'number': 'u8'}}|02f009e301fbd101d4c11105bc3205bd32|Cayenne LPP: unknown type 189 at offset 15",
                "{}, 'stop'|''|cayenne_lpp_decode: the third argument is \"stop_at_unknown\" or left out",
                "{256: {'name': 's', 'number': 'u8'}}|''|cayenne_lpp_decode: the table of types: a type is an int, 0 to 255",
                "{-1: {'name': 's', 'number': 'u8'}}|''|cayenne_lpp_decode: the table of types: a type is an int, 0 to 255",
                "{dyn('a'): {'name': 's', 'number': 'u8'}}|''|cayenne_lpp_decode: the table of types: a type is an int, 0 to 255",
                "{1: dyn(1)}|''|cayenne_lpp_decode: the table of types: type 1: it is no map of what it is",
                "{1: {'name': 's', 'number': 'u8', 'scale': 2}}|''|cayenne_lpp_decode: the table of types: type 1: only name, number, divisor and size can be said of it",
                "{1: {'number': 'u8'}}|''|cayenne_lpp_decode: the table of types: type 1: its name is not a string with a character in it",
                "{1: {'name': '', 'number': 'u8'}}|''|cayenne_lpp_decode: the table of types: type 1: its name is not a string with a character in it",
                "{1: {'name': 's'}}|''|cayenne_lpp_decode: the table of types: type 1: either its number or its size is needed",
                "{1: {'name': 's', 'size': 1, 'number': 'u8'}}|''|cayenne_lpp_decode: the table of types: type 1: either its number or its size is needed",
                "{1: {'name': 's', 'number': 'u9'}}|''|cayenne_lpp_decode: the table of types: type 1: its number is none: u8, i16be and the like are",
                "{1: {'name': 's', 'number': 8}}|''|cayenne_lpp_decode: the table of types: type 1: its number is none: u8, i16be and the like are",
                "{1: {'name': 's', 'size': 256}}|''|cayenne_lpp_decode: the table of types: type 1: its size is not an int, 0 to 255",
                "{1: {'name': 's', 'size': 1, 'divisor': 2}}|''|cayenne_lpp_decode: the table of types: type 1: bytes have no divisor",
                "{1: {'name': 's', 'number': 'u8', 'divisor': 0}}|''|cayenne_lpp_decode: the table of types: type 1: its divisor is not a number other than 0",
                "{1: {'name': 's', 'number': 'u8', 'divisor': '2'}}|''|cayenne_lpp_decode: the table of types: type 1: its divisor is not a number other than 0",
            })
    void refusesATableThatMeansNothing(String arguments, String payload, String message) {
        assertThat(error("cayenne_lpp_decode(input, " + arguments + ")", payload))
                .isEqualTo(message);
    }

    @Test
    void theCompilerKnowsTheTypeOfTheTable() {
        assertThatThrownBy(() -> json("cayenne_lpp_decode(input, {'a': {'name': 's'}})", ""))
                .isInstanceOf(TransformCompilationException.class)
                .hasMessageContaining("found no matching overload for 'cayenne_lpp_decode'");
    }

    @Test
    void theNamesOfReadingsArePaidFor() {
        String name = "n".repeat(10_000);
        byte[] payload = new byte[3_000];
        Arrays.fill(payload, (byte) 9);
        assertThat(
                        error(
                                "size(cayenne_lpp_decode(input, {9: {'name': '"
                                        + name
                                        + "', 'number': 'u8'}}))",
                                payload))
                .contains("functionWork");
    }
}
