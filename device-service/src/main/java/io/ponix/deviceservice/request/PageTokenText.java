package io.ponix.deviceservice.request;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Numbers as a text for callers to hand back, not to read. */
public final class PageTokenText {

    private PageTokenText() {}

    /** Returns the text that {@link #parse} reads. */
    public static String of(long... numbers) {
        String text =
                LongStream.of(numbers).mapToObj(Long::toString).collect(Collectors.joining(":"));
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Reads back what {@link #of} made of so many numbers.
     *
     * @throws RequestException INVALID_ARGUMENT when it is something else
     */
    public static long[] parse(String text, int count) {
        try {
            String[] parts =
                    new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8)
                            .split(":", -1);
            if (parts.length == count) {
                return Arrays.stream(parts).mapToLong(Long::parseLong).toArray();
            }
        } catch (IllegalArgumentException exception) {
            // Reported below, like a text with another number of parts.
        }
        throw PageToken.refused();
    }
}
