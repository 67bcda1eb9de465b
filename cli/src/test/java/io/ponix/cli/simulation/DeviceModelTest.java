package io.ponix.cli.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformInput;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeviceModelTest {

    private static final Instant NOON = Instant.parse("2026-07-01T12:00:00Z");

    @ParameterizedTest
    @EnumSource(DeviceModel.class)
    void everyReadingOfADayIsDecodedByTheModelsOwnTransform(DeviceModel model) throws Exception {
        for (int hour = 0; hour < 24; hour++) {
            List<JsonNode> rows = rows(model, 7, NOON.plusSeconds(3600L * hour));
            assertThat(rows).hasSize(model.rows());
            for (JsonNode json : rows) {
                assertThat(json.isObject()).isTrue();
                assertThat(json.size()).isGreaterThanOrEqualTo(2);
                json.forEach(value -> assertThat(value.isNull()).isFalse());
            }
        }
    }

    @Test
    void aWaterMeterSendsTwoReadingsEachAtItsTime() throws Exception {
        JsonBuffer json = evaluate(DeviceModel.WATER_METER, 4, NOON);

        assertThat(json.rowTime(0)).isEqualTo(NOON);
        assertThat(json.rowTime(1)).isEqualTo(NOON.minusSeconds(30));
        List<JsonNode> rows = rows(DeviceModel.WATER_METER, 4, NOON);
        assertThat(rows.get(0).path("litres").asLong())
                .as("half a minute later")
                .isGreaterThanOrEqualTo(rows.get(1).path("litres").asLong());
        assertThat(rows.get(0).path("litres_per_hour").asInt()).isBetween(0, 200);
    }

    @Test
    void aPowerQualityLoggerSendsASampleOfEachOfAThousandSeconds() throws Exception {
        byte[] payload = DeviceModel.POWER_QUALITY_LOGGER.reading(0, NOON);
        JsonBuffer json = evaluate(DeviceModel.POWER_QUALITY_LOGGER, 0, NOON);

        assertThat(payload.length).as("compressed").isLessThan(4_000);
        for (int row = 0; row < 1_000; row++) {
            assertThat(json.rowTime(row)).isEqualTo(NOON.minusSeconds(999L - row));
        }
        for (JsonNode sample : rows(DeviceModel.POWER_QUALITY_LOGGER, 0, NOON)) {
            assertThat(sample.path("volts").asDouble()).isBetween(220.0, 240.0);
            assertThat(sample.path("hertz").asDouble()).isBetween(49.9, 50.1);
        }
    }

    @Test
    void aClimateSensorMeasuresWhatARoomHas() throws Exception {
        JsonNode json = decode(DeviceModel.CLIMATE_SENSOR, 0, NOON);

        assertThat(json.path("temperature_1").asDouble()).isBetween(5.0, 35.0);
        assertThat(json.path("humidity_1").asDouble()).isBetween(10.0, 100.0);
        assertThat(json.path("barometer_1").asDouble()).isBetween(980.0, 1050.0);
    }

    @Test
    void aTrackerMovesAndStaysNearItsDepot() throws Exception {
        JsonNode before = decode(DeviceModel.ASSET_TRACKER, 1, NOON).path("position");
        JsonNode after =
                decode(DeviceModel.ASSET_TRACKER, 1, NOON.plusSeconds(600)).path("position");

        assertThat(after.path("latitude").asDouble())
                .isNotEqualTo(before.path("latitude").asDouble());
        assertThat(after.path("latitude").asDouble() - before.path("latitude").asDouble())
                .isBetween(-0.05, 0.05);
    }

    @Test
    void theSameDeviceAndMomentGiveTheSamePayload() {
        assertThat(Arrays.stream(DeviceModel.values()).map(model -> model.reading(3, NOON)))
                .containsExactlyElementsOf(
                        Arrays.stream(DeviceModel.values())
                                .map(model -> model.reading(3, NOON))
                                .toList());
    }

    /** The only row. */
    private static JsonNode decode(DeviceModel model, int device, Instant at) throws Exception {
        return rows(model, device, at).get(0);
    }

    private static List<JsonNode> rows(DeviceModel model, int device, Instant at) throws Exception {
        JsonBuffer json = evaluate(model, device, at);
        List<JsonNode> rows = new ArrayList<>();
        for (int row = 0; row < json.rowCount(); row++) {
            rows.add(new ObjectMapper().readTree(json.rowText(row)));
        }
        return rows;
    }

    private static JsonBuffer evaluate(DeviceModel model, int device, Instant at) throws Exception {
        JsonBuffer json = new JsonBuffer();
        TransformCompiler.create()
                .compile(model.transform())
                .evaluate(
                        new TransformInput()
                                .setPayload(model.reading(device, at))
                                .setFPort(1)
                                .setOccurredAt(at.getEpochSecond(), at.getNano()),
                        json);
        return json;
    }
}
