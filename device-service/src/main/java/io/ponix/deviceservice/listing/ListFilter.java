package io.ponix.deviceservice.listing;

import com.google.rpc.BadRequest;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelKind;
import io.ponix.deviceservice.database.Conditions;
import io.ponix.deviceservice.request.LabelRules;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.transforms.CheckedExpression;
import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompilationException.Issue;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a condition of SQL of one in CEL: {@code name.startsWith("pump") && definition_id != ""}.
 * Values become parameters; what Postgres would not do as CEL does is refused.
 *
 * <p>A condition is true or false of every element: a comparison with a time that is absent is
 * false, and what negates it true. The negations are therefore brought down to the comparisons,
 * where it is known whether a value may be absent.
 */
final class ListFilter {

    private static final String FUNCTIONS =
            "&&, ||, !, ==, !=, <, <=, >, >=, in, startsWith, endsWith, contains, lowerAscii,"
                    + " timestamp";

    private static final String STARTS_WITH = "startsWith";
    private static final String ENDS_WITH = "endsWith";
    private static final String CONTAINS = "contains";
    private static final String LOWER_ASCII = "lowerAscii";

    private static final String ELEMENT = "_[_]";
    private static final String EQUALS = "_==_";
    private static final String DIFFERS = "_!=_";

    /** Comparisons: as SQL has them. */
    private static final Map<String, String> COMPARISONS =
            Map.of("_<_", "<", "_<=_", "<=", "_>_", ">", "_>=_", ">=");

    private static final Map<String, String> NEGATED =
            Map.of("<", ">=", "<=", ">", ">", "<=", ">=", "<");

    /** With its sides changed. */
    private static final Map<String, String> TURNED =
            Map.of("<", ">", "<=", ">=", ">", "<", ">=", "<=");

    private static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999Z");
    private static final int NANOS_OF_A_MICRO = 1_000;

    private final ListFields fields;
    private final CheckedExpression expression;
    private final List<Object> parameters = new ArrayList<>();

    private ListFilter(ListFields fields, CheckedExpression expression) {
        this.fields = fields;
        this.expression = expression;
    }

    /**
     * Adds the condition to others, unless it is blank.
     *
     * @throws RequestException INVALID_ARGUMENT when it is no condition about these fields; with
     *     its place, and what there is
     */
    static void add(String filter, ListFields fields, Conditions conditions) {
        if (filter.isBlank()) {
            return;
        }
        try {
            CheckedExpression checked =
                    fields.compiler()
                            .read(
                                    filter,
                                    type ->
                                            type.kind() == CelKind.BOOL
                                                    ? Optional.empty()
                                                    : Optional.of(
                                                            "a filter is a condition, such as"
                                                                    + " created_at >"
                                                                    + " timestamp(\"2026-01-01T00:00:00Z\");"
                                                                    + " this gives "
                                                                    + type.name()));
            ListFilter translation = new ListFilter(fields, checked);
            String sql = translation.condition(checked.root(), true);
            conditions.and(sql, translation.parameters.toArray());
        } catch (TransformCompilationException e) {
            throw refused(e, fields);
        }
    }

    private static RequestException refused(
            TransformCompilationException exception, ListFields fields) {
        String there =
                "Fields are " + fields.names() + "; operators and functions are " + FUNCTIONS;
        BadRequest.Builder details = BadRequest.newBuilder();
        for (Issue issue : exception.issues()) {
            details.addFieldViolations(
                    BadRequest.FieldViolation.newBuilder()
                            .setField("filter")
                            .setDescription(
                                    issue.line() + ":" + issue.column() + " " + issue.message()));
        }
        return RequestException.invalidArgument(
                "The filter cannot be used:\n" + exception.getMessage() + "\n" + there,
                details.build());
    }

    /** What is looked for where it is true, or where it is false. */
    private String condition(CelExpr part, boolean isTrue) throws TransformCompilationException {
        switch (part.exprKind().getKind()) {
            case CONSTANT -> {
                if (part.constant().getKind() == CelConstant.Kind.BOOLEAN_VALUE) {
                    return part.constant().booleanValue() == isTrue ? "TRUE" : "FALSE";
                }
            }
            case CALL -> {
                return call(part, part.call(), isTrue);
            }
            case SELECT -> {
                if (part.select().testOnly()) {
                    Optional<ListField> labels = labels(part.select().operand());
                    if (labels.isPresent()) {
                        return hasLabel(part, labels.get(), part.select().field(), isTrue);
                    }
                }
            }
            default -> {
                // Refused below.
            }
        }
        throw refused(part, "this is no comparison of a field with a value");
    }

