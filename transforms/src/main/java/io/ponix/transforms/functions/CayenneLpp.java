package io.ponix.transforms.functions;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Decodes the Cayenne Low Power Payload: a sequence of readings, each a channel (1 byte), a type (1
 * byte) and the type's data (big-endian).
 *
 * <p>Types, sizes and scales are those of the format as myDevices published it and as the library
 * ElectronicCats/CayenneLPP extended it. A scaled reading is an integer over a power of ten; one
 * correctly rounded division gives the double nearest to that decimal, whose shortest form is the
 * decimal itself: 27.2, never 27.200000000000003.
 */
public final class CayenneLpp {
    private static final int HEADER_BYTES = 2;

    /** No offset. */
    private static final int NONE = -1;

    /** Size byte, factor, latitude (3) and longitude (3): the point a polyline starts at. */
    private static final int POLYLINE_HEADER_BYTES = 8;

    /** Indexed by type; null where the format defines none. */
    private static final Type[] TYPES = new Type[256];

    static {
        for (Type type : Type.values()) {
            TYPES[type.code] = type;
        }
    }

    private CayenneLpp() {}

    /**
     * Decodes a whole payload.
     *
     * @return the readings under {@code <name>_<channel>}, in the order in which a key first
     *     appears; a later reading of the same key replaces the value; empty for an empty payload
     * @throws IllegalArgumentException if a type is unknown or the data ends early; the message
     *     names the offset and the type
     */
    public static DecodedObject decode(byte[] payload) {
        return decode(payload, Map.of(), false);
    }

    /**
     * Decodes a payload with types that the format does not have.
     *
     * @param own by code; where the format has the type, too, these count
     * @param stopsAtUnknown whether the readings end where a type is unknown, instead of in an
     *     error
     * @return as {@link #decode(byte[])} does
     * @throws IllegalArgumentException as {@link #decode(byte[])} does
     */
    static DecodedObject decode(
            byte[] payload, Map<Integer, CayenneLppType> own, boolean stopsAtUnknown) {
        DecodedObject readings = new DecodedObject(Math.min(8, payload.length / 3 + 1));
        int offset = 0;
        int polyline = NONE;
        while (offset < payload.length) {
            if (payload.length - offset < HEADER_BYTES) {
                throw new IllegalArgumentException(
                        "Cayenne LPP: a channel without a type at offset "
                                + offset
                                + behind(polyline));
            }
            int channel = payload[offset] & 0xFF;
            CayenneLppType ownType = own.isEmpty() ? null : own.get(payload[offset + 1] & 0xFF);
            if (ownType != null) {
                int data = offset + HEADER_BYTES;
                int available = payload.length - data;
                if (available < ownType.size()) {
                    throw truncated(
                            ownType.name(),
                            payload[offset + 1] & 0xFF,
                            offset,
                            ownType.size(),
                            available,
                            behind(polyline));
                }
                readings.set(ownType.key(channel), ownType.value(payload, data));
                polyline = NONE;
                offset = data + ownType.size();
                continue;
            }
            Type type = TYPES[payload[offset + 1] & 0xFF];
            if (type == null && stopsAtUnknown) {
                break;
            }
            if (type == null) {
                throw new IllegalArgumentException(
                        "Cayenne LPP: unknown type "
                                + (payload[offset + 1] & 0xFF)
                                + " at offset "
                                + (offset + 1)
                                + behind(polyline));
            }
            int data = offset + HEADER_BYTES;
            int available = payload.length - data;
            if (available < type.bytes) {
                throw truncated(
                        type.keyPrefix, type.code, offset, type.bytes, available, behind(polyline));
            }
            int bytes =
                    type == Type.POLYLINE
                            ? polylineBytes(payload, offset, data, available)
                            : type.bytes;
            readings.set(type.key(channel), value(type, payload, data, bytes));
            polyline = type == Type.POLYLINE ? offset : NONE;
            offset = data + bytes;
        }
        return readings;
    }

    /** A polyline is as long as it says: what is wrong behind it may be its size byte. */
    private static String behind(int polyline) {
        return polyline == NONE
                ? ""
                : ", where the polyline at offset " + polyline + " ends by its size byte";
    }

