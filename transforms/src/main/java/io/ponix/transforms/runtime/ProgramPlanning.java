package io.ponix.transforms.runtime;

import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelContainer;
import dev.cel.common.CelOptions;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.DefaultTypeProvider;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntimeLibrary;
import dev.cel.runtime.DescriptorTypeResolver;
import dev.cel.runtime.Program;
import dev.cel.runtime.planner.ProgramPlanner;
import io.ponix.transforms.budget.WorkMeter;
import java.util.List;
import java.util.Optional;

/** Turns checked expressions into programs. Immutable and safe for use by several threads. */
public final class ProgramPlanning {
    private final ProgramPlanner planner;

    /** A runtime with CEL's standard functions and those of the libraries. */
    public ProgramPlanning(CelOptions options, List<? extends CelRuntimeLibrary> libraries) {
        CelTypeProvider types = DefaultTypeProvider.getInstance();
        NativeValueConverter converter = new NativeValueConverter();
        planner =
                ProgramPlanner.newPlanner(
                        types,
                        (structType, fields) -> Optional.empty(),
                        PricedFunctions.dispatcher(
                                options,
                                libraries,
                                DescriptorTypeResolver.create(types, converter)),
                        converter,
                        CelContainer.newBuilder().build(),
                        options,
                        ImmutableSet.of());
    }

    /**
     * Plans a checked expression. The program is immutable; {@link WorkMeter#start} must precede
     * each of its evaluations on the same thread.
     */
    public Program plan(CelAbstractSyntaxTree checked) throws CelEvaluationException {
        return planner.plan(PricedEvaluation.of(checked));
    }
}
