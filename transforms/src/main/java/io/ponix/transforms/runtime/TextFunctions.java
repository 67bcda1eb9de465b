package io.ponix.transforms.runtime;

import com.google.common.collect.ImmutableList;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.runtime.CelFunctionBinding;
import java.util.List;

/**
 * The functions of CEL's strings extension and standard that search in a text, with the results of
 * cel-java's and in linear time. Indices count code points.
 */
final class TextFunctions {
    private TextFunctions() {}

    static List<CelFunctionBinding> contains() {
        return List.of(
                CelFunctionBinding.from(
                        "contains_string",
                        String.class,
                        String.class,
                        (text, searched) -> new TextSearch(searched).find(text, 0) >= 0));
    }

    static List<CelFunctionBinding> indexOf() {
        return List.of(
                CelFunctionBinding.from(
                        "string_index_of_string",
                        String.class,
                        String.class,
                        (text, searched) -> indexOf(text, searched, 0)),
                CelFunctionBinding.from(
                        "string_index_of_string_int",
                        ImmutableList.of(String.class, String.class, Long.class),
                        arguments ->
                                indexOf(
                                        (String) arguments[0],
                                        (String) arguments[1],
                                        (Long) arguments[2])));
    }

    static List<CelFunctionBinding> lastIndexOf() {
        return List.of(
                CelFunctionBinding.from(
                        "string_last_index_of_string",
                        String.class,
                        String.class,
                        TextFunctions::lastIndexOf),
                CelFunctionBinding.from(
                        "string_last_index_of_string_int",
                        ImmutableList.of(String.class, String.class, Long.class),
                        arguments ->
                                lastIndexOf(
                                        (String) arguments[0],
                                        (String) arguments[1],
                                        (Long) arguments[2])));
    }

    static List<CelFunctionBinding> replace() {
        return List.of(
                CelFunctionBinding.from(
                        "string_replace_string_string",
                        ImmutableList.of(String.class, String.class, String.class),
                        arguments ->
                                replace(
                                        (String) arguments[0],
                                        (String) arguments[1],
                                        (String) arguments[2],
                                        -1)),
                CelFunctionBinding.from(
                        "string_replace_string_string_int",
                        ImmutableList.of(String.class, String.class, String.class, Long.class),
                        arguments ->
                                replace(
                                        (String) arguments[0],
                                        (String) arguments[1],
                                        (String) arguments[2],
                                        number("replace failure: Index", (Long) arguments[3]))));
    }

    static List<CelFunctionBinding> split() {
        return List.of(
                CelFunctionBinding.from(
                        "string_split_string",
                        String.class,
                        String.class,
                        (text, separator) -> split(text, separator, -1)),
                CelFunctionBinding.from(
                        "string_split_string_int",
                        ImmutableList.of(String.class, String.class, Long.class),
                        arguments ->
                                split(
                                        (String) arguments[0],
                                        (String) arguments[1],
                                        number("split failure: Limit", (Long) arguments[2]))));
    }

    private static long indexOf(String text, String searched, long offset) {
        int from = number("indexOf failure: Offset", offset);
        if (searched.isEmpty()) {
            return from;
        }
        if (from < 0 || from >= codePoints(text)) {
            throw new CelInvalidArgumentException("indexOf failure: Offset out of range: " + from);
        }
        return codePointAt(text, new TextSearch(searched).find(text, unitAt(text, from)));
    }

    private static long lastIndexOf(String text, String searched) {
        int length = codePoints(text);
        if (searched.isEmpty()) {
            return length;
        }
        return text.length() < searched.length() ? -1 : lastIndexOf(text, searched, length - 1);
    }

    private static long lastIndexOf(String text, String searched, long offset) {
        if (searched.isEmpty()) {
            return offset;
        }
        int from = number("lastIndexOf failure: Offset", offset);
        if (from < 0 || from >= codePoints(text)) {
            throw new CelInvalidArgumentException(
                    "lastIndexOf failure: Offset out of range: " + from);
        }
        return codePointAt(text, new TextSearch(searched).findLast(text, unitAt(text, from)));
    }

    /**
     * @param limit the most replacements, negative for all
     */
    private static String replace(String text, String searched, String replacement, int limit) {
        if (limit == 0 || searched.equals(replacement)) {
            return text;
        }
        TextSearch search = new TextSearch(searched);
        int found = search.find(text, 0);
        if (found < 0) {
            return text;
        }
        StringBuilder replaced = new StringBuilder(text.length());
        int copied = 0;
        int left = limit;
        while (found >= 0 && left != 0) {
            replaced.append(text, copied, found).append(replacement);
            copied = found + searched.length();
            left--;
            // The empty text is found before every code point and at the end.
            int next = searched.isEmpty() ? after(text, found) : copied;
            found = next > text.length() ? -1 : search.find(text, next);
        }
        return replaced.append(text, copied, text.length()).toString();
    }

    private static int after(String text, int unit) {
        return unit < text.length() ? text.offsetByCodePoints(unit, 1) : unit + 1;
    }

    /**
     * @param limit the most parts, negative for all
     */
    private static List<String> split(String text, String separator, int limit) {
        if (limit == 0) {
            return ImmutableList.of();
        }
        if (limit == 1) {
            return ImmutableList.of(text);
        }
        ImmutableList.Builder<String> parts = ImmutableList.builder();
        TextSearch search = new TextSearch(separator);
        int start = 0;
        int count = 1;
        while (count != limit) {
            int end;
            if (separator.isEmpty()) {
                // Between code points: a part is never empty.
                end = start < text.length() ? after(text, start) : -1;
                end = end == text.length() ? -1 : end;
            } else {
                end = search.find(text, start);
            }
            if (end < 0) {
                break;
            }
            parts.add(text.substring(start, end));
            start = end + separator.length();
            count++;
        }
        if (separator.isEmpty() && text.isEmpty()) {
            return ImmutableList.of();
        }
        return parts.add(text.substring(start)).build();
    }

    private static int number(String what, long value) {
        if (value != (int) value) {
            throw new CelInvalidArgumentException(
                    what + " must not exceed the int32 range: " + value);
        }
        return (int) value;
    }

    private static int codePoints(String text) {
        return text.codePointCount(0, text.length());
    }

    private static int unitAt(String text, int codePoint) {
        return text.offsetByCodePoints(0, codePoint);
    }

    private static long codePointAt(String text, int unit) {
        return unit < 0 ? -1 : text.codePointCount(0, unit);
    }
}
