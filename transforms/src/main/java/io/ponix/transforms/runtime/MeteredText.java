package io.ponix.transforms.runtime;

import com.google.re2j.Pattern;
import io.ponix.transforms.budget.WorkMeter;

/**
 * A text that charges for each look at one of its characters what an expression takes there. To
 * look for the next match of {@code a[^b]*b|a} takes all of a text without a b, for each a anew:
 * nothing but the looks themselves says how much that is.
 */
final class MeteredText implements CharSequence {
    /** What a search takes, whatever it finds. */
    static final int UNITS_PER_SEARCH = 16;

    private final String text;
    private final long unitsPerCharacter;
    private final WorkMeter meter;

    MeteredText(String text, Pattern pattern, WorkMeter meter) {
        this.text = text;
        this.unitsPerCharacter = RegularExpressionSize.unitsPerCharacter(pattern);
        this.meter = meter;
    }

    @Override
    public int length() {
        return text.length();
    }

    @Override
    public char charAt(int index) {
        meter.charge(unitsPerCharacter);
        return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return text.substring(start, end);
    }

    @Override
    public String toString() {
        return text;
    }
}
