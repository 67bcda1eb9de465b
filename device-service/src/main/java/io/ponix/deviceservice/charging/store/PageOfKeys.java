package io.ponix.deviceservice.charging.store;

import com.google.protobuf.Message;
import io.ponix.deviceservice.request.Paging;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;

/**
 * A page of a list while it is read: it is full when it has as many elements as were asked for, or
 * the next would make it longer than {@link Paging#LONGEST_PAGE}.
 *
 * @param <M> an element
 */
public final class PageOfKeys<M extends Message> {

    private final int size;
    private final Function<M, KeyPlace> place;
    private final List<M> messages = new ArrayList<>();
    private long bytes;
    private String nextPageToken = "";

    /**
     * An empty page.
     *
     * @param size the most elements
     * @param place of an element in the list
     */
    public PageOfKeys(int size, Function<M, KeyPlace> place) {
        this.size = size;
        this.place = place;
    }

    /** How many elements to look for: one more than asked for tells of another page. */
    public int limit() {
        return size + 1;
    }

    /** Takes the next element of the list, if there is room, and returns whether there was. */
    public boolean take(M next) {
        bytes += next.getSerializedSize();
        // The first is given however long it is: the list could else not be read to its end.
        if (messages.size() == size || !messages.isEmpty() && bytes > Paging.LONGEST_PAGE) {
            nextPageToken = place.apply(messages.get(messages.size() - 1)).text();
            return false;
        }
        messages.add(next);
        return true;
    }

    /** The elements. */
    public List<M> messages() {
        return Collections.unmodifiableList(messages);
    }

    /** Where the page ends; empty on the last one. */
    public String nextPageToken() {
        return nextPageToken;
    }
}
