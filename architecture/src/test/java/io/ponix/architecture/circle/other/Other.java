package io.ponix.architecture.circle.other;

import io.ponix.architecture.Marked;
import io.ponix.architecture.ModuleRules;
import io.ponix.architecture.circle.one.One;

/** A circle on purpose: {@link One} depends on this. */
@Marked
public final class Other {

    public One one(ModuleRules rules) {
        rules.packagesMakeNoCircle();
        return new One();
    }
}
