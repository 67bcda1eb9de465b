package io.ponix.transforms.functions;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;

/**
 * What was made lately of texts such as patterns, so that one which an expression has for every
 * payload is compiled once. A text has one place, by its hash, where the next one of that place
 * takes over: there is nothing to lock and nothing to grow.
 *
 * <p>Whether a text is there is a matter of luck: what it costs to compile is to be charged in any
 * case. Public for the packages of this module only. For several threads at once.
 *
 * @param <C> what a text is compiled to; immutable, or for several threads at once
 */
public final class RecentlyCompiled<C> {
    private static final int PLACES = 64;

    /** In characters: with longer ones a place would keep too much. */
    private static final int LONGEST = 1_000;

    private final Function<String, C> compiler;
    private final AtomicReferenceArray<Entry<C>> places = new AtomicReferenceArray<>(PLACES);

    private record Entry<C>(String text, C compiled) {}

    /**
     * @param compiler what it throws, {@link #get} does
     */
    public RecentlyCompiled(Function<String, C> compiler) {
        this.compiler = compiler;
    }

    /** What the text is compiled to. */
    public C get(String text) {
        int hash = text.hashCode();
        int place = (hash ^ hash >>> Short.SIZE) & PLACES - 1;
        Entry<C> entry = places.get(place);
        if (entry != null && entry.text.equals(text)) {
            return entry.compiled;
        }
        C compiled = compiler.apply(text);
        if (text.length() <= LONGEST) {
            places.set(place, new Entry<>(text, compiled));
        }
        return compiled;
    }
}
