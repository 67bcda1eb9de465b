package io.ponix.transforms.functions;

import java.util.Arrays;

/**
 * What a value information field of M-Bus (EN 13757-3, chapter 6.4) says of a value.
 *
 * @param name of the quantity
 * @param unit of the value that comes out; empty if it has none
 * @param kind what becomes of the number that a meter sends
 * @param exponent of ten, by which a {@link Kind#SCALED} number is to be multiplied
 * @param factor by which a {@link Kind#COUNT} is to be multiplied, at least 1
 */
record MBusQuantity(String name, String unit, Kind kind, int exponent, long factor) {

    /** What becomes of the number that a meter sends. */
    enum Kind {
        /** A double: so a quantity keeps its type whatever power of ten a meter sends it in. */
        SCALED,

        /** An int, signed. */
        COUNT,

        /** An int without a sign: flags, identifications, versions. */
        CODE,

        /** A timestamp. */
        DATE
    }

    private static final int CODES = 128;

    private static final int SECONDS_PER_MINUTE = 60;
    private static final int SECONDS_PER_HOUR = 3_600;
    private static final int SECONDS_PER_DAY = 86_400;
    private static final long[] SECONDS = {
        1, SECONDS_PER_MINUTE, SECONDS_PER_HOUR, SECONDS_PER_DAY
    };

    private static final MBusQuantity RESERVED = code("reserved");

    static final MBusQuantity MANUFACTURER_SPECIFIC = count("manufacturer_specific", "");

    /** By the code of a primary field, without its highest bit. */
    private static final MBusQuantity[] PRIMARY = table();

    /** By the code that follows FB. */
    private static final MBusQuantity[] AFTER_FB = table();

    /** By the code that follows FD. */
    private static final MBusQuantity[] AFTER_FD = table();

