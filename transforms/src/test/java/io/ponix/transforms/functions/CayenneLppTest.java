package io.ponix.transforms.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CayenneLppTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0100ff|digital_input_1|255",
                "020101|digital_output_2|1",
                "0302ff38|analog_input_3|-2.0",
                "03030a8d|analog_output_3|27.01",
                "0564ffffffff|generic_sensor_5|4294967295",
                "0665ffff|illuminance_6|65535",
                "076602|presence_7|2",
                "016700e1|temperature_1|22.5",
                "01670110|temperature_1|27.2",
                "0167ffd7|temperature_1|-4.1",
                "01678000|temperature_1|-3276.8",
                "026865|humidity_2|50.5",
                "0268ff|humidity_2|127.5",
                "0a7327f5|barometer_10|1022.9",
                "0b74ffff|voltage_11|655.35",
                "0c750001|current_12|0.001",
                "0d76fffffffe|frequency_13|4294967294",
                "0e7864|percentage_14|100",
                "0f79fffe|altitude_15|-2",
                "107dffff|concentration_16|65535",
                "11808000|power_17|32768",
                "1282ffffffff|distance_18|4294967.295",
                "1383000004d3|energy_19|1.235",
                "14840167|direction_20|359",
                "158500000000|unix_time_21|1970-01-01T00:00:00Z",
                "1585ffffffff|unix_time_21|2106-02-07T06:28:15Z",
                "1787ff00a0|colour_23|#FF00A0",
                "198e00|switch_25|false",
                "198e02|switch_25|true",
                "ff670000|temperature_255|0.0",
            })
    void decodesEveryTypeOfOneValue(String hex, String key, String value) {
        Map<String, Object> readings = decode(hex);

        assertThat(readings).containsOnlyKeys(key);
        assertThat(readings.get(key).toString()).isEqualTo(value);
    }

    @Test
    void integersAndDoublesAreWhatTheTypeSaysWhateverTheValue() {
        assertThat(decode("01670064").get("temperature_1")).isEqualTo(10.0);
        assertThat(decode("01650064").get("illuminance_1")).isEqualTo(100L);
    }

    @Test
    void decodesTheTypesThatHoldAnObject() {
        assertThat(decode("067104d2fb2e0000"))
                .isEqualTo(Map.of("accelerometer_6", Map.of("x", 1.234, "y", -1.234, "z", 0.0)));
        assertThat(decode("0786000100ff8000"))
                .isEqualTo(Map.of("gyrometer_7", Map.of("x", 0.01, "y", 2.55, "z", -327.68)));
        assertThat(decode("018806765ff2960a0003e8"))
                .isEqualTo(
                        Map.of(
                                "gps_1",
                                Map.of(
                                        "latitude", 42.3519,
                                        "longitude", -87.9094,
                                        "altitude", 10.0)));
    }

    /**
     * The points of the tests of ElectronicCats/CayenneLPP, encoded by hand as its encoder does.
     */
    @Test
    void decodesAPolyline() {
        // {13.0001, 12.0001}, {13.0002, 12.0002} at 0.0001°.
        assertThat(decode("02f009e301fbd101d4c111"))
                .isEqualTo(Map.of("polyline_2", points(13.0001, 12.0001, 13.0002, 12.0002)));
        // {14, 78}, {14.08, 78.08} at 0.01°: the encoder puts {14.04, 78.04} between.
        assertThat(decode("01f00ae9000578001e784444"))
                .isEqualTo(Map.of("polyline_1", points(14.0, 78.0, 14.04, 78.04, 14.08, 78.08)));
    }

    @Test
    void aPolylineStepsBothWaysAndTheLowNibbleIsTheLatitude() {
        // Factor 1, from 0/0: -8 north and 7 east, then 7 north and -8 east.
        assertThat(decode("01f00a0100000000000078 87".replace(" ", "")))
                .isEqualTo(
                        Map.of("polyline_1", points(0.0, 0.0, -0.0008, 0.0007, -0.0001, -0.0001)));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0.0001", "199, 0.0199", "227, 0.0001", "228, 0.0002", "229, 0.0005", "230, 0.001",
        "231, 0.002", "232, 0.005", "233, 0.01", "234, 0.02", "235, 0.05", "236, 0.1",
        "237, 0.2", "238, 0.5", "239, 1.0"
    })
    void aPolylineCountsInItsFactor(int factor, double unit) {
        byte[] payload = {1, (byte) 240, 8, (byte) factor, 0, 0, 1, -1, -1, -1};

        assertThat(CayenneLpp.decode(payload)).isEqualTo(Map.of("polyline_1", points(unit, -unit)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 200, 226, 240, 255})
    void aReservedFactorOfAPolylineIsAnError(int factor) {
        byte[] payload = {1, (byte) 240, 8, (byte) factor, 0, 0, 1, 0, 0, 1};

        assertThatThrownBy(() -> CayenneLpp.decode(payload))
                .hasMessage(
                        "Cayenne LPP: polyline (type 240) at offset 0 has the reserved delta factor"
                                + " "
                                + factor);
    }

    @Test
    void aPolylineTooShortForItsFirstPointIsAnError() {
        assertThatThrownBy(() -> decode("01f00701000000000000"))
                .hasMessage(
                        "Cayenne LPP: polyline (type 240) at offset 0: its size byte says 7, and"
                                + " the least is 8, itself counted");
    }

    @Test
    void readingsFollowAPolylineOfAnyLength() {
        assertThat(decode("02f009e301fbd101d4c111" + "01670110"))
                .containsOnlyKeys("polyline_2", "temperature_1");
    }

    @Test
    void anEmptyPayloadHasNoReadings() {
        assertThat(CayenneLpp.decode(new byte[0])).isEmpty();
    }

    @Test
    void aLaterReadingOfTheSameKeyWinsAndKeepsThePlaceOfTheFirst() {
        Map<String, Object> readings = decode("01670110" + "026864" + "016700e1");

        assertThat(readings.keySet()).containsExactly("temperature_1", "humidity_2");
        assertThat(readings.get("temperature_1")).isEqualTo(22.5);
    }

    @Test
    void manyReadingsKeepTheirOrderAndCanBeFound() {
        byte[] payload = new byte[256 * 3];
        for (int channel = 0; channel < 256; channel++) {
            payload[3 * channel] = (byte) channel;
            payload[3 * channel + 1] = 0;
            payload[3 * channel + 2] = (byte) (255 - channel);
        }

        DecodedObject readings = CayenneLpp.decode(payload);

        assertThat(readings).hasSize(256);
        for (int channel = 0; channel < 256; channel++) {
            assertThat(readings.keyAt(channel)).isEqualTo("digital_input_" + channel);
            assertThat(readings.get("digital_input_" + channel)).isEqualTo(255L - channel);
        }
        assertThat(readings).doesNotContainKey("digital_input_256");
    }

    @Test
    void anUnknownTypeIsAnErrorThatNamesIt() {
        assertThatThrownBy(() -> decode("01670110" + "0299"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cayenne LPP: unknown type 153 at offset 5");
    }

    /** One reading of every type, cut off after every byte but those where a reading ends. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0100ff",
                "020101",
                "0302ff38",
                "03030a8d",
                "0564ffffffff",
                "0665ffff",
                "076602",
                "016700e1",
                "026865",
                "067104d2fb2e0000",
                "0a7327f5",
                "0b74ffff",
                "0c750001",
                "0d76fffffffe",
                "0e7864",
                "0f79fffe",
                "107dffff",
                "11808000",
                "1282ffffffff",
                "1383000004d3",
                "14840167",
                "158500000000",
                "0786000100ff8000",
                "1787ff00a0",
                "018806765ff2960a0003e8",
                "198e00",
                "02f009e301fbd101d4c111"
            })
    void aPayloadThatEndsEarlyIsAnErrorThatSaysWhere(String hex) {
        byte[] reading = HexFormat.of().parseHex(hex);
        byte[] payload = HexFormat.of().parseHex("01670110" + hex);
        int type = reading[1] & 0xFF;

        for (int length = 5; length < payload.length; length++) {
            byte[] cut = Arrays.copyOf(payload, length);
            assertThatThrownBy(() -> CayenneLpp.decode(cut))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching(
                            length == 5
                                    ? "Cayenne LPP: a channel without a type at offset 4"
                                    : "Cayenne LPP: [a-z_]+ \\(type "
                                            + type
                                            + "\\) at offset 4(?: needs \\d+ bytes of data, |: its"
                                            + " size byte says 9, itself counted, and )"
                                            + (length - 6)
                                            + "(?: are)? left");
        }
        assertThat(CayenneLpp.decode(payload)).hasSizeBetween(1, 2);
    }

    @Test
    void randomPayloadsGiveReadingsOrTheDecodersOwnError() {
        SplittableRandom random = new SplittableRandom(42);
        int[] types = {
            0, 1, 2, 3, 100, 101, 102, 103, 104, 113, 115, 116, 117, 118, 120, 121, 125, 128, 130,
            131, 132, 133, 134, 135, 136, 142, 240
        };
        int decoded = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] payload = new byte[random.nextInt(40)];
            random.nextBytes(payload);
            if (payload.length > 1) {
                payload[1] = (byte) types[random.nextInt(types.length)];
            }
            try {
                CayenneLpp.decode(payload);
                decoded++;
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).startsWith("Cayenne LPP: ");
            }
        }
        assertThat(decoded).isPositive();
    }

    private static Map<String, Object> decode(String hex) {
        return CayenneLpp.decode(HexFormat.of().parseHex(hex));
    }

    private static Map<String, Object> points(double... coordinates) {
        List<Object> points = new java.util.ArrayList<>();
        for (int i = 0; i < coordinates.length; i += 2) {
            points.add(Map.of("latitude", coordinates[i], "longitude", coordinates[i + 1]));
        }
        return Map.of("points", points);
    }
}
