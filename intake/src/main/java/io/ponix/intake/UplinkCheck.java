package io.ponix.intake;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.CelCall;
import dev.cel.common.ast.CelExpr.CelComprehension;
import dev.cel.common.ast.CelExpr.CelMap;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.ponix.transforms.CheckedExpression;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.TransformException;
import io.ponix.transforms.ValueText;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds why an expression gives no uplink, whatever the message is.
 *
 * <p>It looks at the objects that the expression may give: at their keys, at values that are the
 * same for every message, and at the types of all others. What it does not see through may give an
 * uplink: an expression that does for some message is never refused.
 */
final class UplinkCheck {
    private static final String ROOT = "$";

    private static final String DYN = "dyn";
    private static final String CONDITION = "_?_:_";
    private static final String PLUS = "_+_";
    private static final Set<String> NEVER_NULL = Set.of("timestamp", "duration", PLUS, "_-_");
    private static final String OPTIONAL_OF = "optional.of";

    /** The element that the fold of {@code cel.bind} goes over; no other macro has it. */
    private static final String NO_ELEMENT = "#unused";

    /** Names that stand for names are looked at as often as they are used. */
    private static final int MOST_STEPS = 10_000;

    /** In nodes of what is evaluated, as often as it is. */
    private static final int MOST_EVALUATED = 50_000;

    private static final String EXAMPLE =
            "{\"device_id\": topic.split(\"/\")[1], \"payload\": payload}";

    /** One value of a type that is good in an uplink wherever another one may be. */
    private static final Map<CelKind, Object> SAMPLES =
            Map.ofEntries(
                    Map.entry(CelKind.STRING, "x"),
                    Map.entry(CelKind.BYTES, CelByteString.EMPTY),
                    Map.entry(CelKind.INT, 0L),
                    Map.entry(CelKind.UINT, UnsignedLong.ZERO),
                    Map.entry(CelKind.DOUBLE, 0.0),
                    Map.entry(CelKind.BOOL, false),
                    Map.entry(CelKind.TIMESTAMP, Instant.EPOCH),
                    Map.entry(CelKind.DURATION, Duration.ZERO),
                    Map.entry(CelKind.LIST, List.of()),
                    Map.entry(CelKind.MAP, Map.of()),
                    Map.entry(CelKind.NULL_TYPE, NullValue.NULL_VALUE),
                    Map.entry(CelKind.TYPE, SimpleType.INT));

    private final CheckedExpression expression;
    private final ExpressionParts parts;
    private int stepsLeft = MOST_STEPS;
    private int evaluationLeft = MOST_EVALUATED;

    private UplinkCheck(CheckedExpression expression) {
        this.expression = expression;
        this.parts = ExpressionParts.of(expression);
    }

    /** In the order of the source; empty if there may be a message of which it makes an uplink. */
    static List<Issue> issues(CheckedExpression expression) {
        try {
            Verdict verdict = new UplinkCheck(expression).result(expression.root(), null, ROOT);
            return verdict.issues().stream()
                    .distinct()
                    .sorted(Comparator.comparingInt(Issue::line).thenComparingInt(Issue::column))
                    .toList();
        } catch (StackOverflowError e) {
            return List.of();
        }
    }

    /**
     * What comes of a part.
     *
     * @param fails whether it is an error, and not just no reading, where there are issues
     * @param issues why there is never an uplink; empty if there may be one
     */
    private record Verdict(boolean fails, List<Issue> issues) {
        private static final Verdict POSSIBLE = new Verdict(false, List.of());

        private boolean isPossible() {
            return issues.isEmpty();
        }
    }

    /**
     * What comes of the value of a key.
     *
     * @param value whether there may be one
     * @param absent whether it may be null, or not there
     * @param issues why neither is the case
     */
    private record Given(boolean value, boolean absent, List<Issue> issues) {
        private static final Given ABSENT = new Given(false, true, List.of());
        private static final Given MAYBE = new Given(true, true, List.of());

        private boolean isWrong() {
            return !value && !absent;
        }

        private boolean isThere() {
            return value && !absent;
        }
    }

    /** A name that the expression itself defines, inside of others. */
    private final class Scope {
        private final Scope outside;
        private final String name;
        private final CelExpr definition;
        private Optional<Object> value;

