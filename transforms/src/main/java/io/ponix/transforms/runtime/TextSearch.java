package io.ponix.transforms.runtime;

import java.util.function.IntPredicate;

/**
 * Finds a text in others in linear time (Knuth, Morris and Pratt): {@link String#indexOf} and
 * cel-java's own search take the product of both lengths for {@code aaa…} in {@code aaa…}.
 *
 * <p>Positions count UTF-16 units. A match never begins or ends inside of a surrogate pair, so that
 * texts are compared by code points, as CEL does.
 */
final class TextSearch {
    /** Up to this product of lengths the direct way is quicker. */
    private static final int SMALL = 4_096;

    private static final int SHORT = 8;

    private final String searched;

    /** Made when the first long text is searched. */
    private int[] borders;

    TextSearch(String searched) {
        this.searched = searched;
    }

    /** The first match that begins at {@code from} or later, or -1. */
    int find(String text, int from) {
        int length = searched.length();
        int remaining = text.length() - from;
        if (remaining < length) {
            return -1;
        }
        if (length < SHORT || (long) length * remaining <= SMALL) {
            int at = text.indexOf(searched, from);
            while (at >= 0 && splitsPair(text, at)) {
                at = text.indexOf(searched, at + 1);
            }
            return at;
        }
        return scan(text, from, at -> splitsPair(text, at));
    }

    /** The first match that is not to be passed over, or -1. */
    private int scan(String text, int from, IntPredicate passedOver) {
        if (borders == null) {
            borders = borders(searched);
        }
        int length = searched.length();
        int matched = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            while (matched > 0 && (matched == length || searched.charAt(matched) != c)) {
                matched = borders[matched];
            }
            if (searched.charAt(matched) == c) {
                matched++;
            }
            if (matched == length && !passedOver.test(i - length + 1)) {
                return i - length + 1;
            }
        }
        return -1;
    }

    /** The last match that begins at {@code from} or before, or -1. */
    int findLast(String text, int from) {
        int length = searched.length();
        int start = Math.min(from, text.length() - length);
        if (start < 0) {
            return -1;
        }
        if (length < SHORT || (long) length * start <= SMALL) {
            int at = text.lastIndexOf(searched, start);
            while (at >= 0 && splitsPair(text, at)) {
                at = text.lastIndexOf(searched, at - 1);
            }
            return at;
        }
        // The first match in the mirror image; a match cannot end beyond start + length.
        String mirrored = mirrored(text.substring(0, start + length));
        int end = start + length;
        int at =
                new TextSearch(mirrored(searched))
                        .scan(mirrored, 0, match -> splitsPair(text, end - match - length));
        return at < 0 ? -1 : end - at - length;
    }

    private boolean splitsPair(String text, int at) {
        return isInsidePair(text, at) || isInsidePair(text, at + searched.length());
    }

    private static boolean isInsidePair(String text, int at) {
        return at > 0
                && at < text.length()
                && Character.isLowSurrogate(text.charAt(at))
                && Character.isHighSurrogate(text.charAt(at - 1));
    }

    /**
     * For each length of a beginning, the length of the longest shorter beginning that it ends
     * with.
     */
    private static int[] borders(String text) {
        int[] borders = new int[text.length() + 1];
        int border = 0;
        for (int i = 1; i < text.length(); i++) {
            while (border > 0 && text.charAt(border) != text.charAt(i)) {
                border = borders[border];
            }
            if (text.charAt(border) == text.charAt(i)) {
                border++;
            }
            borders[i + 1] = border;
        }
        return borders;
    }

    /** Unit by unit: {@link StringBuilder#reverse} would keep surrogate pairs. */
    private static String mirrored(String text) {
        char[] units = new char[text.length()];
        for (int i = 0; i < units.length; i++) {
            units[i] = text.charAt(units.length - 1 - i);
        }
        return new String(units);
    }
}
