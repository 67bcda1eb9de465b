package io.ponix.deviceservice.request;

import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What part of a list a request asks for. */
public final class Paging {

    /**
     * The bytes of the messages with which a page ends before its size is reached. Clients take
     * answers of 4 MiB by default, and an element is 1 MiB or so where everything it holds is as
     * long as it may be.
     */
    public static final long LONGEST_PAGE = 2 << 20;

    private static final int DEFAULT_PAGE = 50;
    private static final int LARGEST_PAGE = 1_000;

    private final int pageSize;
    private final Optional<PageToken> after;

    /**
     * Takes the two fields of a request.
     *
     * @param pageSize the most elements of the page, see {@link #pageSize}
     * @param pageToken where the page before ended, or empty
     * @throws RequestException INVALID_ARGUMENT when the token is none
     */
    public Paging(int pageSize, String pageToken) {
        this.pageSize = pageSize(pageSize);
        this.after =
                pageToken.isEmpty() ? Optional.empty() : Optional.of(PageToken.parse(pageToken));
    }

    /**
     * Returns how many elements a page has at most.
     *
     * @param requested how many were asked for: 0 stands for {@value #DEFAULT_PAGE}, and no more
     *     than {@value #LARGEST_PAGE} are given
     */
    public static int pageSize(int requested) {
        return requested == 0 ? DEFAULT_PAGE : Math.min(requested, LARGEST_PAGE);
    }

    /** Returns after which place the page begins, unless it is the first. */
    public Optional<PageToken> after() {
        return after;
    }

    /** Returns how many elements to look for: one more than asked for tells of another page. */
    public int limit() {
        return pageSize + 1;
    }

    /**
     * Makes the page of what was found.
     *
     * @param place an element's place in the list
     * @param message what the caller gets of an element
     */
    public <T, M extends Message> Page<M> page(
            List<T> found, Function<T, PageToken> place, Function<T, M> message) {
        return page(pageSize, found, element -> place.apply(element).text(), message);
    }

    /**
     * Makes the page of what was found.
     *
     * @param pageSize the most elements of the page; one more was looked for
     * @param token of the page after an element
     * @param message what the caller gets of an element
     */
    public static <T, M extends Message> Page<M> page(
            int pageSize, List<T> found, Function<T, String> token, Function<T, M> message) {
        List<M> messages = new ArrayList<>();
        long length = 0;
        for (T element : found) {
            M next = message.apply(element);
            length += next.getSerializedSize();
            // The first is given however long it is: a list with one that is too long could else
            // not be read to its end.
            if (messages.size() == pageSize || !messages.isEmpty() && length > LONGEST_PAGE) {
                return new Page<>(messages, token.apply(found.get(messages.size() - 1)));
            }
            messages.add(next);
        }
        return new Page<>(messages, "");
    }

    /**
     * A part of a list.
     *
     * @param nextPageToken where the page ends, or empty on the last one
     */
    public record Page<M>(List<M> messages, String nextPageToken) {}
}
