package io.ponix.cli.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformInput;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeviceModelTest {

    private static final Instant NOON = Instant.parse("2026-07-01T12:00:00Z");

    @ParameterizedTest
    @EnumSource(DeviceModel.class)
    void everyReadingOfADayIsDecodedByTheModelsOwnTransform(DeviceModel model) throws Exception {
        for (int hour = 0; hour < 24; hour++) {
            JsonNode json = decode(model, 7, NOON.plusSeconds(3600L * hour));
            assertThat(json.isObject()).isTrue();
            assertThat(json.size()).isGreaterThanOrEqualTo(3);
            json.forEach(value -> assertThat(value.isNull()).isFalse());
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

    private static JsonNode decode(DeviceModel model, int device, Instant at) throws Exception {
        byte[] payload = model.reading(device, at);
        JsonBuffer json = new JsonBuffer();
        TransformCompiler.create()
                .compile(model.transform())
                .evaluate(new TransformInput().setPayload(payload).setFPort(1), json);
        return new ObjectMapper().readTree(json.array(), 0, json.length());
    }
}
