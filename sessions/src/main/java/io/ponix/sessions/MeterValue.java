package io.ponix.sessions;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;

/**
 * A value that was measured. What a message leaves out is what OCPP has as its default.
 *
 * @param time when it was measured
 * @param measurand what was measured, such as {@value #IMPORT_REGISTER}, the default
 * @param context why it was measured then, such as {@value #BEGIN}; the default is {@value
 *     #PERIODIC}
 * @param location where, such as {@value #OUTLET}, the default
 * @param phase of which phase, such as {@code L1} or {@code L1-N}; empty: of all together
 * @param value of at most 15 digits before the point; kept with 9 behind it, as far as there are
 * @param unit such as {@code kWh}; the default is {@value #WATT_HOURS} for energy, and empty for
 *     all else
 * @param multiplier the power of ten that the value is to be multiplied by
 */
public record MeterValue(
        Instant time,
        String measurand,
        String context,
        String location,
        String phase,
        BigDecimal value,
        String unit,
        int multiplier) {

    /** The energy that was ever delivered. */
    public static final String IMPORT_REGISTER = "Energy.Active.Import.Register";

    /** The context of a value at the start of a session. */
    public static final String BEGIN = "Transaction.Begin";

    /** The context of a value at the end of a session. */
    public static final String END = "Transaction.End";

    /** The context of a value of every so often within a session. */
    public static final String PERIODIC = "Sample.Periodic";

    /** The context of a value at a time of the clock, whatever sessions there are. */
    public static final String CLOCK = "Sample.Clock";

    /** Where a vehicle is connected. */
    public static final String OUTLET = "Outlet";

    /** The unit of energy, 1 Wh = 3,600 J. */
    public static final String WATT_HOURS = "Wh";

    private static final String ENERGY = "Energy.";
    private static final int MOST_DIGITS = 15;
    private static final int DECIMALS = 9;

    /** An order of all that may be said, for what has no other. */
    static final Comparator<MeterValue> BY_CONTENT =
            Comparator.comparing(MeterValue::time)
                    .thenComparing(MeterValue::measurand)
                    .thenComparing(MeterValue::context)
                    .thenComparing(MeterValue::location)
                    .thenComparing(MeterValue::phase)
                    .thenComparing(MeterValue::value)
                    .thenComparing(MeterValue::unit)
                    .thenComparing(MeterValue::multiplier);

    /**
     * Checks what it is made of, and brings the value to its shortest form.
     *
     * @throws IllegalArgumentException when the value is out of range
     */
    public MeterValue {
        Objects.requireNonNull(time, "time");
        measurand = orElse(measurand, IMPORT_REGISTER);
        context = orElse(context, PERIODIC);
        location = orElse(location, OUTLET);
        phase = orElse(phase, "");
        unit = orElse(unit, measurand.startsWith(ENERGY) ? WATT_HOURS : "");
        // Before anything is computed: 1E+999999999 has as many digits.
        if ((long) value.precision() - value.scale() > MOST_DIGITS) {
            throw new IllegalArgumentException(
                    "a value of more than " + MOST_DIGITS + " digits before the point");
        }
        value = shortest(value.scale() > DECIMALS ? rounded(value) : value);
    }

    /** Programs write a float as a double: 17.299999237060547. */
    private static BigDecimal rounded(BigDecimal value) {
        return (long) value.precision() - value.scale() < -DECIMALS
                ? BigDecimal.ZERO
                : value.setScale(DECIMALS, RoundingMode.HALF_EVEN);
    }

    private static BigDecimal shortest(BigDecimal value) {
        BigDecimal stripped = value.stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    private static String orElse(String text, String otherwise) {
        return text == null || text.isEmpty() ? otherwise : text;
    }

    /** A register of the energy delivered, in Wh. */
    public static MeterValue register(Instant time, String context, long wattHours) {
        return new MeterValue(
                time, null, context, null, null, BigDecimal.valueOf(wattHours), null, 0);
    }
}