    static {
        scaled(PRIMARY, 0x00, 8, "energy", "Wh", -3);
        scaled(PRIMARY, 0x08, 8, "energy", "J", 0);
        scaled(PRIMARY, 0x10, 8, "volume", "m3", -6);
        scaled(PRIMARY, 0x18, 8, "mass", "kg", -3);
        durations(PRIMARY, 0x20, "on_time");
        durations(PRIMARY, 0x24, "operating_time");
        scaled(PRIMARY, 0x28, 8, "power", "W", -3);
        scaled(PRIMARY, 0x30, 8, "power", "J/h", 0);
        scaled(PRIMARY, 0x38, 8, "volume_flow", "m3/h", -6);
        scaled(PRIMARY, 0x40, 8, "volume_flow", "m3/min", -7);
        scaled(PRIMARY, 0x48, 8, "volume_flow", "m3/s", -9);
        scaled(PRIMARY, 0x50, 8, "mass_flow", "kg/h", -3);
        scaled(PRIMARY, 0x58, 4, "flow_temperature", "°C", -3);
        scaled(PRIMARY, 0x5c, 4, "return_temperature", "°C", -3);
        scaled(PRIMARY, 0x60, 4, "temperature_difference", "K", -3);
        scaled(PRIMARY, 0x64, 4, "external_temperature", "°C", -3);
        scaled(PRIMARY, 0x68, 4, "pressure", "bar", -3);
        PRIMARY[0x6c] = date("date");
        PRIMARY[0x6d] = date("date_time");
        PRIMARY[0x6e] = count("heat_cost_allocation", "");
        durations(PRIMARY, 0x70, "averaging_duration");
        durations(PRIMARY, 0x74, "actuality_duration");
        PRIMARY[0x78] = code("fabrication_number");
        PRIMARY[0x79] = code("identification");
        PRIMARY[0x7a] = code("address");
        PRIMARY[0x7e] = count("any", "");
        PRIMARY[0x7f] = MANUFACTURER_SPECIFIC;

        scaled(AFTER_FB, 0x00, 2, "energy", "Wh", 5);
        scaled(AFTER_FB, 0x02, 2, "reactive_energy", "varh", 3);
        scaled(AFTER_FB, 0x04, 2, "apparent_energy", "VAh", 3);
        scaled(AFTER_FB, 0x08, 2, "energy", "J", 8);
        scaled(AFTER_FB, 0x0c, 4, "energy", "cal", 5);
        scaled(AFTER_FB, 0x10, 2, "volume", "m3", 2);
        scaled(AFTER_FB, 0x14, 4, "reactive_power", "var", 0);
        scaled(AFTER_FB, 0x18, 2, "mass", "kg", 5);
        scaled(AFTER_FB, 0x1a, 2, "relative_humidity", "%", -1);
        scaled(AFTER_FB, 0x20, 1, "volume", "ft3", 0);
        scaled(AFTER_FB, 0x21, 1, "volume", "ft3", -1);
        scaled(AFTER_FB, 0x22, 2, "volume", "gal", -1);
        scaled(AFTER_FB, 0x24, 1, "volume_flow", "gal/min", -3);
        scaled(AFTER_FB, 0x25, 1, "volume_flow", "gal/min", 0);
        scaled(AFTER_FB, 0x26, 1, "volume_flow", "gal/h", 0);
        scaled(AFTER_FB, 0x28, 2, "power", "W", 5);
        scaled(AFTER_FB, 0x2a, 1, "phase_voltage_to_voltage", "°", -1);
        scaled(AFTER_FB, 0x2b, 1, "phase_voltage_to_current", "°", -1);
        scaled(AFTER_FB, 0x2c, 4, "frequency", "Hz", -3);
        scaled(AFTER_FB, 0x30, 2, "power", "J/h", 8);
        scaled(AFTER_FB, 0x34, 4, "apparent_power", "VA", 0);
        scaled(AFTER_FB, 0x58, 4, "flow_temperature", "°F", -3);
        scaled(AFTER_FB, 0x5c, 4, "return_temperature", "°F", -3);
        scaled(AFTER_FB, 0x60, 4, "temperature_difference", "°F", -3);
        scaled(AFTER_FB, 0x64, 4, "external_temperature", "°F", -3);
        scaled(AFTER_FB, 0x70, 4, "temperature_limit", "°F", -3);
        scaled(AFTER_FB, 0x74, 4, "temperature_limit", "°C", -3);
        scaled(AFTER_FB, 0x78, 8, "cumulative_maximum_power", "W", -3);

        scaled(AFTER_FD, 0x00, 4, "credit", "", -3);
        scaled(AFTER_FD, 0x04, 4, "debit", "", -3);
        codes(
                AFTER_FD,
                0x08,
                "access_number",
                "medium",
                "manufacturer",
                "parameter_set",
                "model_version",
                "hardware_version",
                "firmware_version",
                "software_version",
                "customer_location",
                "customer",
                "access_code_user",
                "access_code_operator",
                "access_code_system_operator",
                "access_code_developer",
                "password",
                "error_flags",
                "error_mask",
                "security_key",
                "digital_output",
                "digital_input");
        AFTER_FD[0x1c] = count("baud_rate", "Bd");
        AFTER_FD[0x1d] = count("response_delay", "bit times");
        AFTER_FD[0x1e] = count("retry", "");
        AFTER_FD[0x1f] = code("remote_control");
        AFTER_FD[0x20] = count("first_storage", "");
        AFTER_FD[0x21] = count("last_storage", "");
        AFTER_FD[0x22] = count("storage_block_size", "");
        durations(AFTER_FD, 0x24, "storage_interval");
        AFTER_FD[0x28] = count("storage_interval", "month");
        AFTER_FD[0x29] = count("storage_interval", "year");
        AFTER_FD[0x2a] = code("operator_specific");
        AFTER_FD[0x2b] = count("time_point_second", "s");
        durations(AFTER_FD, 0x2c, "duration_since_last_readout");
        AFTER_FD[0x30] = date("tariff_start");
        for (int i = 1; i < SECONDS.length; i++) {
            AFTER_FD[0x30 + i] =
                    new MBusQuantity("tariff_duration", "s", Kind.COUNT, 0, SECONDS[i]);
        }
        durations(AFTER_FD, 0x34, "tariff_period");
        AFTER_FD[0x38] = count("tariff_period", "month");
        AFTER_FD[0x39] = count("tariff_period", "year");
        AFTER_FD[0x3a] = count("dimensionless", "");
        AFTER_FD[0x3b] = code("wireless_container");
        durations(AFTER_FD, 0x3c, "transmission_period");
        scaled(AFTER_FD, 0x40, 16, "voltage", "V", -9);
        scaled(AFTER_FD, 0x50, 16, "current", "A", -12);
        AFTER_FD[0x60] = count("reset_counter", "");
        AFTER_FD[0x61] = count("cumulation_counter", "");
        codes(
                AFTER_FD,
                0x62,
                "control_signal",
                "day_of_week",
                "week_number",
                "time_of_day_change",
                "parameter_activation",
                "supplier_information");
        longDurations(0x68, "duration_since_last_cumulation");
        longDurations(0x6c, "battery_operating_time");
        AFTER_FD[0x70] = date("battery_change");
        AFTER_FD[0x71] = count("rf_level", "dBm");
        AFTER_FD[0x72] = code("daylight_saving");
        AFTER_FD[0x73] = code("listening_window");
        AFTER_FD[0x74] = count("remaining_battery_life", "day");
        AFTER_FD[0x75] = count("stops", "");
        AFTER_FD[0x76] = code("manufacturer_container");
    }