    private String call(CelExpr part, CelExpr.CelCall call, boolean isTrue)
            throws TransformCompilationException {
        List<CelExpr> arguments = call.args();
        String function = call.function();
        if (COMPARISONS.containsKey(function)) {
            return comparison(part, COMPARISONS.get(function), arguments, isTrue);
        }
        return switch (function) {
            case "_&&_", "_||_" -> {
                String left = condition(arguments.get(0), isTrue);
                String right = condition(arguments.get(1), isTrue);
                yield "("
                        + left
                        + (function.equals("_&&_") == isTrue ? " AND " : " OR ")
                        + right
                        + ")";
            }
            case "!_" -> condition(arguments.get(0), !isTrue);
            case EQUALS -> equality(part, arguments, isTrue);
            case DIFFERS -> equality(part, arguments, !isTrue);
            case "@in" -> membership(part, arguments, isTrue);
            case STARTS_WITH, ENDS_WITH, CONTAINS -> textPart(part, call, isTrue);
            default -> throw refused(part, "a filter has no " + shown(function));
        };
    }

    /** Operators are known to people without the marks of CEL's trees. */
    private static String shown(String function) {
        return switch (function) {
            case "_?_:_" -> "a ? b : c";
            case ELEMENT -> "a[b]";
            default -> function.replaceAll("^[_@]+|_+$", "");
        };
    }

    private String equality(CelExpr part, List<CelExpr> sides, boolean isTrue)
            throws TransformCompilationException {
        Compared compared = compared(part, sides);
        Operand operand = compared.operand;
        if (compared.value == null) {
            if (!operand.isOptional()) {
                throw refused(part, operand.field.name() + " is never null");
            }
            return operand.field.sql() + (isTrue ? " IS NULL" : " IS NOT NULL");
        }
        return equality(operand, compared.value, isTrue);
    }

    private String equality(Operand operand, Object value, boolean isTrue) {
        // Where a field is absent, it is not equal to what is not empty, as NULL is not.
        return isTrue && !"".equals(value)
                ? operand.equal(value) + " = " + parameter(value)
                : operand.present() + (isTrue ? " = " : " <> ") + parameter(value);
    }

    private String comparison(CelExpr part, String operator, List<CelExpr> sides, boolean isTrue)
            throws TransformCompilationException {
        Compared compared = compared(part, sides);
        Operand operand = compared.operand;
        if (compared.value == null) {
            throw refused(part, "null is neither before nor after anything: compare with == or !=");
        }
        String asked = compared.isTurned ? TURNED.get(operator) : operator;
        String field = operand.isTime() ? operand.field.sql() : operand.present();
        String condition =
                field
                        + (isTrue ? " " + asked + " " : " " + NEGATED.get(asked) + " ")
                        + parameter(compared.value);
        return !isTrue && operand.isTime() && operand.isOptional()
                ? "(" + condition + " OR " + field + " IS NULL)"
                : condition;
    }

    private String membership(CelExpr part, List<CelExpr> sides, boolean isTrue)
            throws TransformCompilationException {
        Optional<ListField> labels = labels(sides.get(1));
        if (labels.isPresent()) {
            String key =
                    text(sides.get(0))
                            .orElseThrow(
                                    () ->
                                            refused(
                                                    part,
                                                    "what is left of in "
                                                            + labels.get().name()
                                                            + " has to be a key in quotes"));
            return hasLabel(part, labels.get(), key, isTrue);
        }
        Operand operand =
                operand(sides.get(0))
                        .orElseThrow(() -> refused(part, "what is left of in has to be a field"));
        CelExpr list = sides.get(1);
        if (list.exprKind().getKind() != CelExpr.ExprKind.Kind.LIST) {
            throw refused(list, "what is right of in has to be a list, such as [\"a\", \"b\"]");
        }
        List<CelExpr> elements = list.list().elements();
        if (elements.isEmpty()) {
            return isTrue ? "FALSE" : "TRUE";
        }
        List<Object> values = new ArrayList<>();
        for (CelExpr element : elements) {
            Literal literal =
                    literal(element)
                            .filter(each -> each.value != null)
                            .orElseThrow(() -> refused(element, "this has to be a text or a time"));
            values.add(literal.value);
        }
        List<String> conditions = new ArrayList<>();
        for (Object value : values) {
            conditions.add(equality(operand, value, isTrue));
        }
        return "(" + String.join(isTrue ? " OR " : " AND ", conditions) + ")";
    }