        /**
         * @param definition null for what differs from one round of a loop to the next
         */
        private Scope(Scope outside, String name, CelExpr definition) {
            this.outside = outside;
            this.name = name;
            this.definition = definition;
        }

        private Optional<Object> value() {
            if (value == null) {
                value = Optional.empty();
                if (definition != null) {
                    try {
                        value = UplinkCheck.this.value(definition, outside);
                    } catch (TransformException e) {
                        // Whether it is used, and fails anything, is not known.
                        value = Optional.empty();
                    }
                }
            }
            return value;
        }
    }

    private static Scope find(Scope scope, String name) {
        Scope found = scope;
        while (found != null && !found.name.equals(name)) {
            found = found.outside;
        }
        return found;
    }

    /**
     * @param path of the uplink in the result, {@value #ROOT} for the result itself
     */
    private Verdict result(CelExpr part, Scope scope, String path) {
        if (--stepsLeft < 0) {
            return Verdict.POSSIBLE;
        }
        Verdict verdict =
                switch (part.getKind()) {
                    case CALL -> call(part.call(), scope, path);
                    case COMPREHENSION -> loop(part.comprehension(), scope, path);
                    case IDENT -> name(part.ident().name(), scope, path);
                    case LIST -> list(part, scope, path);
                    case MAP -> object(part, scope, path);
                    default -> Verdict.POSSIBLE;
                };
        if (verdict.isPossible()) {
            verdict = byType(part, scope, path);
        }
        return verdict.isPossible() && path.equals(ROOT) ? byValue(part, scope) : verdict;
    }

    private Verdict call(CelCall call, Scope scope, String path) {
        if (isDyn(call)) {
            return result(call.args().get(0), scope, path);
        } else if (call.function().equals(CONDITION)) {
            Verdict first = result(call.args().get(1), scope, path);
            Verdict second = first.isPossible() ? first : result(call.args().get(2), scope, path);
            if (second.isPossible()) {
                return second;
            } else if (first.fails() == second.fails()) {
                List<Issue> both = new ArrayList<>(first.issues());
                both.addAll(second.issues());
                return new Verdict(first.fails(), both);
            }
            // That a branch is no reading is as it should be.
            return first.fails() ? first : second;
        }
        return Verdict.POSSIBLE;
    }

    private static boolean isDyn(CelCall call) {
        return call.function().equals(DYN) && call.args().size() == 1;
    }

    private Verdict name(String name, Scope scope, String path) {
        Scope found = find(scope, name);
        return found == null || found.definition == null
                ? Verdict.POSSIBLE
                : result(found.definition, found.outside, path);
    }

    private Verdict loop(CelComprehension loop, Scope scope, String path) {
        if (loop.iterVar().equals(NO_ELEMENT)) {
            return result(loop.result(), bound(loop, scope), path);
        }
        boolean makesList =
                loop.accuInit().getKind() == ExprKind.Kind.LIST
                        && loop.accuInit().list().elements().isEmpty()
                        && isName(loop.result(), loop.accuVar());
        Optional<CelExpr> appended =
                makesList && path.equals(ROOT)
                        ? appended(loop.loopStep(), loop.accuVar())
                        : Optional.empty();
        if (appended.isEmpty()) {
            return Verdict.POSSIBLE;
        }
        Scope inside = new Scope(scope, loop.iterVar(), null);
        inside = new Scope(inside, loop.iterVar2(), null);
        inside = new Scope(inside, loop.accuVar(), null);
        // Without elements it is no reading.
        return element(appended.get(), inside, ROOT + "[0]");
    }

    private Scope bound(CelComprehension loop, Scope scope) {
        return new Scope(scope, loop.accuVar(), loop.accuInit());
    }

    /** What {@code map} puts behind the others, perhaps under a condition. */
    private static Optional<CelExpr> appended(CelExpr step, String list) {
        if (step.getKind() != ExprKind.Kind.CALL) {
            return Optional.empty();
        }
        List<CelExpr> arguments = step.call().args();
        if (step.call().function().equals(CONDITION)) {
            return isName(arguments.get(2), list)
                    ? appended(arguments.get(1), list)
                    : Optional.empty();
        }
        boolean appendsOne =
                step.call().function().equals(PLUS)
                        && arguments.size() == 2
                        && isName(arguments.get(0), list)
                        && arguments.get(1).getKind() == ExprKind.Kind.LIST
                        && arguments.get(1).list().elements().size() == 1
                        && arguments.get(1).list().optionalIndices().isEmpty();
        return appendsOne
                ? Optional.of(arguments.get(1).list().elements().get(0))
                : Optional.empty();
    }

