package io.ponix.transforms;

import dev.cel.common.exceptions.CelAttributeNotFoundException;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in a person's terms what cel-java says of an evaluation in its own. */
final class EvaluationMessages {

    /**
     * What cel-java says where an operand of {@code &&} or {@code ||} failed: all of its insides.
     */
    static final Pattern FAILED_OPERAND =
            Pattern.compile(
                    "Expected boolean value, found :ErrorValue\\{exprId=\\d+, value=(.*)\\}",
                    Pattern.DOTALL);

    private static final Pattern FIELD_OF_NO_MAP =
            Pattern.compile(
                    "Error resolving field '(.*)'\\. Field selections must be performed on messages"
                            + " or maps\\.",
                    Pattern.DOTALL);

    private static final Pattern NO_LIST_OR_MAP =
            Pattern.compile("Unexpected iter_range type: class (\\S+)");

    private static final Pattern WRONG_CLASS =
            Pattern.compile(
                    "(\\S+: )?class (\\S+) cannot be cast to class (\\S+)(?: \\(.*)?",
                    Pattern.DOTALL);

    private static final Pattern NO_TIMESTAMP =
            Pattern.compile(
                    "Text '(.*)' could not be parsed(?: at index \\d+|:.*)?", Pattern.DOTALL);

    private static final Pattern FAILED_FUNCTION =
            Pattern.compile("Function '([^']*)' failed with arg\\(s\\) '(.*)'", Pattern.DOTALL);

    private static final Pattern NO_OVERLOAD =
            Pattern.compile(
                    "No matching overload for function '([^']*)'\\. Overload candidates: .*",
                    Pattern.DOTALL);

    /** Of numbers, and of what can become one. */
    private static final Pattern ARITHMETIC = Pattern.compile("_(?:[-+*/%<>]|[<>]=)_");

    /** {@code _<_} and {@code _[_]}, but neither {@code parse_time} nor {@code @in}. */
    private static final Pattern OPERATOR = Pattern.compile("[^a-z]+");

    private static final Pattern INTEGER = Pattern.compile("-?\\d+");

    private static final String OUT_OF_RANGE =
            " is not in the years 1 to 9999 that a timestamp can have";

    private EvaluationMessages() {}

    /**
     * The message of an error.
     *
     * @param e what cel-java raised
     * @param message of cel-java, without its place
     */
    static String of(Throwable e, String message) {
        Matcher failedOperand = FAILED_OPERAND.matcher(message);
        if (failedOperand.matches()) {
            return of(e, ValueText.withoutClassNames(failedOperand.group(1)));
        }
        Matcher field = FIELD_OF_NO_MAP.matcher(message);
        if (field.matches()) {
            return "there is no '"
                    + field.group(1)
                    + "' here: what stands before it is neither an object nor a map";
        }
        Matcher range = NO_LIST_OR_MAP.matcher(message);
        if (range.matches()) {
            return "there is no list or map to go through here: it is "
                    + CelTypeName.ofClass(range.group(1));
        }
        Matcher wrongClass = WRONG_CLASS.matcher(message);
        if (wrongClass.matches()) {
            return ofWrongClass(wrongClass);
        }
        Matcher timestamp = NO_TIMESTAMP.matcher(message);
        if (timestamp.matches()) {
            return "'"
                    + timestamp.group(1)
                    + "' is no timestamp such as 2026-01-31T12:00:00Z; parse_time takes other"
                    + " forms";
        }
        Matcher overload = NO_OVERLOAD.matcher(message);
        if (overload.matches()) {
            String name = overload.group(1);
            return (OPERATOR.matcher(name).matches() ? name.replace("_", "") : name)
                            .replace("@", "")
                    + " does not take values of these types"
                    + (ARITHMETIC.matcher(name).matches()
                            ? "; double(x), int(x) and string(x) convert them"
                            : "");
        }
        Matcher function = FAILED_FUNCTION.matcher(message);
        if (function.matches()) {
            return ofFunction(e, function.group(1), function.group(2));
        }
        return switch (message) {
            case "long overflow" -> "the result is beyond the 64 bits of an int";
            case "/ by zero" -> "division by zero";
            case "invalid duration format" -> "this text is no duration such as 1h30m or 1.5s";
            default ->
                    isBareKey(e, message)
                            ? "key '" + message + "' is not present in map."
                            : message;
        };
    }

    /** Of an index that is missing cel-java says but its name; of a field, more. */
    private static boolean isBareKey(Throwable e, String message) {
        return e.getCause() instanceof CelAttributeNotFoundException
                && !message.contains("is not present")
                && !message.startsWith("Error resolving field");
    }

    private static String ofFunction(Throwable e, String function, String arguments) {
        if (function.equals("timestamp") && INTEGER.matcher(arguments).matches()) {
            return "timestamp: "
                    + arguments
                    + " seconds after 1970"
                    + OUT_OF_RANGE
                    + "; of milliseconds write timestamp(x / 1000)";
        }
        boolean isOfTimes = arguments.contains("PT") || arguments.contains("Z, ");
        if (isOfTimes && (function.equals("_+_") || function.equals("_-_"))) {
            return "the result" + OUT_OF_RANGE;
        }
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause.getMessage() == null) {
            return function + " failed with " + arguments;
        }
        String told = function + ": " + cause.getMessage();
        Matcher wrongClass = WRONG_CLASS.matcher(told);
        return wrongClass.matches() ? ofWrongClass(wrongClass) : told;
    }

    private static String ofWrongClass(Matcher message) {
        return Objects.requireNonNullElse(message.group(1), "")
                + CelTypeName.ofClass(message.group(3))
                + " is wanted here, and this is "
                + CelTypeName.ofClass(message.group(2));
    }
}