    private String hasLabel(CelExpr part, ListField labels, String key, boolean isTrue)
            throws TransformCompilationException {
        String condition = labels.hasLabel(key(part, key));
        return isTrue ? condition : "NOT " + condition;
    }

    /** What follows is put into the statement as it is. */
    private String key(CelExpr part, String key) throws TransformCompilationException {
        if (!LabelRules.isKey(key)) {
            throw refused(
                    part,
                    "no label has the key '"
                            + key
                            + "': keys have 1 to 63 lower-case letters, digits, '-', '_', '.' and '/'");
        }
        return key;
    }

    private String textPart(CelExpr part, CelExpr.CelCall call, boolean isTrue)
            throws TransformCompilationException {
        Optional<Operand> target =
                call.target().isPresent() ? operand(call.target().get()) : Optional.empty();
        Operand operand =
                target.orElseThrow(
                        () ->
                                refused(
                                        part,
                                        call.function()
                                                + " is called on a field: name."
                                                + call.function()
                                                + "(\"pump\")"));
        CelExpr argument = call.args().get(0);
        String text =
                text(argument)
                        .orElseThrow(
                                () ->
                                        refused(
                                                argument,
                                                "what "
                                                        + call.function()
                                                        + " looks for has to be a text in quotes"));
        if (text.isEmpty()) {
            return isTrue ? "TRUE" : "FALSE";
        }
        String condition =
                switch (call.function()) {
                    case STARTS_WITH -> prefix(operand, text, isTrue);
                    case ENDS_WITH -> {
                        String length = parameter(text.codePointCount(0, text.length()));
                        yield "right("
                                + operand.present()
                                + ", "
                                + length
                                + ") = "
                                + parameter(text);
                    }
                    default -> "strpos(" + operand.present() + ", " + parameter(text) + ") > 0";
                };
        return isTrue ? condition : "NOT (" + condition + ")";
    }

    /** A range, which an index is good for, and in which no character means anything else. */
    private String prefix(Operand operand, String text, boolean isTrue) {
        String compared = isTrue && isShort(text) ? operand.beginning() : operand.present();
        String from = compared + " >= " + parameter(text);
        return after(text)
                .map(end -> "(" + from + " AND " + compared + " < " + parameter(end) + ")")
                .orElse(from);
    }

    /** The first text behind all that begin with this one, in the order of code points. */
    private static Optional<String> after(String text) {
        int[] codePoints = text.codePoints().toArray();
        for (int last = codePoints.length - 1; last >= 0; last--) {
            int next = codePoints[last] + 1;
            if (next == Character.MIN_SURROGATE) {
                next = Character.MAX_SURROGATE + 1;
            }
            if (next <= Character.MAX_CODE_POINT) {
                return Optional.of(new String(codePoints, 0, last) + Character.toString(next));
            }
        }
        return Optional.empty();
    }

    /** A field, and maybe in lower case. */
    private record Operand(ListField field, boolean isLower) {

        boolean isTime() {
            return field.kind() == ListField.Kind.TIME;
        }

        boolean isOptional() {
            return field.isOptional();
        }

        /** What is equal to a value that is not empty; NULL, if not, where it is absent. */
        String equal(Object value) {
            if (isLower || !isTime() && !field.isId() && !isShort((String) value)) {
                return present();
            }
            return field.isId() || isTime() ? field.sql() : field.orderedOrNull();
        }

        /** The beginning of a text, by code point; NULL, if not, where it is absent. */
        String beginning() {
            return isLower ? present() : field.orderedOrNull();
        }

        /** Never NULL; of a text, by code point. */
        String present() {
            return isLower ? "lower(" + field.present() + ")" : field.present();
        }
    }

    /** Whether the first characters of a text tell whether it is, or begins with, this one. */
    private static boolean isShort(String text) {
        return text.codePointCount(0, text.length()) < ListField.ORDERED_CHARACTERS;
    }

