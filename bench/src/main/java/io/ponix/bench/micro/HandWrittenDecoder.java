package io.ponix.bench.micro;

import java.nio.charset.StandardCharsets;

/**
 * What somebody would write by hand for just the readings of {@link SampleEnvelope}: from the
 * payload's bytes to JSON's bytes in one pass, without a value in between. The measure of what an
 * expression costs.
 */
final class HandWrittenDecoder {

    private static final int ANALOG_INPUT = 2;
    private static final int TEMPERATURE = 103;
    private static final int HUMIDITY = 104;
    private static final int BAROMETER = 115;

    private final byte[] json = new byte[512];
    private int length;

    /**
     * Decodes a payload; returns how many bytes of {@link #json()} it made.
     *
     * @throws IllegalArgumentException for a type of reading that it does not know
     */
    int decode(byte[] bytes, int offset, int count) {
        length = 0;
        int at = offset;
        int end = offset + count;
        char separator = '{';
        while (at < end) {
            json[length++] = (byte) separator;
            separator = ',';
            int channel = bytes[at] & 0xff;
            int type = bytes[at + 1] & 0xff;
            at += 2;
            switch (type) {
                case TEMPERATURE -> {
                    reading("temperature_", channel, signed16(bytes, at), 10);
                    at += 2;
                }
                case HUMIDITY -> {
                    reading("humidity_", channel, 5L * (bytes[at] & 0xff), 10);
                    at++;
                }
                case BAROMETER -> {
                    reading("barometer_", channel, signed16(bytes, at) & 0xffff, 10);
                    at += 2;
                }
                case ANALOG_INPUT -> {
                    reading("analog_input_", channel, signed16(bytes, at), 100);
                    at += 2;
                }
                default -> throw new IllegalArgumentException("type " + type);
            }
        }
        json[length++] = '}';
        return length;
    }

    byte[] json() {
        return json;
    }

    @Override
    public String toString() {
        return new String(json, 0, length, StandardCharsets.UTF_8);
    }

    private static int signed16(byte[] bytes, int at) {
        return bytes[at] << 8 | bytes[at + 1] & 0xff;
    }

    private void reading(String name, int channel, long value, int scale) {
        json[length++] = '"';
        for (int i = 0; i < name.length(); i++) {
            json[length++] = (byte) name.charAt(i);
        }
        number(channel);
        json[length++] = '"';
        json[length++] = ':';
        long magnitude = value;
        if (value < 0) {
            json[length++] = '-';
            magnitude = -value;
        }
        number(magnitude / scale);
        json[length++] = '.';
        long fraction = magnitude % scale;
        if (scale == 100) {
            json[length++] = (byte) ('0' + fraction / 10);
            if (fraction % 10 != 0) {
                json[length++] = (byte) ('0' + fraction % 10);
            }
        } else {
            json[length++] = (byte) ('0' + fraction);
        }
    }

    private void number(long value) {
        if (value >= 10) {
            number(value / 10);
        }
        json[length++] = (byte) ('0' + value % 10);
    }
}
