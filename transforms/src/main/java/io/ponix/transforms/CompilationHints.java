package io.ponix.transforms;

import io.ponix.transforms.TransformCompilationException.Issue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    /** What the variables are called in other systems' decoders, and here where there are such. */
    private static final Map<String, List<String>> OTHER_NAMES =
            Map.ofEntries(
                    Map.entry("payload", List.of("input")),
                    Map.entry("input", List.of("payload")),
                    Map.entry("bytes", List.of("input", "payload")),
                    Map.entry("data", List.of("input", "payload")),
                    Map.entry("body", List.of("input", "payload")),
                    Map.entry("message", List.of("input", "payload")),
                    Map.entry("fPort", List.of("f_port")),
                    Map.entry("fport", List.of("f_port")),
                    Map.entry("port", List.of("f_port")),
                    Map.entry("attrs", List.of("attributes")),
                    Map.entry("tags", List.of("attributes")),
                    Map.entry("time", List.of("occurred_at", "received_at")),
                    Map.entry("timestamp", List.of("occurred_at", "received_at")),
                    Map.entry("occurredAt", List.of("occurred_at")),
                    Map.entry("receivedAt", List.of("received_at")));

    private CompilationHints() {}

    /**
     * A hint for each issue that there is one for, at the same place.
     *
     * @param variables the names that the expression may use
     */
    static List<Issue> of(List<Issue> issues, Set<String> variables) {
        return issues.stream()
                .flatMap(
                        issue ->
                                hint(issue.message(), variables)
                                        .map(hint -> new Issue(issue.line(), issue.column(), hint))
                                        .stream())
                .toList();
    }

    private static Optional<String> hint(String message, Set<String> variables) {
        Matcher undeclared = UNDECLARED.matcher(message);
        if (undeclared.matches()) {
            return OTHER_NAMES.getOrDefault(undeclared.group(1), List.of()).stream()
                    .filter(variables::contains)
                    .findFirst()
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
