package io.ponix.transforms.functions;

import java.util.List;

/**
 * What the extensions of a value information field of M-Bus say (EN 13757-3, tables of combinable
 * codes): some change the quantity, the others are told by their names.
 */
final class MBusQualifier {
    private static final int FIRST_CORRECTION = 0x70;
    private static final int LAST_CORRECTION = 0x77;
    private static final int LEAST_CORRECTION = -6;
    private static final int TIMES_THOUSAND = 0x7d;
    private static final int POWER_OF_THOUSAND = 3;

    private static final int START_OF = 0x39;
    private static final int LOWER_LIMIT_EXCEEDED = 0x41;
    private static final int UPPER_LIMIT_EXCEEDED = 0x49;

    /** Names of what follows FC. */
    private static final List<String> EXTENDED =
            List.of(
                    "",
                    "phase_1",
                    "phase_2",
                    "phase_3",
                    "neutral",
                    "phases_1_2",
                    "phases_2_3",
                    "phases_3_1",
                    "quadrant_1",
                    "quadrant_2",
                    "quadrant_3",
                    "quadrant_4",
                    "import_minus_export");

    private MBusQualifier() {}

    /** What a code, without its highest bit, makes of a quantity. */
    static MBusQuantity apply(int code, MBusQuantity quantity) {
        if (code >= FIRST_CORRECTION && code <= LAST_CORRECTION) {
            return quantity.times(LEAST_CORRECTION + code - FIRST_CORRECTION);
        } else if (code == TIMES_THOUSAND) {
            return quantity.times(POWER_OF_THOUSAND);
        } else if (code == LOWER_LIMIT_EXCEEDED || code == UPPER_LIMIT_EXCEEDED) {
            return quantity.asCount();
        } else if (isDate(code)) {
            return quantity.asDate();
        } else if (code >= 0x50 && code <= 0x67) {
            return quantity.asDuration(code & 0x3);
        }
        return quantity;
    }

    private static boolean isDate(int code) {
        return code == START_OF
                || code >= 0x40 && code <= 0x4f && (code & 0x2) != 0
                || code >= 0x68 && code <= 0x6f && (code & 0x2) != 0;
    }

    /** The name of a code, without its highest bit; empty if it is all in the value. */
    static String name(int code) {
        if (code >= FIRST_CORRECTION && code <= LAST_CORRECTION || code == TIMES_THOUSAND) {
            return "";
        } else if (code >= 0x40 && code <= 0x5f) {
            return limitName(code);
        } else if (code >= 0x60 && code <= 0x67) {
            return (code >= 0x64 ? "last" : "first") + "_duration";
        } else if (code >= 0x68 && code <= 0x6f && (code & 0x2) != 0) {
            return (code >= 0x6e ? "last_" : "first_") + ((code & 0x1) == 0 ? "begin" : "end");
        }
        return switch (code) {
            case 0x00 -> "";
            case 0x12 -> "average";
            case 0x13 -> "inverse_compact_profile";
            case 0x14 -> "relative_deviation";
            case 0x15 -> "no_data_available";
            case 0x16 -> "data_overflow";
            case 0x17 -> "data_underflow";
            case 0x18 -> "data_error";
            case 0x1c -> "premature_end";
            case 0x1d -> "standard_conform";
            case 0x1e -> "compact_profile_with_registers";
            case 0x1f -> "compact_profile";
            case 0x20 -> "per_second";
            case 0x21 -> "per_minute";
            case 0x22 -> "per_hour";
            case 0x23 -> "per_day";
            case 0x24 -> "per_week";
            case 0x25 -> "per_month";
            case 0x26 -> "per_year";
            case 0x27 -> "per_revolution";
            case 0x28 -> "increment_per_input_pulse_0";
            case 0x29 -> "increment_per_input_pulse_1";
            case 0x2a -> "increment_per_output_pulse_0";
            case 0x2b -> "increment_per_output_pulse_1";
            case 0x2c -> "per_litre";
            case 0x2d -> "per_m3";
            case 0x2e -> "per_kg";
            case 0x2f -> "per_kelvin";
            case 0x30 -> "per_kwh";
            case 0x31 -> "per_gj";
            case 0x32 -> "per_kw";
            case 0x33 -> "per_kelvin_litre";
            case 0x34 -> "per_volt";
            case 0x35 -> "per_ampere";
            case 0x36 -> "times_second";
            case 0x37 -> "times_second_per_volt";
            case 0x38 -> "times_second_per_ampere";
            case START_OF -> "start";
            case 0x3a -> "uncorrected";
            case 0x3b -> "forward";
            case 0x3c -> "backward";
            case 0x3d -> "non_metric";
            case 0x3e -> "base_conditions";
            case 0x3f -> "obis";
            case 0x68 -> "while_below_lower_limit";
            case 0x69 -> "leakage";
            case 0x6c -> "while_above_upper_limit";
            case 0x6d -> "overflow";
            case 0x78, 0x79, 0x7a, 0x7b -> "additive_correction";
            case 0x7e -> "future";
            default -> String.format("vife_%02x", code);
        };
    }

    private static String limitName(int code) {
        String limit = (code & 0x8) == 0 ? "lower_limit" : "upper_limit";
        String which = (code & 0x4) == 0 ? "_first" : "_last";
        if (code >= 0x50) {
            return limit + which + "_duration";
        } else if ((code & 0x2) != 0) {
            return limit + which + ((code & 0x1) == 0 ? "_begin" : "_end");
        }
        return (code & 0x4) != 0
                ? String.format("vife_%02x", code)
                : limit + ((code & 0x1) == 0 ? "" : "_exceeded");
    }

    /** The name of a code that follows FC. */
    static String extendedName(int code) {
        return code > 0 && code < EXTENDED.size()
                ? EXTENDED.get(code)
                : String.format("vife_fc%02x", code);
    }
}