    private static boolean isName(CelExpr part, String name) {
        return part.getKind() == ExprKind.Kind.IDENT && part.ident().name().equals(name);
    }

    private Verdict list(CelExpr part, Scope scope, String path) {
        if (!path.equals(ROOT)) {
            return Verdict.POSSIBLE; // its type says that it is no object
        }
        List<CelExpr> elements = part.list().elements();
        if (elements.isEmpty()) {
            return nothing(part, "an empty list");
        }
        List<Issue> issues = new ArrayList<>();
        Set<String> messageIds = new HashSet<>();
        for (int i = 0; i < elements.size(); i++) {
            if (part.list().optionalIndices().contains(i)) {
                continue;
            }
            CelExpr element = elements.get(i);
            String elementPath = ROOT + "[" + i + "]";
            issues.addAll(element(element, scope, elementPath).issues());
            messageId(element, scope)
                    .filter(id -> !messageIds.add(id))
                    .ifPresent(
                            id ->
                                    issues.add(
                                            issue(
                                                    element,
                                                    elementPath
                                                            + "."
                                                            + UplinkReader.MESSAGE_ID
                                                            + ": "
                                                            + UplinkReader.repeated(id))));
        }
        return new Verdict(!issues.isEmpty(), issues);
    }

    /** In a list null is not as good as nothing. */
    private Verdict element(CelExpr part, Scope scope, String path) {
        Verdict verdict = result(part, scope, path);
        return verdict.isPossible() || verdict.fails()
                ? verdict
                : fails(part, path + ": is null, not an object");
    }

    private Optional<String> messageId(CelExpr part, Scope scope) {
        if (part.getKind() != ExprKind.Kind.MAP) {
            return Optional.empty();
        }
        try {
            for (CelMap.Entry entry : part.map().entries()) {
                if (!entry.optionalEntry()
                        && value(entry.key(), scope)
                                .filter(UplinkReader.MESSAGE_ID::equals)
                                .isPresent()) {
                    return value(entry.value(), scope)
                            .filter(String.class::isInstance)
                            .map(String.class::cast);
                }
            }
        } catch (TransformException e) {
            return Optional.empty(); // it is an issue of the element
        }
        return Optional.empty();
    }

    private Verdict object(CelExpr part, Scope scope, String path) {
        List<Issue> issues = new ArrayList<>();
        Map<String, Given> given = new HashMap<>();
        Set<Object> keys = new HashSet<>();
        boolean hasUnknownKeys = false;
        for (CelMap.Entry entry : part.map().entries()) {
            Optional<Object> key;
            try {
                key = value(entry.key(), scope);
                if (key.isEmpty()) {
                    hasUnknownKeys = true;
                    continue;
                }
                if (entry.optionalEntry() && !UplinkReader.isKey(key.get())) {
                    continue; // it is wrong where it is given
                }
                UplinkReader.checkKey(path, key.get());
            } catch (TransformException | IntakeException e) {
                issues.add(issue(entry.key(), e));
                continue;
            }
            String name = (String) key.get();
            boolean isTwice = keys.contains(name);
            if (!entry.optionalEntry()) {
                keys.add(name); // an optional entry without a value leaves the key to others
            }
            if (isTwice) {
                issues.add(issue(entry.key(), path + ": the key \"" + name + "\" is there twice"));
                continue;
            }
            Given value =
                    entry.optionalEntry()
                            ? optional(name, entry.value(), scope, path)
                            : given(name, entry.value(), scope, path);
            if (value.isWrong()) {
                issues.addAll(value.issues());
            }
            given.put(name, value);
        }
        if (!hasUnknownKeys && issues.isEmpty()) {
            Given payload = given.getOrDefault(UplinkReader.PAYLOAD, Given.ABSENT);
            Given device = given.getOrDefault(UplinkReader.DEVICE_ID, Given.ABSENT);
            Given external = given.getOrDefault(UplinkReader.EXTERNAL_ID, Given.ABSENT);
            try {
                UplinkReader.checkComplete(
                        path,
                        payload.value(),
                        device.value() || external.value(),
                        device.isThere() && external.isThere());
            } catch (IntakeException e) {
                issues.add(issue(part, e));
            }
        }
        return new Verdict(!issues.isEmpty(), issues);
    }