    static MBusQuantity primary(int code) {
        return PRIMARY[code & CODES - 1];
    }

    static MBusQuantity afterFb(int code) {
        return AFTER_FB[code & CODES - 1];
    }

    static MBusQuantity afterFd(int code) {
        return AFTER_FD[code & CODES - 1];
    }

    /** What a meter names with a text of its own, which tells the unit. */
    static MBusQuantity plainText(String unit) {
        return new MBusQuantity("plain_text", unit, Kind.SCALED, 0, 1);
    }

    /** The time at which something happened to this quantity. */
    MBusQuantity asDate() {
        return new MBusQuantity(name, "", Kind.DATE, 0, 1);
    }

    /**
     * How long something happened to this quantity.
     *
     * @param unit 0 to 3: sent in seconds, minutes, hours or days
     */
    MBusQuantity asDuration(int unit) {
        return new MBusQuantity(name, "s", Kind.COUNT, 0, SECONDS[unit]);
    }

    /** How often something happened to this quantity. */
    MBusQuantity asCount() {
        return count(name, "");
    }

    /** The same in other powers of ten; only what is scaled has them. */
    MBusQuantity times(int powerOfTen) {
        return kind == Kind.DATE
                ? this
                : new MBusQuantity(name, unit, Kind.SCALED, exponent + powerOfTen, factor);
    }

    private static MBusQuantity[] table() {
        MBusQuantity[] table = new MBusQuantity[CODES];
        Arrays.fill(table, RESERVED);
        return table;
    }

    private static void scaled(
            MBusQuantity[] table, int first, int count, String name, String unit, int exponent) {
        for (int i = 0; i < count; i++) {
            table[first + i] = new MBusQuantity(name, unit, Kind.SCALED, exponent + i, 1);
        }
    }

    private static void durations(MBusQuantity[] table, int first, String name) {
        for (int i = 0; i < SECONDS.length; i++) {
            table[first + i] = new MBusQuantity(name, "s", Kind.COUNT, 0, SECONDS[i]);
        }
    }

    /** In hours, days, months and years. */
    private static void longDurations(int first, String name) {
        AFTER_FD[first] = new MBusQuantity(name, "s", Kind.COUNT, 0, SECONDS_PER_HOUR);
        AFTER_FD[first + 1] = new MBusQuantity(name, "s", Kind.COUNT, 0, SECONDS_PER_DAY);
        AFTER_FD[first + 2] = count(name, "month");
        AFTER_FD[first + 3] = count(name, "year");
    }

    private static void codes(MBusQuantity[] table, int first, String... names) {
        for (int i = 0; i < names.length; i++) {
            table[first + i] = code(names[i]);
        }
    }

    private static MBusQuantity count(String name, String unit) {
        return new MBusQuantity(name, unit, Kind.COUNT, 0, 1);
    }

    private static MBusQuantity code(String name) {
        return new MBusQuantity(name, "", Kind.CODE, 0, 1);
    }

    private static MBusQuantity date(String name) {
        return new MBusQuantity(name, "", Kind.DATE, 0, 1);
    }
}