    private static Object value(Type type, byte[] payload, int data, int bytes) {
        switch (type) {
            case DIGITAL_INPUT:
            case DIGITAL_OUTPUT:
            case PRESENCE:
            case PERCENTAGE:
                return (long) unsigned8(payload, data);
            case ANALOG_INPUT:
            case ANALOG_OUTPUT:
                return signed16(payload, data) / 100.0;
            case GENERIC_SENSOR:
            case FREQUENCY:
                return unsigned32(payload, data);
            case ILLUMINANCE:
            case CONCENTRATION:
            case POWER:
            case DIRECTION:
                return (long) unsigned16(payload, data);
            case TEMPERATURE:
                return signed16(payload, data) / 10.0;
            case HUMIDITY:
                return unsigned8(payload, data) / 2.0;
            case ACCELEROMETER:
                return axes(payload, data, 1000.0);
            case BAROMETER:
                return unsigned16(payload, data) / 10.0;
            case VOLTAGE:
                return unsigned16(payload, data) / 100.0;
            case CURRENT:
                return unsigned16(payload, data) / 1000.0;
            case ALTITUDE:
                return (long) signed16(payload, data);
            case DISTANCE:
            case ENERGY:
                return unsigned32(payload, data) / 1000.0;
            case UNIX_TIME:
                return Instant.ofEpochSecond(unsigned32(payload, data)).toString();
            case GYROMETER:
                return axes(payload, data, 100.0);
            case COLOUR:
                return colour(payload, data);
            case GPS:
                return position(payload, data);
            case SWITCH:
                return payload[data] != 0;
            case POLYLINE:
                return polyline(payload, data, bytes);
        }
        throw new AssertionError(type);
    }

    private static DecodedObject axes(byte[] payload, int data, double divisor) {
        DecodedObject axes = new DecodedObject(3);
        axes.set("x", signed16(payload, data) / divisor);
        axes.set("y", signed16(payload, data + 2) / divisor);
        axes.set("z", signed16(payload, data + 4) / divisor);
        return axes;
    }

    private static DecodedObject position(byte[] payload, int data) {
        DecodedObject position = new DecodedObject(3);
        position.set("latitude", signed24(payload, data) / 10_000.0);
        position.set("longitude", signed24(payload, data + 3) / 10_000.0);
        position.set("altitude", signed24(payload, data + 6) / 100.0);
        return position;
    }

    private static String colour(byte[] payload, int data) {
        char[] text = new char[7];
        text[0] = '#';
        for (int i = 0; i < 3; i++) {
            int component = payload[data + i];
            text[1 + 2 * i] = hexDigit(component >> 4);
            text[2 + 2 * i] = hexDigit(component);
        }
        return new String(text);
    }

    private static char hexDigit(int nibble) {
        return "0123456789ABCDEF".charAt(nibble & 0xF);
    }

    /**
     * The size of a polyline's data, from its first byte, which counts itself.
     *
     * @throws IllegalArgumentException if the size or the factor is one the encoding does not have
     */
    private static int polylineBytes(byte[] payload, int offset, int data, int available) {
        int bytes = unsigned8(payload, data);
        if (bytes < POLYLINE_HEADER_BYTES) {
            throw new IllegalArgumentException(
                    "Cayenne LPP: polyline (type 240) at offset "
                            + offset
                            + ": its size byte says "
                            + bytes
                            + ", and the least is "
                            + POLYLINE_HEADER_BYTES
                            + ", itself counted");
        }
        if (available < bytes) {
            throw new IllegalArgumentException(
                    "Cayenne LPP: polyline (type 240) at offset "
                            + offset
                            + ": its size byte says "
                            + bytes
                            + ", itself counted, and "
                            + available
                            + " are left");
        }
        int factor = unsigned8(payload, data + 1);
        if (polylineUnit(factor) == 0) {
            throw new IllegalArgumentException(
                    "Cayenne LPP: polyline (type 240) at offset "
                            + offset
                            + " has the reserved delta factor "
                            + factor);
        }
        return bytes;
    }

    /**
     * A polyline is a first point and then one byte per further point: the step in latitude in the
     * low nibble and in longitude in the high nibble, both signed. Everything is counted in units
     * of factor × 0.0001°.
     */
    private static DecodedObject polyline(byte[] payload, int data, int bytes) {
        int unit = polylineUnit(unsigned8(payload, data + 1));
        long latitude = signed24(payload, data + 2);
        long longitude = signed24(payload, data + 5);
        List<Object> points = new ArrayList<>(bytes - POLYLINE_HEADER_BYTES + 1);
        points.add(point(latitude * unit, longitude * unit));
        for (int i = data + POLYLINE_HEADER_BYTES; i < data + bytes; i++) {
            latitude += (byte) (payload[i] << 4) >> 4;
            longitude += payload[i] >> 4;
            points.add(point(latitude * unit, longitude * unit));
        }
        DecodedObject polyline = new DecodedObject(1);
        polyline.set("points", points);
        return polyline;
    }