    private Given optional(String key, CelExpr part, Scope scope, String path) {
        if (part.getKind() == ExprKind.Kind.CALL
                && part.call().function().equals(OPTIONAL_OF)
                && part.call().args().size() == 1) {
            return given(key, part.call().args().get(0), scope, path);
        }
        try {
            Optional<Object> value = value(part, scope);
            if (value.isPresent() && value.get() instanceof Optional<?> inside) {
                return inside.isPresent() ? given(path, key, inside.get()) : Given.ABSENT;
            }
            return Given.MAYBE;
        } catch (TransformException | IntakeException e) {
            return wrong(part, e);
        }
    }

    private Given given(String key, CelExpr part, Scope scope, String path) {
        if (--stepsLeft < 0) {
            return Given.MAYBE;
        }
        switch (part.getKind()) {
            case CALL -> {
                CelCall call = part.call();
                if (isDyn(call)) {
                    return given(key, call.args().get(0), scope, path);
                } else if (call.function().equals(CONDITION)) {
                    Given first = given(key, call.args().get(1), scope, path);
                    Given second = given(key, call.args().get(2), scope, path);
                    List<Issue> issues = new ArrayList<>(first.issues());
                    issues.addAll(second.issues());
                    return new Given(
                            first.value() || second.value(),
                            first.absent() || second.absent(),
                            issues);
                }
            }
            case COMPREHENSION -> {
                CelComprehension loop = part.comprehension();
                if (loop.iterVar().equals(NO_ELEMENT)) {
                    return given(key, loop.result(), bound(loop, scope), path);
                }
            }
            case IDENT -> {
                Scope found = find(scope, part.ident().name());
                if (found != null && found.definition != null) {
                    return given(key, found.definition, found.outside, path);
                }
            }
            case MAP -> {
                if (key.equals(UplinkReader.ATTRIBUTES)) {
                    List<Issue> issues = attributes(part, scope, path);
                    if (!issues.isEmpty()) {
                        return new Given(false, false, issues);
                    }
                }
            }
            default -> {}
        }
        try {
            Optional<Object> value = value(part, scope);
            if (value.isEmpty()) {
                value = sample(part, scope);
            }
            return value.isPresent() ? given(path, key, value.get()) : Given.MAYBE;
        } catch (TransformException | IntakeException e) {
            return wrong(part, e);
        }
    }

    private static Given given(String path, String key, Object value) throws IntakeException {
        return UplinkReader.isGiven(path, key, value)
                ? new Given(true, false, List.of())
                : Given.ABSENT;
    }

    private Given wrong(CelExpr part, Exception e) {
        return new Given(false, false, List.of(issue(part, e)));
    }

    /** What is wrong with one of them whatever the message. */
    private List<Issue> attributes(CelExpr part, Scope scope, String path) {
        List<Issue> issues = new ArrayList<>();
        for (CelMap.Entry entry : part.map().entries()) {
            if (entry.optionalEntry()) {
                continue;
            }
            try {
                Optional<Object> name = value(entry.key(), scope);
                Optional<Object> value = value(entry.value(), scope);
                if (value.isEmpty()) {
                    value = sample(entry.value(), scope);
                }
                if (name.isPresent() || value.isPresent()) {
                    UplinkReader.isGiven(
                            path,
                            UplinkReader.ATTRIBUTES,
                            Map.of(name.orElse("…"), value.orElse("")));
                }
            } catch (TransformException | IntakeException e) {
                issues.add(issue(entry.value(), e));
            }
        }
        return issues;
    }

    private Verdict byType(CelExpr part, Scope scope, String path) {
        CelType type = type(part, scope);
        if (type.kind() == CelKind.NULL_TYPE) {
            return nothing(part, "null");
        }
        Optional<String> refusal =
                path.equals(ROOT) && type instanceof ListType list
                        ? objectRefusal(list.elemType())
                                .map(reason -> path + ": is a list of which each " + reason)
                        : objectRefusal(type)
                                .map(
                                        reason ->
                                                path
                                                        + ": "
                                                        + (path.equals(ROOT) ? "the result " : "")
                                                        + reason);
        return refusal.map(reason -> fails(part, reason)).orElse(Verdict.POSSIBLE);
    }

