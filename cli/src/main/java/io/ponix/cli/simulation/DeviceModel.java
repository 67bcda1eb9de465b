package io.ponix.cli.simulation;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.DeflaterOutputStream;

/**
 * The kinds of device a simulation has: what each measures, as curves over the time of day that
 * differ a little from device to device, and the transform that its payloads want.
 */
enum DeviceModel {
    CLIMATE_SENSOR("Climate sensor", "cayenne_lpp_decode(input)") {
        @Override
        byte[] reading(int device, Instant at) {
            SplittableRandom noise = noise(device, at);
            double day = daily(at, 9);
            return new CayenneLppWriter()
                    .temperature(1, 19 + offset(device, 4) + 5 * day + gauss(noise, 0.2))
                    .humidity(1, 55 + offset(device, 12) - 12 * day + gauss(noise, 1))
                    .barometer(1, 1013 + offset(device, 6) + 3 * yearly(at) + gauss(noise, 0.3))
                    .analogInput(2, 3.6 - 0.4 * wear(device) + gauss(noise, 0.01))
                    .toByteArray();
        }
    },
    ASSET_TRACKER(
            "Asset tracker",
            """
            {
              "position": cayenne_lpp_decode(input)["gps_1"],
              "temperature": cayenne_lpp_decode(input)["temperature_1"],
              "battery_volts": cayenne_lpp_decode(input)["voltage_1"]
            }""") {
        @Override
        byte[] reading(int device, Instant at) {
            SplittableRandom noise = noise(device, at);
            // A round trip of 40 minutes about a depot of its own.
            double angle = 2 * Math.PI * ((at.getEpochSecond() % 2400) / 2400.0 + wear(device));
            return new CayenneLppWriter()
                    .gps(
                            1,
                            47.3769 + offset(device, 1.5) + 0.02 * Math.sin(angle),
                            8.5417 + offset(device * 31, 1.5) + 0.03 * Math.cos(angle),
                            430 + 25 * Math.sin(3 * angle) + gauss(noise, 1))
                    .temperature(1, 14 + 8 * daily(at, 9) + gauss(noise, 0.3))
                    .voltage(1, 4.1 - 0.6 * wear(device) + gauss(noise, 0.01))
                    .toByteArray();
        }
    },
    ENERGY_METER("Energy meter", "cayenne_lpp_decode(input)") {
        @Override
        byte[] reading(int device, Instant at) {
            SplittableRandom noise = noise(device, at);
            double volts = 230 + gauss(noise, 1.5);
            double watts =
                    Math.max(
                            40, 900 + offset(device, 500) + 700 * daily(at, 12) + gauss(noise, 60));
            return new CayenneLppWriter()
                    .voltage(1, volts)
                    .current(1, watts / volts)
                    .power(1, watts)
                    .energy(
                            1,
                            at.getEpochSecond()
                                    % 100_000_000
                                    / 3600.0
                                    * (0.9 + offset(device, 0.4)))
                    .toByteArray();
        }
    },
    AIR_QUALITY_SENSOR(
            "Air quality sensor",
            """
            {
              "co2_ppm": cayenne_lpp_decode(input)["concentration_1"],
              "temperature": cayenne_lpp_decode(input)["temperature_1"],
              "humidity": cayenne_lpp_decode(input)["humidity_1"],
              "lux": cayenne_lpp_decode(input)["illuminance_1"],
              "f_port": f_port
            }""") {
        @Override
        byte[] reading(int device, Instant at) {
            SplittableRandom noise = noise(device, at);
            double day = daily(at, 8);
            return new CayenneLppWriter()
                    .concentration(1, 620 + offset(device, 120) + 260 * day + gauss(noise, 15))
                    .temperature(1, 21 + offset(device, 2) + 1.5 * day + gauss(noise, 0.1))
                    .humidity(1, 44 + offset(device, 8) + gauss(noise, 0.8))
                    .illuminance(1, Math.max(0, 380 * day + 120 + gauss(noise, 20)))
                    .toByteArray();
        }
    },
    /** Reads every half minute, and sends every other time: that reading and the one before. */
    WATER_METER(
            "Water meter",
            """
            lists.range(size(input) / 6).map(i, {
              "occurred_at": timestamp(int(occurred_at) - 30 * i),
              "litres": input.u32be(6 * i),
              "litres_per_hour": input.u16be(6 * i + 4)
            })""",
            2) {
        @Override
        byte[] reading(int device, Instant at) {
            ByteBuffer payload = ByteBuffer.allocate(6 * rows());
            for (int row = 0; row < rows(); row++) {
                Instant read = at.minusSeconds(30L * row);
                double litresPerHour =
                        Math.max(
                                0,
                                60
                                        + offset(device, 60)
                                        + 50 * daily(read, 7)
                                        + gauss(noise(device, read), 8));
                // A counter goes up whatever the flow: by about 90 litres an hour.
                payload.putInt((int) (read.getEpochSecond() % 1_000_000_000 / 40))
                        .putShort((short) Math.round(litresPerHour));
            }
            return payload.array();
        }
    },
    /** Samples every second, and sends a thousand of them, oldest first, compressed. */
    POWER_QUALITY_LOGGER(
            "Power quality logger",
            """
            cel.bind(block, inflate(input), lists.range(size(block) / 4).map(i, {
              "occurred_at": timestamp(int(occurred_at) - 999 + i),
              "volts": double(block.u16be(4 * i)) / 100.0,
              "hertz": double(block.u16be(4 * i + 2)) / 1000.0
            }))""",
            1_000) {
        @Override
        byte[] reading(int device, Instant at) {
            SplittableRandom noise = noise(device, at);
            double day = daily(at, 12);
            ByteBuffer block = ByteBuffer.allocate(4 * rows());
            for (int row = 0; row < rows(); row++) {
                block.putShort((short) Math.round(100 * (230 - 3 * day + gauss(noise, 0.4))))
                        .putShort((short) Math.round(1000 * (50 + gauss(noise, 0.01))));
            }
            return deflated(block.array());
        }
    };

