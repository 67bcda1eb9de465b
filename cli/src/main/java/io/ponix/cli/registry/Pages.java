package io.ponix.cli.registry;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** What a service lists page by page. Each page is asked for when the one before has been read. */
public final class Pages<T> implements Iterator<T> {

    /** The most elements that services put on a page. */
    public static final int SIZE = 1_000;

    private final Function<String, Page<T>> service;

    private Iterator<T> elements;
    private String next = "";

    /**
     * @param service is given the token of a page; of the first, an empty one
     */
    public Pages(Function<String, Page<T>> service) {
        this.service = service;
        turn();
    }

    /**
     * A page.
     *
     * @param nextToken of the one after it; empty: it is the last
     */
    public record Page<T>(List<T> elements, String nextToken) {}

    private void turn() {
        Page<T> page = service.apply(next);
        elements = page.elements().iterator();
        next = page.nextToken();
    }

    @Override
    public boolean hasNext() {
        while (!elements.hasNext() && !next.isEmpty()) {
            turn();
        }
        return elements.hasNext();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return elements.next();
    }
}
