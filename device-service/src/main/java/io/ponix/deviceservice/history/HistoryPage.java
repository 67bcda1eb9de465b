package io.ponix.deviceservice.history;

import com.google.protobuf.Message;
import io.ponix.deviceservice.request.Paging;
import java.util.ArrayList;
import java.util.List;

/** A page of a list while it is read, which ends where it is as long as it may be. */
final class HistoryPage<M extends Message> {

    private final int pageSize;
    private final List<M> messages = new ArrayList<>();
    private HistoryToken last;
    private long length;
    private boolean isFull;

    /**
     * Makes an empty page.
     *
     * @param requestedSize see {@link Paging#pageSize}
     */
    HistoryPage(int requestedSize) {
        this.pageSize = Paging.pageSize(requestedSize);
    }

    /**
     * Adds what comes next, if there is room, and returns whether there was. The first is added
     * however long it is: a list with one that is too long could else not be read to its end.
     *
     * @param place where a page with this as its last ends
     */
    boolean add(M message, HistoryToken place) {
        length += message.getSerializedSize();
        if (messages.size() == pageSize || !messages.isEmpty() && length > Paging.LONGEST_PAGE) {
            isFull = true;
            return false;
        }
        messages.add(message);
        last = place;
        return true;
    }

    /** How many to look for: one more than there is room for tells of another page. */
    int limit() {
        return pageSize + 1 - messages.size();
    }

    /** Whether there is more than there was room for. */
    boolean isFull() {
        return isFull;
    }

    List<M> messages() {
        return messages;
    }

    /**
     * Where the next page begins; empty where this is the last.
     *
     * @param more what the list's token has after the numbers of the last one's place
     */
    String nextPageToken(Long... more) {
        return isFull ? last.with(more).text() : "";
    }
}
