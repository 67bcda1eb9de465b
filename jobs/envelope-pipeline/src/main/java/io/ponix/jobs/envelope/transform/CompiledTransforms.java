package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.transforms.Transform;
import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompiler;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles each distinct transform once, when the first envelope needs it. One that does not
 * compile is remembered with its message: every envelope that needs it fails with that. Not
 * thread-safe.
 */
final class CompiledTransforms {

    private static final Logger LOG = LoggerFactory.getLogger(CompiledTransforms.class);

    private final TransformCompiler compiler = TransformCompiler.create();
    private final Map<TransformKey, Compilation> compilations = new HashMap<>();

    /**
     * The outcome of compiling a text.
     *
     * @param transform what was compiled, or {@code null}
     * @param failure why it did not compile, or {@code null}
     */
    record Compilation(Transform transform, String failure) {}

    /** The outcome for a transform that was compiled before, or {@code null}. */
    Compilation get(TransformKey key) {
        return compilations.get(key);
    }

    /** Compiles a text and remembers the outcome. */
    Compilation compile(TransformKey key, String text) {
        Compilation compilation = compile(text);
        compilations.put(key, compilation);
        return compilation;
    }

    private Compilation compile(String text) {
        try {
            return new Compilation(compiler.compile(text), null);
        } catch (TransformCompilationException e) {
            return new Compilation(null, "The transform does not compile:\n" + e.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
            // Somebody's expression must never restart the job, not even one that the compiler
            // chokes on.
            LOG.warn("The CEL compiler failed on a transform of {} characters", text.length(), e);
            return new Compilation(null, "The transform does not compile: " + e);
        }
    }

    /** Forgets a transform that no device uses any more. */
    void forget(TransformKey key) {
        compilations.remove(key);
    }
}
