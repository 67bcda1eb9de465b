package io.ponix.transforms;

import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.functions.MessageDescriptors;
import java.util.List;
import java.util.Objects;

/**
 * Compiles CEL expressions to {@link Transform}s.
 *
 * <p>Compiling takes milliseconds: callers keep the result, one per distinct expression. The
 * compiler is immutable and safe for use by several threads at once.
 *
 * <p>An expression is written in CEL with the standard functions and macros, optional types, {@code
 * cel.bind}, two-variable comprehensions, the strings, math, lists, sets and encoders extensions,
 * and Ponix's own: functions that read bytes ({@link io.ponix.transforms.functions.BytesFunctions},
 * {@code input.u16be(0)}) and functions that decode a format ({@link
 * io.ponix.transforms.functions.CayenneLpp}, {@link io.ponix.transforms.functions.DocumentFunctions
 * JSON, CBOR and SenML}, {@link io.ponix.transforms.functions.ProtobufFunctions Protocol Buffers}).
 * {@link TransformInput} lists its variables.
 */
public final class TransformCompiler {
    private final TransformEnvironment environment;

    private TransformCompiler(TransformEnvironment environment) {
        this.environment = environment;
    }

    /** A compiler whose transforms have the {@linkplain TransformLimits#DEFAULT default limits}. */
    public static TransformCompiler create() {
        return create(TransformLimits.DEFAULT);
    }

    /** A compiler whose transforms have the given limits. */
    public static TransformCompiler create(TransformLimits limits) {
        return new TransformCompiler(new TransformEnvironment(limits));
    }

    /**
     * The same compiler, for expressions that may name these messages in {@code
     * protobuf_decode(bytes, name)}. Takes milliseconds, as compiling does.
     */
    public TransformCompiler withDescriptors(MessageDescriptors descriptors) {
        return new TransformCompiler(environment.withDescriptors(descriptors));
    }

    /**
     * Parses, checks and plans an expression.
     *
     * @throws TransformCompilationException if it is not valid CEL, uses something that does not
     *     exist, or can never give a JSON object or a list of objects
     */
    public Transform compile(String expression) throws TransformCompilationException {
        return environment.compile(Objects.requireNonNull(expression, "expression"));
    }

    /**
     * Compiles the contracts that belong together, in their order.
     *
     * @throws ContractCompilationException if an expression or schema cannot be used, with
     *     everything that is wrong
     * @throws IllegalArgumentException if there is no contract, or more than {@value
     *     PayloadContracts#MAX_CONTRACTS}
     */
    public PayloadContracts compile(List<PayloadContract> contracts)
            throws ContractCompilationException {
        if (contracts.isEmpty() || contracts.size() > PayloadContracts.MAX_CONTRACTS) {
            throw new IllegalArgumentException(
                    "there must be 1 to "
                            + PayloadContracts.MAX_CONTRACTS
                            + " contracts, not "
                            + contracts.size());
        }
        return new ContractCompilation(environment).compile(contracts);
    }

    /**
     * Says what in a transform is probably not meant: a division that drops the remainder, a name
     * that is never used. For an expression that does not compile, hints about what to write
     * instead, as far as its mistakes are common ones. In the order of the source.
     */
    public List<Issue> warnings(String expression) {
        return environment.warnings(expression, true);
    }

    /** The same for the expression that says whether a contract applies. */
    List<Issue> conditionWarnings(String expression) {
        return environment.warnings(expression, false);
    }

    /** The limits of the transforms that it makes. */
    public TransformLimits limits() {
        return environment.limits();
    }
}
