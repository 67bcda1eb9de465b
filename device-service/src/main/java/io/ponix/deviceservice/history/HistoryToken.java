package io.ponix.deviceservice.history;

import io.ponix.deviceservice.request.PageToken;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where a page of a list ends: numbers, whose meaning is the list's, and the id of the last thing.
 * Its text is for callers to hand back, not to read.
 */
record HistoryToken(List<Long> numbers, String id) {

    private static final String SEPARATOR = ":";

    static HistoryToken of(String id, Long... numbers) {
        return new HistoryToken(List.of(numbers), id);
    }

    /**
     * Reads a token of so many numbers.
     *
     * @throws io.ponix.deviceservice.request.RequestException INVALID_ARGUMENT when the text is not
     *     one that {@link #text()} made of them
     */
    static HistoryToken parse(String text, int count) {
        try {
            String[] parts =
                    new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8)
                            .split(SEPARATOR, count + 1);
            if (parts.length == count + 1) {
                return new HistoryToken(
                        Arrays.stream(parts).limit(count).map(Long::valueOf).toList(),
                        parts[count]);
            }
        } catch (IllegalArgumentException e) {
            // Reported below, like a text with too few parts.
        }
        throw PageToken.refused();
    }

    /** The same with further numbers. */
    HistoryToken with(Long... more) {
        return new HistoryToken(Stream.concat(numbers.stream(), Stream.of(more)).toList(), id);
    }

    long number(int index) {
        return numbers.get(index);
    }

    /** Returns the text that {@link #parse} reads. */
    String text() {
        String text =
                numbers.stream().map(String::valueOf).collect(Collectors.joining(SEPARATOR))
                        + SEPARATOR
                        + id;
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
