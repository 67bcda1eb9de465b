package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.DefinitionText;
import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.transforms.ContractCompilationException;
import io.ponix.transforms.ContractDocument;
import io.ponix.transforms.PayloadContract;
import io.ponix.transforms.PayloadContracts;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformLimits;
import io.ponix.transforms.functions.InvalidDescriptorsException;
import io.ponix.transforms.functions.MessageDescriptors;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compiles each distinct transform, and the contracts of each definition, once, when the first
 * envelope needs them: a transform is the contract that applies to every envelope. What does not
 * compile is remembered with its message: every envelope that needs it fails with that.
 *
 * <p>A million devices may each have a transform of its own, and compiled it takes a hundred times
 * the memory of its text. What was not used for the longest time is dropped when all together are
 * estimated to take more than there is room for, and compiled again when an envelope needs it. Not
 * thread-safe.
 */
final class CompiledContracts {

    private static final Logger LOG = LoggerFactory.getLogger(CompiledContracts.class);

    /** Of each parallel instance: six thousand short transforms, or three hundred long ones. */
    static final long ROOM = 64L << 20;

    /** Measured: 40 to 160 bytes a character. */
    private static final long BYTES_PER_CHARACTER = 200;

    private static final long BYTES_PER_COMPILATION = 4_000;

    /** Measured: 12 of small ones. */
    private static final long BYTES_PER_BYTE_OF_DESCRIPTORS = 30;

    private final TransformCompiler compiler;
    private final long room;
    private final Map<TransformKey, Compilation> compilations =
            new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    // Devices of one kind come one after another, and have one transform.
    private TransformKey latestKey;
    private Compilation latest;

    /**
     * @param limits the budget of one evaluation
     * @param room how many bytes the compiled may take, estimated
     */
    CompiledContracts(TransformLimits limits, long room) {
        this.compiler = TransformCompiler.create(limits);
        this.room = room;
    }

    /**
     * The outcome of compiling a text.
     *
     * @param contracts what was compiled, or {@code null}
     * @param failure why it did not compile, or {@code null}
     * @param bytes what it takes, estimated
     */
    record Compilation(PayloadContracts contracts, String failure, long bytes) {}

    /** The outcome for what was compiled before, or {@code null}. */
    Compilation get(TransformKey key) {
        if (!key.equals(latestKey)) {
            latestKey = key;
            latest = compilations.get(key);
        }
        return latest;
    }

    /**
     * Compiles a text and remembers the outcome.
     *
     * @param isOfDefinition whether it is the contracts of a definition, and not a device's own
     *     transform
     */
    Compilation compile(TransformKey key, String text, boolean isOfDefinition) {
        return isOfDefinition ? compileContracts(key, text) : compileTransform(key, text);
    }

    private Compilation compileTransform(TransformKey key, String text) {
        Compilation compilation;
        try {
            compilation = compiled(compiler, text, List.of(PayloadContract.always(text)), 0);
        } catch (ContractCompilationException e) {
            // The one contract has one expression that can be wrong.
            compilation = failed(e.problems().get(0).message());
        } catch (RuntimeException | StackOverflowError e) {
            compilation = choked(text, e);
        }
        remember(key, compilation);
        return compilation;
    }

    private Compilation compileContracts(TransformKey key, String text) {
        Compilation compilation;
        try {
            DefinitionText definition = DefinitionText.read(text);
            byte[] descriptors = Base64.getDecoder().decode(definition.fileDescriptorSet());
            compilation =
                    compiled(
                            compiler.withDescriptors(MessageDescriptors.of(descriptors)),
                            definition.contracts(),
                            ContractDocument.read(definition.contracts()),
                            BYTES_PER_BYTE_OF_DESCRIPTORS * descriptors.length);
        } catch (ContractCompilationException | InvalidDescriptorsException e) {
            compilation = failed(e.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
            compilation = choked(text, e);
        }
        remember(key, compilation);
        return compilation;
    }

    /**
     * @param descriptorBytes what the messages take that the contracts name, estimated
     */
    private static Compilation compiled(
            TransformCompiler compiler,
            String text,
            List<PayloadContract> contracts,
            long descriptorBytes)
            throws ContractCompilationException {
        return new Compilation(
                compiler.compile(contracts),
                null,
                BYTES_PER_COMPILATION + BYTES_PER_CHARACTER * text.length() + descriptorBytes);
    }

    private static Compilation failed(String message) {
        return failure("The transform does not compile:\n" + message);
    }

    private static Compilation failure(String message) {
        return new Compilation(null, message, BYTES_PER_COMPILATION + 2L * message.length());
    }

    private void remember(TransformKey key, Compilation compilation) {
        latestKey = key;
        latest = compilation;
        compilations.put(key, compilation);
        bytes += compilation.bytes;
        Iterator<Compilation> longestUnused = compilations.values().iterator();
        while (bytes > room && compilations.size() > 1) {
            bytes -= longestUnused.next().bytes;
            longestUnused.remove();
        }
    }

    /**
     * Somebody's expression must never restart the job, not even one that the compiler chokes on.
     */
    private static Compilation choked(String text, Throwable e) {
        LOG.warn("The compiler failed on a transform of {} characters", text.length(), e);
        return failure("The transform does not compile: " + e);
    }

    /** Forgets what no device or definition uses any more. */
    void forget(TransformKey key) {
        latestKey = null;
        latest = null;
        Compilation forgotten = compilations.remove(key);
        if (forgotten != null) {
            bytes -= forgotten.bytes;
        }
    }
}
