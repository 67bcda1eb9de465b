package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.transforms.ContractCompilationException;
import io.ponix.transforms.ContractDocument;
import io.ponix.transforms.PayloadContract;
import io.ponix.transforms.PayloadContracts;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformLimits;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles each distinct transform, and the contracts of each definition, once, when the first
 * envelope needs them: a transform is the contract that applies to every envelope. What does not
 * compile is remembered with its message: every envelope that needs it fails with that. Not
 * thread-safe.
 */
final class CompiledContracts {

    private static final Logger LOG = LoggerFactory.getLogger(CompiledContracts.class);

    private final TransformCompiler compiler;
    private final Map<TransformKey, Compilation> compilations = new HashMap<>();

    /**
     * @param limits the budget of one evaluation
     */
    CompiledContracts(TransformLimits limits) {
        this.compiler = TransformCompiler.create(limits);
    }

    /**
     * The outcome of compiling a text.
     *
     * @param contracts what was compiled, or {@code null}
     * @param failure why it did not compile, or {@code null}
     */
    record Compilation(PayloadContracts contracts, String failure) {}

    /** The outcome for what was compiled before, or {@code null}. */
    Compilation get(TransformKey key) {
        return compilations.get(key);
    }

    /** Compiles a device's own transform and remembers the outcome. */
    Compilation compileTransform(TransformKey key, String text) {
        Compilation compilation;
        try {
            compilation = compiled(List.of(PayloadContract.always(text)));
        } catch (ContractCompilationException e) {
            // The one contract has one expression that can be wrong.
            compilation = failed(e.problems().get(0).message());
        } catch (RuntimeException | StackOverflowError e) {
            compilation = choked(text, e);
        }
        compilations.put(key, compilation);
        return compilation;
    }

    /** Compiles the contracts of a definition and remembers the outcome. */
    Compilation compileContracts(TransformKey key, String text) {
        Compilation compilation;
        try {
            compilation = compiled(ContractDocument.read(text));
        } catch (ContractCompilationException e) {
            compilation = failed(e.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
            compilation = choked(text, e);
        }
        compilations.put(key, compilation);
        return compilation;
    }

    private Compilation compiled(List<PayloadContract> contracts)
            throws ContractCompilationException {
        return new Compilation(compiler.compile(contracts), null);
    }

    private static Compilation failed(String message) {
        return new Compilation(null, "The transform does not compile:\n" + message);
    }

    /**
     * Somebody's expression must never restart the job, not even one that the compiler chokes on.
     */
    private static Compilation choked(String text, Throwable e) {
        LOG.warn("The compiler failed on a transform of {} characters", text.length(), e);
        return new Compilation(null, "The transform does not compile: " + e);
    }

    /** Forgets what no device or definition uses any more. */
    void forget(TransformKey key) {
        compilations.remove(key);
    }
}