    /** Why nothing of the type is an object that is an uplink. */
    private static Optional<String> objectRefusal(CelType type) {
        if (type instanceof MapType map) {
            if (map.keyType().kind() != CelKind.STRING && !ExpressionParts.isOpen(map.keyType())) {
                return Optional.of(
                        "is a map with keys of type "
                                + map.keyType().name()
                                + ": those of an uplink are strings");
            }
            // Of one type, which is that of neither ids nor payload.
            return ExpressionParts.isOpen(map.valueType())
                    ? Optional.empty()
                    : Optional.of(
                            "is a map of which all values are "
                                    + map.valueType().name()
                                    + ": an uplink has an id, which is a string, and a payload,"
                                    + " which is bytes, for instance "
                                    + EXAMPLE);
        }
        return sample(type)
                .map(
                        sample ->
                                "is "
                                        + ValueText.typeName(sample)
                                        + ", not an object, for instance "
                                        + EXAMPLE);
    }

    /** What the checker says, if every value is of that type. */
    private CelType type(CelExpr part, Scope scope) {
        boolean isTrue =
                !parts.isLoose(expression.root())
                        || !parts.isLoose(part)
                                && parts.names(part).stream()
                                        .allMatch(name -> find(scope, name) == null);
        return isTrue ? expression.type(part) : SimpleType.DYN;
    }

    /** Empty where the type says nothing: to CEL null is a timestamp and a duration, too. */
    private Optional<Object> sample(CelExpr part, Scope scope) {
        CelType type = type(part, scope);
        boolean isOfTime = type.kind() == CelKind.TIMESTAMP || type.kind() == CelKind.DURATION;
        boolean isNeverNull =
                switch (part.getKind()) {
                    case IDENT -> find(scope, part.ident().name()) == null;
                    case CALL -> NEVER_NULL.contains(part.call().function());
                    default -> false;
                };
        return isOfTime && !isNeverNull ? Optional.empty() : sample(type);
    }

    /** Empty where a type says nothing. */
    private static Optional<Object> sample(CelType type) {
        return Optional.ofNullable(SAMPLES.get(type.kind()));
    }

    private Verdict byValue(CelExpr part, Scope scope) {
        try {
            Optional<Object> value = value(part, scope);
            return value.isPresent() && UplinkReader.read(value.get(), Instant.EPOCH).isEmpty()
                    ? nothing(part, "no reading")
                    : Verdict.POSSIBLE;
        } catch (TransformException | IntakeException e) {
            return new Verdict(true, List.of(issue(part, e)));
        }
    }

    /** The value of what is the same for every message. */
    private Optional<Object> value(CelExpr part, Scope scope) throws TransformException {
        if (part.getKind() == ExprKind.Kind.CONSTANT
                && part.constant().getKind() == CelConstant.Kind.STRING_VALUE) {
            return Optional.of(part.constant().stringValue());
        }
        Map<String, Object> variables = new HashMap<>();
        for (String name : parts.names(part)) {
            Scope found = find(scope, name);
            if (found == null || found.value().isEmpty()) {
                return Optional.empty();
            }
            variables.put(name, found.value().get());
        }
        evaluationLeft -= parts.size(part);
        return evaluationLeft < 0 ? Optional.empty() : expression.evaluate(part, variables);
    }

    private Verdict nothing(CelExpr part, String what) {
        return new Verdict(
                false,
                List.of(
                        issue(
                                part,
                                ROOT
                                        + ": is "
                                        + what
                                        + " whatever the message, so that none is a reading: for"
                                        + " those that are, write "
                                        + EXAMPLE)));
    }

    private Verdict fails(CelExpr part, String message) {
        return new Verdict(true, List.of(issue(part, message)));
    }

    private Issue issue(CelExpr part, Exception e) {
        return e instanceof TransformException failure && failure.issue().isPresent()
                ? failure.issue().get()
                : issue(part, e.getMessage());
    }

    private Issue issue(CelExpr part, String message) {
        return expression.issue(part, message);
    }
}