    private Optional<Operand> operand(CelExpr part) throws TransformCompilationException {
        switch (part.exprKind().getKind()) {
            case IDENT -> {
                return fields.find(part.ident().name())
                        .filter(field -> field.kind() != ListField.Kind.LABELS)
                        .map(field -> new Operand(field, false));
            }
            case SELECT -> {
                Optional<ListField> labels = labels(part.select().operand());
                return labels.isPresent() && !part.select().testOnly()
                        ? Optional.of(label(part, labels.get(), part.select().field()))
                        : Optional.empty();
            }
            case CALL -> {
                return operand(part, part.call());
            }
            default -> {
                return Optional.empty();
            }
        }
    }

    private Optional<Operand> operand(CelExpr part, CelExpr.CelCall call)
            throws TransformCompilationException {
        if (call.function().equals(LOWER_ASCII) && call.target().isPresent()) {
            return operand(call.target().get()).map(operand -> new Operand(operand.field, true));
        }
        if (!call.function().equals(ELEMENT)) {
            return Optional.empty();
        }
        Optional<ListField> labels = labels(call.args().get(0));
        Optional<String> key = text(call.args().get(1));
        return labels.isPresent() && key.isPresent()
                ? Optional.of(label(part, labels.get(), key.get()))
                : Optional.empty();
    }

    private Operand label(CelExpr part, ListField labels, String key)
            throws TransformCompilationException {
        return new Operand(labels.label(key(part, key)), false);
    }

    private Optional<ListField> labels(CelExpr part) {
        return part.exprKind().getKind() == CelExpr.ExprKind.Kind.IDENT
                ? fields.find(part.ident().name())
                        .filter(field -> field.kind() == ListField.Kind.LABELS)
                : Optional.empty();
    }

    /**
     * A field and what it is compared with.
     *
     * @param value {@code null} for null
     * @param isTurned whether the field is on the right
     */
    private record Compared(Operand operand, Object value, boolean isTurned) {}

    private Compared compared(CelExpr part, List<CelExpr> sides)
            throws TransformCompilationException {
        Optional<Operand> left = operand(sides.get(0));
        Optional<Operand> right = operand(sides.get(1));
        Optional<Literal> literal = literal(sides.get(left.isPresent() ? 1 : 0));
        if (left.isPresent() == right.isPresent() || literal.isEmpty()) {
            throw refused(
                    part,
                    "one side of a comparison has to be a field, the other a text in quotes or"
                            + " timestamp(\"2026-01-01T00:00:00Z\")");
        }
        return new Compared(left.or(() -> right).get(), literal.get().value, left.isEmpty());
    }

    /**
     * What is written as a value.
     *
     * @param value a text or a time; {@code null} for null
     */
    private record Literal(Object value) {}

    private Optional<Literal> literal(CelExpr part) throws TransformCompilationException {
        if (part.exprKind().getKind() == CelExpr.ExprKind.Kind.CONSTANT
                && part.constant().getKind() == CelConstant.Kind.NULL_VALUE) {
            return Optional.of(new Literal(null));
        }
        Optional<String> text = text(part);
        return text.isPresent() ? text.map(Literal::new) : time(part).map(Literal::new);
    }

    private static Optional<String> text(CelExpr part) {
        return part.exprKind().getKind() == CelExpr.ExprKind.Kind.CONSTANT
                        && part.constant().getKind() == CelConstant.Kind.STRING_VALUE
                ? Optional.of(part.constant().stringValue())
                : Optional.empty();
    }

    private Optional<OffsetDateTime> time(CelExpr part) throws TransformCompilationException {
        if (part.exprKind().getKind() != CelExpr.ExprKind.Kind.CALL
                || !part.call().function().equals("timestamp")) {
            return Optional.empty();
        }
        Optional<String> text = part.call().args().stream().findFirst().flatMap(ListFilter::text);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            Instant time = OffsetDateTime.parse(text.get()).toInstant();
            if (!time.isBefore(EARLIEST)
                    && !time.isAfter(LATEST)
                    && time.getNano() % NANOS_OF_A_MICRO == 0) {
                return Optional.of(time.atOffset(ZoneOffset.UTC));
            }
        } catch (DateTimeParseException e) {
            // Refused below, like a time that nothing has.
        }
        throw refused(
                part,
                "a time is of the years 1 to 9999, in microseconds at most, such as"
                        + " timestamp(\"2026-01-01T00:00:00Z\")");
    }

    private String parameter(Object value) {
        parameters.add(value);
        return "?";
    }

    private TransformCompilationException refused(CelExpr part, String message) {
        return expression.refused(List.of(expression.issue(part, message)));
    }
}
