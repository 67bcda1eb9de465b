package io.ponix.transforms;

import io.ponix.transforms.TransformCompilationException.Issue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Says in a person's terms what the parser says of an expression: it lists every token that could
 * follow, and knows nothing of the operators of other languages.
 */
final class SyntaxMessages {
    /** What the parser says, up to what it names. */
    private static final Pattern UNRECOGNIZED =
            Pattern.compile("token recognition error at: '(.*)'", Pattern.DOTALL);

    private static final Pattern UNEXPECTED =
            Pattern.compile(
                    "(?:mismatched|extraneous) input '(.*)' expecting (.*)", Pattern.DOTALL);

    private static final Pattern NOT_VIABLE =
            Pattern.compile("no viable alternative at input '(.*)'", Pattern.DOTALL);

    private static final Pattern MISSING =
            Pattern.compile("missing (.*) at ('.*')", Pattern.DOTALL);

    private static final Pattern TOO_DEEP =
            Pattern.compile("Expression recursion limit exceeded\\. limit: (\\d+)");

    private static final Pattern NO_INDEX =
            Pattern.compile(
                    "found no matching overload for '_\\[_\\]' applied to '\\(bytes, [^']*'.*",
                    Pattern.DOTALL);

    private static final Pattern OF_MACRO =
            Pattern.compile("found no matching overload for '(@[^']*)'.*", Pattern.DOTALL);

    /** What the types of functions mean to who writes the macros that stand for them. */
    private static final Map<String, String> MACROS =
            Map.of(
                    "@unfold_next", "unfold: the next state must be of the type of the first one",
                    "@tlv_next", "tlv_list: the length of a value is an int, or an optional int",
                    "@tlv_begin", "tlv_list is called on bytes, and its tagSize is an int");

    private static final String END = "<EOF>";

    /** Of what could follow, no more is told. */
    private static final int MOST_TOLD = 3;

    /** Operators that CEL lacks, longer ones first, and what stands for them. */
    private static final List<Map.Entry<String, String>> OPERATORS =
            List.of(
                    Map.entry(">>>", "math.bitShiftRight(a, n)"),
                    Map.entry("===", "=="),
                    Map.entry("!==", "!="),
                    Map.entry("<<", "math.bitShiftLeft(a, n)"),
                    Map.entry(">>", "math.bitShiftRight(a, n)"),
                    Map.entry("**", "a * a"),
                    Map.entry("++", "a + 1"),
                    Map.entry("--", "a - 1"),
                    Map.entry("??", "a.orValue(b)"),
                    Map.entry("=>", "list.map(x, …)"),
                    Map.entry("&", "math.bitAnd(a, b)"),
                    Map.entry("|", "math.bitOr(a, b)"),
                    Map.entry("^", "math.bitXor(a, b)"),
                    Map.entry("~", "math.bitNot(a)"),
                    Map.entry("=", "== to compare, or cel.bind(name, value, …) to name a value"),
                    Map.entry(
                            ";", "one expression, with cel.bind(name, value, …) for parts of it"));

    /** Words that stand for operators or statements elsewhere. */
    private static final Map<String, String> WORDS =
            Map.of(
                    "and", "&&",
                    "or", "||",
                    "not", "!",
                    "if", "condition ? a : b",
                    "else", "condition ? a : b",
                    "return", "the value alone",
                    "function", "cel.bind(name, value, …) or a macro such as list.map(x, …)",
                    "let", "cel.bind(name, value, …)",
                    "var", "cel.bind(name, value, …)",
                    "const", "cel.bind(name, value, …)");

    private final String expression;
    private final int[] codePoints;

    private SyntaxMessages(String expression) {
        this.expression = expression;
        this.codePoints = expression.codePoints().toArray();
    }

    /** The issues that the parser and the checker have found, in other words where there are. */
    static List<Issue> of(String expression, List<Issue> found) {
        SyntaxMessages messages = new SyntaxMessages(expression);
        List<Issue> clear = new ArrayList<>();
        for (Issue issue : found) {
            Optional<Issue> foreign =
                    isOfParser(issue.message()) ? messages.foreign(issue) : Optional.empty();
            if (foreign.isPresent()) {
                // What the parser says after it is of its trying to go on.
                clear.add(foreign.get());
                return List.copyOf(clear);
            }
            clear.add(messages.told(issue));
            if (isUnclosedText(issue.message())) {
                return List.copyOf(clear);
            }
        }
        return List.copyOf(clear);
    }

    private static boolean isUnclosedText(String message) {
        Matcher unrecognized = UNRECOGNIZED.matcher(message);
        return unrecognized.matches() && unrecognized.group(1).matches("(?s)[bBrR]{0,2}[\"'].*");
    }

    private static boolean isOfParser(String message) {
        return UNRECOGNIZED.matcher(message).matches()
                || UNEXPECTED.matcher(message).matches()
                || NOT_VIABLE.matcher(message).matches()
                || message.startsWith("reserved identifier: ");
    }

