package io.ponix.cli.simulation;

import java.io.ByteArrayOutputStream;

/**
 * Writes readings in the Cayenne Low Power Payload format: per reading a channel, a type and a
 * big-endian value, as a LoRaWAN device would send them. Values outside a type's range are clamped,
 * as a sensor would.
 */
final class CayenneLppWriter {

    private static final int ANALOG_INPUT = 2;
    private static final int ILLUMINANCE = 101;
    private static final int TEMPERATURE = 103;
    private static final int HUMIDITY = 104;
    private static final int BAROMETER = 115;
    private static final int VOLTAGE = 116;
    private static final int CURRENT = 117;
    private static final int CONCENTRATION = 125;
    private static final int POWER = 128;
    private static final int ENERGY = 131;
    private static final int GPS = 136;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(32);

    /** Resolution 0.01, signed. */
    CayenneLppWriter analogInput(int channel, double value) {
        return reading(
                channel, ANALOG_INPUT, 2, clamp(value * 100, Short.MIN_VALUE, Short.MAX_VALUE));
    }

    /** Lux, 0 to 65,535. */
    CayenneLppWriter illuminance(int channel, double lux) {
        return reading(channel, ILLUMINANCE, 2, clamp(lux, 0, 0xFFFF));
    }

    /** Degrees Celsius, resolution 0.1. */
    CayenneLppWriter temperature(int channel, double celsius) {
        return reading(
                channel, TEMPERATURE, 2, clamp(celsius * 10, Short.MIN_VALUE, Short.MAX_VALUE));
    }

    /** Percent, resolution 0.5. */
    CayenneLppWriter humidity(int channel, double percent) {
        return reading(channel, HUMIDITY, 1, clamp(percent * 2, 0, 200));
    }

    /** Hectopascals, resolution 0.1. */
    CayenneLppWriter barometer(int channel, double hectopascals) {
        return reading(channel, BAROMETER, 2, clamp(hectopascals * 10, 0, 0xFFFF));
    }

    /** Volts, resolution 0.01. */
    CayenneLppWriter voltage(int channel, double volts) {
        return reading(channel, VOLTAGE, 2, clamp(volts * 100, 0, 0xFFFF));
    }

    /** Amperes, resolution 0.001. */
    CayenneLppWriter current(int channel, double amperes) {
        return reading(channel, CURRENT, 2, clamp(amperes * 1000, 0, 0xFFFF));
    }

    /** Parts per million, 0 to 65,535. */
    CayenneLppWriter concentration(int channel, double partsPerMillion) {
        return reading(channel, CONCENTRATION, 2, clamp(partsPerMillion, 0, 0xFFFF));
    }

    /** Watts, 0 to 65,535. */
    CayenneLppWriter power(int channel, double watts) {
        return reading(channel, POWER, 2, clamp(watts, 0, 0xFFFF));
    }

    /** Kilowatt-hours, resolution 0.001. */
    CayenneLppWriter energy(int channel, double kilowattHours) {
        return reading(channel, ENERGY, 4, clamp(kilowattHours * 1000, 0, 0xFFFF_FFFFL));
    }

    /** Degrees with a resolution of 0.0001, metres with one of 0.01. */
    CayenneLppWriter gps(int channel, double latitude, double longitude, double altitude) {
        reading(channel, GPS, 3, clamp(latitude * 10_000, -0x80_0000, 0x7F_FFFF));
        bigEndian(3, clamp(longitude * 10_000, -0x80_0000, 0x7F_FFFF));
        bigEndian(3, clamp(altitude * 100, -0x80_0000, 0x7F_FFFF));
        return this;
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }

    private CayenneLppWriter reading(int channel, int type, int width, long value) {
        bytes.write(channel);
        bytes.write(type);
        bigEndian(width, value);
        return this;
    }

    private void bigEndian(int width, long value) {
        for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
            bytes.write((int) (value >>> shift));
        }
    }

    private static long clamp(double value, long lowest, long highest) {
        return Math.max(lowest, Math.min(highest, Math.round(value)));
    }
}
