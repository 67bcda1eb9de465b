package io.ponix.transforms;

import io.ponix.transforms.TransformCompilationException.Issue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What to write in place of something that does not compile, for mistakes that many make. */
final class CompilationHints {
    private static final Pattern NO_OVERLOAD =
            Pattern.compile(
                    "found no matching overload for '([^']*)' applied to '(.*?)'"
                            + "(?: \\(candidates.*|$)",
                    Pattern.DOTALL);
    private static final Pattern TWO_NUMBERS =
            Pattern.compile("\\((int|uint|double), (int|uint|double)\\)");
    private static final Pattern UNDECLARED =
            Pattern.compile("undeclared reference to '([^']*)'.*", Pattern.DOTALL);

    private static final Map<String, String> ARITHMETIC =
            Map.of(
                    "_/_", "divided by",
                    "_*_", "multiplied by",
                    "_+_", "plus",
                    "_-_", "minus",
                    "_%_", "modulo");

    /** What the variables are called in other systems' decoders. */
    private static final Map<String, String> OTHER_NAMES =
            Map.ofEntries(
                    Map.entry("payload", "input"),
                    Map.entry("bytes", "input"),
                    Map.entry("data", "input"),
                    Map.entry("fPort", "f_port"),
                    Map.entry("fport", "f_port"),
                    Map.entry("port", "f_port"),
                    Map.entry("attrs", "attributes"),
                    Map.entry("tags", "attributes"),
                    Map.entry("time", "occurred_at"),
                    Map.entry("timestamp", "occurred_at"),
                    Map.entry("occurredAt", "occurred_at"));

    private CompilationHints() {}

    /** A hint for each issue that there is one for, at the same place. */
    static List<Issue> of(List<Issue> issues) {
        return issues.stream()
                .flatMap(
                        issue ->
                                hint(issue.message())
                                        .map(hint -> new Issue(issue.line(), issue.column(), hint))
                                        .stream())
                .toList();
    }

    private static Optional<String> hint(String message) {
        Matcher undeclared = UNDECLARED.matcher(message);
        if (undeclared.matches()) {
            return Optional.ofNullable(OTHER_NAMES.get(undeclared.group(1)))
                    .map(name -> "the variable is called " + name);
        }
        Matcher noOverload = NO_OVERLOAD.matcher(message);
        return noOverload.matches()
                ? overloadHint(noOverload.group(1), noOverload.group(2))
                : Optional.empty();
    }

    private static Optional<String> overloadHint(String function, String types) {
        if (function.equals("_?_:_")) {
            return Optional.of(
                    "both branches of ? : must be of one type: write dyn(x) around each");
        }
        Matcher numbers = TWO_NUMBERS.matcher(types);
        if (!ARITHMETIC.containsKey(function) || !numbers.matches()) {
            return Optional.empty();
        }
        String left = numbers.group(1);
        String right = numbers.group(2);
        boolean toDouble = left.equals("double") || right.equals("double");
        boolean convertLeft = toDouble ? !left.equals("double") : left.equals("uint");
        return Optional.of(
                withArticle(left)
                        + " "
                        + ARITHMETIC.get(function)
                        + " "
                        + withArticle(right)
                        + " does not compile: write "
                        + (toDouble ? "double(x)" : "int(x)")
                        + " around the "
                        + (convertLeft ? left : right));
    }

    private static String withArticle(String type) {
        return (type.equals("int") ? "an " : "a ") + type;
    }
}