    /** What is written in another language's way, with its place. */
    private Optional<Issue> foreign(Issue issue) {
        int at = offset(issue);
        for (Map.Entry<String, String> operator : OPERATORS) {
            int[] characters = operator.getKey().codePoints().toArray();
            for (int start = Math.max(0, at - characters.length + 1); start <= at; start++) {
                if (isAt(start, characters) && !isPartOfOperator(start, characters.length)) {
                    return Optional.of(
                            new Issue(
                                    issue.line(),
                                    issue.column() - (at - start),
                                    "CEL has no "
                                            + operator.getKey()
                                            + ": write "
                                            + operator.getValue()));
                }
            }
        }
        // A name before what is not expected is what does not belong: "not true".
        return Stream.of(wordAt(at), wordBefore(at))
                .flatMap(Optional::stream)
                .filter(word -> WORDS.containsKey(word.text))
                .findFirst()
                .map(
                        word ->
                                new Issue(
                                        issue.line(),
                                        Math.max(1, issue.column() - (at - word.start)),
                                        "CEL has no '"
                                                + word.text
                                                + "': write "
                                                + WORDS.get(word.text)));
    }

    private record Word(int start, String text) {}

    private Optional<Word> wordAt(int at) {
        int end = at;
        while (end < codePoints.length && Character.isLetter(codePoints[end])) {
            end++;
        }
        return end == at
                ? Optional.empty()
                : Optional.of(new Word(at, new String(codePoints, at, end - at)));
    }

    /** On the same line, with nothing but blanks and an opening parenthesis between. */
    private Optional<Word> wordBefore(int at) {
        int end = Math.min(at, codePoints.length);
        while (end > 0 && (codePoints[end - 1] == ' ' || codePoints[end - 1] == '{')) {
            end--;
        }
        int start = end;
        while (start > 0 && Character.isLetter(codePoints[start - 1])) {
            start--;
        }
        return start == end
                ? Optional.empty()
                : Optional.of(new Word(start, new String(codePoints, start, end - start)));
    }

    private boolean isAt(int start, int[] characters) {
        if (start + characters.length > codePoints.length) {
            return false;
        }
        for (int i = 0; i < characters.length; i++) {
            if (codePoints[start + i] != characters[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether one character is of an operator that there is: a comparison, && or ||. */
    private boolean isPartOfOperator(int start, int length) {
        if (length > 1) {
            return false;
        }
        int before = start > 0 ? codePoints[start - 1] : ' ';
        int behind = start + 1 < codePoints.length ? codePoints[start + 1] : ' ';
        return codePoints[start] == '='
                ? "=!<>".indexOf(before) >= 0 || behind == '='
                : codePoints[start] == before || codePoints[start] == behind;
    }

    /** In code points from the beginning of the expression. */
    private int offset(Issue issue) {
        int line = 1;
        int at = 0;
        while (at < codePoints.length && line < issue.line()) {
            line += codePoints[at++] == '\n' ? 1 : 0;
        }
        return Math.min(codePoints.length, at + issue.column() - 1);
    }

    private Issue told(Issue issue) {
        Matcher deep = TOO_DEEP.matcher(issue.message());
        if (deep.matches()) {
            return new ExpressionDepth(expression)
                    .issue(
                            Integer.parseInt(deep.group(1)),
                            "the expression is more than "
                                    + deep.group(1)
                                    + " levels deep here, where each bracket is one, and each"
                                    + " operator and call of a chain: cel.bind(name, value, …)"
                                    + " names parts of it");
        }
        return new Issue(issue.line(), issue.column(), message(issue.message()));
    }

    private static String message(String message) {
        Matcher unrecognized = UNRECOGNIZED.matcher(message);
        if (unrecognized.matches()) {
            return isUnclosedText(message)
                    ? "the text that begins here has no end"
                    : "'" + unrecognized.group(1).strip() + "' has no meaning in CEL";
        }
        Matcher unexpected = UNEXPECTED.matcher(message);
        if (unexpected.matches()) {
            return unexpected(unexpected.group(1), expected(unexpected.group(2)));
        }
        Matcher missing = MISSING.matcher(message);
        if (missing.matches()) {
            return missing.group(1)
                    + " is missing before "
                    + (missing.group(2).equals("'" + END + "'") ? "the end" : missing.group(2));
        }
        Matcher notViable = NOT_VIABLE.matcher(message);
        if (notViable.matches()) {
            return unexpected(notViable.group(1), "");
        }
        Matcher ofMacro = OF_MACRO.matcher(message);
        if (ofMacro.matches() && MACROS.containsKey(ofMacro.group(1))) {
            return MACROS.get(ofMacro.group(1));
        }
        return NO_INDEX.matcher(message).matches()
                ? message.replaceFirst(" \\(candidates.*", "")
                        + ": a byte is input.u8(0), and a part input.slice(0, 2)"
                : message;
    }

    private static String unexpected(String token, String expected) {
        if (token.equals(END)) {
            return "the expression ends too early" + expected;
        }
        if (token.equals(":")) {
            return "':' is not expected here; a part is a.slice(from, to)" + expected;
        }
        return "'" + token + "' is not expected here" + expected;
    }

    /** Of {@code {'}', ','}} what is told; nothing where almost anything could follow. */
    private static String expected(String tokens) {
        String listed = tokens.replaceFirst("^\\{(.*)\\}$", "$1");
        List<String> each = Stream.of(listed.split(", (?=['A-Z<])")).toList();
        if (each.size() > MOST_TOLD) {
            return "";
        }
        String told =
                each.stream()
                        .map(token -> token.equals(END) ? "the end" : token)
                        .collect(Collectors.joining(" or "));
        return ", but " + told;
    }
}
