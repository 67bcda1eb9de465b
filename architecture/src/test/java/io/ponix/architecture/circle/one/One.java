package io.ponix.architecture.circle.one;

import io.ponix.architecture.circle.other.Other;

/** A circle on purpose: {@link Other} depends on this. */
public final class One {

    public static final String PURPOSE = "A_WORD_NOT_TO_BE_MENTIONED";

    public Other[] others() {
        return new Other[0];
    }
}
