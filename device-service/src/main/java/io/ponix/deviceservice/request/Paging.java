package io.ponix.deviceservice.request;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What part of a list a request asks for. */
public final class Paging {

    private static final int LARGEST_PAGE = 1_000;

    private final int pageSize;
    private final Optional<PageToken> after;

    /**
     * Takes the two fields of a request.
     *
     * @param pageSize the most elements of the page, of which no more than {@value #LARGEST_PAGE}
     *     are given; 0 asks for all of the list
     * @param pageToken where the page before ended, or empty
     * @throws RequestException INVALID_ARGUMENT when the token is none
     */
    public Paging(int pageSize, String pageToken) {
        this.pageSize = pageSize > 0 ? Math.min(pageSize, LARGEST_PAGE) : Integer.MAX_VALUE;
        this.after =
                pageToken.isEmpty() ? Optional.empty() : Optional.of(PageToken.parse(pageToken));
    }

    /** Returns after which place the page begins, unless it is the first. */
    public Optional<PageToken> after() {
        return after;
    }

    /** Returns how many elements to look for: one more than asked for tells of another page. */
    public int limit() {
        return pageSize == Integer.MAX_VALUE ? pageSize : pageSize + 1;
    }

    /**
     * Makes the page of what was found.
     *
     * @param place an element's place in the list
     */
    public <T> Page<T> page(List<T> found, Function<T, PageToken> place) {
        if (found.size() <= pageSize) {
            return new Page<>(found, "");
        }
        List<T> elements = found.subList(0, pageSize);
        return new Page<>(elements, place.apply(elements.get(pageSize - 1)).text());
    }

    /**
     * A part of a list.
     *
     * @param nextPageToken where the page ends, or empty on the last one
     */
    public record Page<T>(List<T> elements, String nextPageToken) {}
}
