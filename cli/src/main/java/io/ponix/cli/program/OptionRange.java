package io.ponix.cli.program;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.Locale;

/** Refuses the value of an option that is out of its range. */
public final class OptionRange {

    private OptionRange() {}

    /**
     * Refuses a whole number below the least or above the most.
     *
     * @throws CommandException that says how the command is called rightly
     */
    public static void check(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw outOfRange(option, "%,d".formatted(value), "%,d to %,d".formatted(least, most));
        }
    }

    /**
     * Refuses a number below the least or above the most, or that is none.
     *
     * @throws CommandException that says how the command is called rightly
     */
    public static void check(String option, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw outOfRange(option, number(value), number(least) + " to " + number(most));
        }
    }

    /** As a person writes it. */
    private static String number(double value) {
        return Double.isFinite(value)
                ? new DecimalFormat(
                                "#,##0.###############",
                                DecimalFormatSymbols.getInstance(Locale.ROOT))
                        .format(value)
                : Double.toString(value);
    }

    private static CommandException outOfRange(String option, String value, String range) {
        return CommandException.calledWrongly(option + " is " + value + "; it may be " + range);
    }
}
