package io.ponix.bridge.intake;

import io.ponix.intake.IntakeCompiler;
import io.ponix.intake.IntakeExpression;
import io.ponix.intake.IntakePreset;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.transforms.TransformCompilationException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Intake expressions of gateways, compiled when their first message comes: many gateways share few
 * of them, and most gateways are idle. Safe for use by several threads at once.
 */
final class CompiledIntakes {

    /** Of 65,536 characters each at most. */
    private static final int KEPT = 1_000;

    /** Either an expression, or the reason why there is none. */
    private record Compiled(IntakeExpression expression, String problem) {}

    private final IntakeCompiler compiler = IntakeCompiler.create();

    private final Map<String, Compiled> compiled =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Compiled> eldest) {
                    return size() > KEPT;
                }
            };

    /**
     * The expression of a gateway that has one.
     *
     * @throws UnusableIntakeException if this bridge cannot use it. The device service accepts
     *     nothing else, so it is of another version
     */
    IntakeExpression of(Gateway gateway) throws UnusableIntakeException {
        String source = source(gateway);
        Compiled found;
        synchronized (compiled) {
            found = compiled.get(source);
        }
        if (found == null) {
            // Two threads may do so at once, which harms nothing.
            found = compile(source);
            synchronized (compiled) {
                compiled.put(source, found);
            }
        }
        if (found.expression() == null) {
            throw new UnusableIntakeException(found.problem());
        }
        return found.expression();
    }

    private static String source(Gateway gateway) throws UnusableIntakeException {
        if (gateway.hasIntakeExpression()) {
            return gateway.getIntakeExpression();
        }
        Optional<IntakePreset> preset = IntakePreset.named(gateway.getIntakePreset());
        return preset.map(IntakePreset::expression)
                .orElseThrow(
                        () ->
                                new UnusableIntakeException(
                                        "the bridge knows no preset "
                                                + gateway.getIntakePreset()
                                                + ": use the bridge of the device service's"
                                                + " version"));
    }

    private Compiled compile(String source) {
        try {
            return new Compiled(compiler.compile(source), null);
        } catch (TransformCompilationException e) {
            return new Compiled(
                    null,
                    "the intake expression does not compile in this bridge, use that of the device"
                            + " service's version: "
                            + e.issues().get(0).message());
        }
    }
}
