package io.ponix.intake;

import dev.cel.common.types.CelKind;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import io.ponix.transforms.CheckedExpression;
import io.ponix.transforms.ExpressionCompiler;
import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.TransformLimits;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compiles the expressions that say what the messages of a gateway mean.
 *
 * <p>They are written in the language of transforms, with all of its functions, over the variables
 * of {@link IntakeMessage}, and give an object, a list of objects, or null. Compiling takes
 * milliseconds: callers keep the result. The compiler is immutable and safe for use by several
 * threads at once.
 */
public final class IntakeCompiler {
    static final String TOPIC = "topic";
    static final String PAYLOAD = "payload";
    static final String HEADERS = "headers";
    static final String RECEIVED_AT = "received_at";

    private final ExpressionCompiler compiler;

    private IntakeCompiler(TransformLimits limits) {
        compiler =
                new ExpressionCompiler(
                        limits,
                        Map.of(
                                TOPIC, SimpleType.STRING,
                                PAYLOAD, SimpleType.BYTES,
                                HEADERS, MapType.create(SimpleType.STRING, SimpleType.STRING),
                                RECEIVED_AT, SimpleType.TIMESTAMP));
    }

    /** A compiler whose expressions have the limits that transforms have by default. */
    public static IntakeCompiler create() {
        return create(TransformLimits.DEFAULT);
    }

    /** A compiler whose expressions have the given limits; those of the output bound nothing. */
    public static IntakeCompiler create(TransformLimits limits) {
        return new IntakeCompiler(limits);
    }

    /**
     * Parses, checks and plans an expression.
     *
     * @throws TransformCompilationException if it is not valid CEL, uses something that does not
     *     exist, or is of a type that no uplinks have; with line, column and message of each
     *     mistake
     */
    public IntakeExpression compile(String expression) throws TransformCompilationException {
        return new IntakeExpression(
                expression, compiler.compile(expression, IntakeCompiler::refusal));
    }

    /**
     * Says what in an expression is probably not meant; for one that does not compile, hints about
     * what to write instead. In the order of the source.
     */
    public List<Issue> warnings(String expression) {
        return compiler.warnings(expression);
    }

    /**
     * Compiles an expression and says why it gives no uplink, whatever the message.
     *
     * @return line, column and message of each reason, which names the key of the result and what
     *     to write; empty for every expression that gives an uplink for some message, and for those
     *     of which that cannot be known before a message is there
     * @throws TransformCompilationException as {@link #compile} does
     */
    public Optional<TransformCompilationException> neverAnUplink(String expression)
            throws TransformCompilationException {
        CheckedExpression checked = compiler.check(expression, IntakeCompiler::refusal);
        List<Issue> issues = UplinkCheck.issues(checked);
        return issues.isEmpty() ? Optional.empty() : Optional.of(checked.refused(issues));
    }

    private static Optional<String> refusal(CelType type) {
        CelKind kind = type.kind();
        boolean canBeUplinks =
                kind == CelKind.MAP
                        || kind == CelKind.LIST
                        || kind == CelKind.NULL_TYPE
                        || kind == CelKind.DYN
                        || kind == CelKind.ANY
                        || kind == CelKind.TYPE_PARAM;
        return canBeUplinks
                ? Optional.empty()
                : Optional.of(
                        "an intake expression gives an object, for instance {\"device_id\": topic,"
                                + " \"payload\": payload}, a list of them, or null; this expression"
                                + " gives "
                                + type.name());
    }
}