    private static DecodedObject point(long latitude, long longitude) {
        DecodedObject point = new DecodedObject(2);
        point.set("latitude", latitude / 10_000.0);
        point.set("longitude", longitude / 10_000.0);
        return point;
    }

    /**
     * The unit of a polyline in 0.0001°: a factor of 1 to 199 is the unit itself, 227 to 239 stand
     * for 1, 2, 5, 10, ... 10,000, and the rest is reserved, for which this returns 0.
     */
    private static int polylineUnit(int factor) {
        if (factor < 200) {
            return factor;
        }
        if (factor < 227 || factor > 239) {
            return 0;
        }
        int[] steps = {1, 2, 5};
        int unit = steps[(factor - 227) % 3];
        for (int i = 0; i < (factor - 227) / 3; i++) {
            unit *= 10;
        }
        return unit;
    }

    private static IllegalArgumentException truncated(
            String name, int code, int offset, int needed, int available, String behind) {
        return new IllegalArgumentException(
                "Cayenne LPP: "
                        + name
                        + " (type "
                        + code
                        + ") at offset "
                        + offset
                        + " needs "
                        + needed
                        + " bytes of data, "
                        + available
                        + " left"
                        + behind);
    }

    private static int unsigned8(byte[] payload, int at) {
        return payload[at] & 0xFF;
    }

    private static int unsigned16(byte[] payload, int at) {
        return (payload[at] & 0xFF) << 8 | (payload[at + 1] & 0xFF);
    }

    private static int signed16(byte[] payload, int at) {
        return (short) unsigned16(payload, at);
    }

    private static int signed24(byte[] payload, int at) {
        return payload[at] << 16 | unsigned16(payload, at + 1);
    }

    private static long unsigned32(byte[] payload, int at) {
        return (long) unsigned16(payload, at) << 16 | unsigned16(payload, at + 2);
    }

    private enum Type {
        DIGITAL_INPUT(0, 1, "digital_input"),
        DIGITAL_OUTPUT(1, 1, "digital_output"),
        ANALOG_INPUT(2, 2, "analog_input"),
        ANALOG_OUTPUT(3, 2, "analog_output"),
        GENERIC_SENSOR(100, 4, "generic_sensor"),
        ILLUMINANCE(101, 2, "illuminance"),
        PRESENCE(102, 1, "presence"),
        TEMPERATURE(103, 2, "temperature"),
        HUMIDITY(104, 1, "humidity"),
        ACCELEROMETER(113, 6, "accelerometer"),
        BAROMETER(115, 2, "barometer"),
        VOLTAGE(116, 2, "voltage"),
        CURRENT(117, 2, "current"),
        FREQUENCY(118, 4, "frequency"),
        PERCENTAGE(120, 1, "percentage"),
        ALTITUDE(121, 2, "altitude"),
        CONCENTRATION(125, 2, "concentration"),
        POWER(128, 2, "power"),
        DISTANCE(130, 4, "distance"),
        ENERGY(131, 4, "energy"),
        DIRECTION(132, 2, "direction"),
        UNIX_TIME(133, 4, "unix_time"),
        GYROMETER(134, 6, "gyrometer"),
        COLOUR(135, 3, "colour"),
        GPS(136, 9, "gps"),
        SWITCH(142, 1, "switch"),
        POLYLINE(240, POLYLINE_HEADER_BYTES, "polyline");

        private final int code;

        /** The size of the data; of a polyline the least size. */
        private final int bytes;

        private final String keyPrefix;

        /** The 256 keys, made once instead of per reading. */
        private final String[] keys = new String[256];

        Type(int code, int bytes, String keyPrefix) {
            this.code = code;
            this.bytes = bytes;
            this.keyPrefix = keyPrefix;
            for (int channel = 0; channel < keys.length; channel++) {
                keys[channel] = keyPrefix + "_" + channel;
            }
        }

        String key(int channel) {
            return keys[channel];
        }
    }
}
