package io.ponix.deviceservice.charging.store;

import com.google.protobuf.Message;
import io.ponix.deviceservice.request.Paging;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A page of a list while it is read: it is full when it has as many elements as were asked for, or
 * the next would make it longer than {@link Paging#LONGEST_PAGE}.
 *
 * @param <M> an element
 */
public final class PageOfKeys<M extends Message> {

    private final int size;
    private final List<M> messages = new ArrayList<>();
    private KeyPlace last = KeyPlace.of("");
    private long bytes;
    private String nextPageToken = "";

    /**
     * An empty page.
     *
     * @param size the most elements
     */
    public PageOfKeys(int size) {
        this.size = size;
    }

    /** How many elements to look for: one more than asked for tells of another page. */
    public int limit() {
        return size + 1;
    }

    /**
     * Takes the next element of the list, if there is room, and returns whether there was.
     *
     * @param place of the element
     */
    public boolean take(M next, KeyPlace place) {
        bytes += next.getSerializedSize();
        // The first is given however long it is: the list could else not be read to its end.
        if (messages.size() == size || !messages.isEmpty() && bytes > Paging.LONGEST_PAGE) {
            nextPageToken = last.text();
            return false;
        }
        messages.add(next);
        last = place;
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