    /** The models whose envelopes are a row each. */
    static final List<DeviceModel> SENSORS =
            List.of(CLIMATE_SENSOR, ASSET_TRACKER, ENERGY_METER, AIR_QUALITY_SENSOR);

    private static final int SECONDS_A_DAY = 86_400;

    private final String label;
    private final String transform;
    private final int rows;

    DeviceModel(String label, String transform) {
        this(label, transform, 1);
    }

    DeviceModel(String label, String transform, int rows) {
        this.label = label;
        this.transform = transform;
        this.rows = rows;
    }

    /** The name its devices carry, for instance {@code Climate sensor}. */
    String label() {
        return label;
    }

    /** The CEL expression that turns its payloads into JSON. */
    String transform() {
        return transform;
    }

    /** How many rows each of its payloads becomes, at least 1. */
    int rows() {
        return rows;
    }

    /**
     * The payload that a device sends at a moment: the same for the same device and moment.
     *
     * @param device the device's number in the simulation, from 0
     */
    abstract byte[] reading(int device, Instant at);

    private static SplittableRandom noise(int device, Instant at) {
        return new SplittableRandom(31L * device + at.toEpochMilli());
    }

    /** Between -1 and 1, lowest six hours before the hour (UTC) given. */
    private static double daily(Instant at, int risingHour) {
        double second =
                at.atOffset(ZoneOffset.UTC).toLocalTime().toSecondOfDay() - 3600.0 * risingHour;
        return Math.sin(2 * Math.PI * second / SECONDS_A_DAY);
    }

    private static double yearly(Instant at) {
        return Math.sin(2 * Math.PI * at.atOffset(ZoneOffset.UTC).getDayOfYear() / 365.0);
    }

    /** What one device differs from another, between -range/2 and range/2. */
    private static double offset(int device, double range) {
        return (wear(device) - 0.5) * range;
    }

    /** Between 0 and 1, fixed for a device. */
    private static double wear(int device) {
        return new SplittableRandom(device).nextDouble();
    }

    private static byte[] deflated(byte[] bytes) {
        ByteArrayOutputStream deflated = new ByteArrayOutputStream(bytes.length);
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(deflated)) {
            deflater.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("A ByteArrayOutputStream takes everything", e);
        }
        return deflated.toByteArray();
    }

    /** About a normal distribution, by the sum of four uniform ones. */
    private static double gauss(SplittableRandom random, double deviation) {
        double sum =
                random.nextDouble()
                        + random.nextDouble()
                        + random.nextDouble()
                        + random.nextDouble();
        return (sum - 2) * Math.sqrt(3) * deviation;
    }
}
