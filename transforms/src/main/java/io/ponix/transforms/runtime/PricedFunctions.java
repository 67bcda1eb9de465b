package io.ponix.transforms.runtime;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelOptions;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.exceptions.CelRuntimeException;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelInternalRuntimeLibrary;
import dev.cel.runtime.CelResolvedOverload;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelRuntimeLibrary;
import dev.cel.runtime.CelStandardFunctions;
import dev.cel.runtime.DefaultDispatcher;
import dev.cel.runtime.DescriptorTypeResolver;
import dev.cel.runtime.InternalCelFunctionBinding;
import dev.cel.runtime.RuntimeEquality;
import dev.cel.runtime.RuntimeHelpers;
import dev.cel.runtime.standard.TypeFunction;
import io.ponix.transforms.budget.WorkMeter;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * All functions of the language, of CEL's standard and of libraries alike, each behind its price
 * where its arguments can be large.
 */
final class PricedFunctions {
    /** By function name, its overloads by id. */
    private final Map<String, Map<String, CelFunctionBinding>> functions = new LinkedHashMap<>();

    private PricedFunctions() {}

    static DefaultDispatcher dispatcher(
            CelOptions options,
            List<? extends CelRuntimeLibrary> libraries,
            DescriptorTypeResolver typeResolver) {
        RuntimeEquality equality = RuntimeEquality.create(RuntimeHelpers.create(), options);
        PricedFunctions all = new PricedFunctions();
        all.add("_+_", List.of(AppendedList.binding()));
        all.add("contains", TextFunctions.contains());
        all.add("indexOf", TextFunctions.indexOf());
        all.add("lastIndexOf", TextFunctions.lastIndexOf());
        all.add("replace", TextFunctions.replace());
        all.add("split", TextFunctions.split());
        RegularExpressionFunctions expressions =
                new RegularExpressionFunctions(options.maxRegexProgramSize());
        all.add("matches", expressions.matches());
        all.add("regex.extract", expressions.extract());
        all.add("regex.extractAll", expressions.extractAll());
        all.add("regex.replace", expressions.replace());
        all.add("int", ConversionFunctions.toInt());
        all.add("uint", ConversionFunctions.toUint());
        all.add("double", ConversionFunctions.toDouble());
        EqualityFunctions comparisons = new EqualityFunctions(new ValueEquality(equality));
        all.add("_==_", comparisons.equal());
        all.add("_!=_", comparisons.notEqual());
        all.add("@in", comparisons.in());
        all.add("_[_]", comparisons.index());
        all.add("_[?_]", comparisons.optionalIndex());
        all.add("sets.contains", comparisons.setContains());
        all.add("sets.equivalent", comparisons.setEquivalent());
        all.add("sets.intersects", comparisons.setIntersects());
        all.add("distinct", comparisons.distinct());
        for (CelFunctionBinding binding : PricedEvaluation.bindings()) {
            all.add(binding.getOverloadId(), List.of(binding));
        }
        all.add(CelStandardFunctions.newBuilder().build().newFunctionBindings(equality, options));
        all.add(TypeFunction.create(typeResolver).newFunctionBindings(options, equality));
        for (CelRuntimeLibrary library : libraries) {
            all.add(bindingsOf(library, equality, options));
        }
        return all.toDispatcher();
    }

    /** A library hands its functions to a builder and to nothing else. */
    private static List<CelFunctionBinding> bindingsOf(
            CelRuntimeLibrary library, RuntimeEquality equality, CelOptions options) {
        List<CelFunctionBinding> bindings = new ArrayList<>();
        CelRuntimeBuilder collector =
                (CelRuntimeBuilder)
                        Proxy.newProxyInstance(
                                CelRuntimeBuilder.class.getClassLoader(),
                                new Class<?>[] {CelRuntimeBuilder.class},
                                (proxy, method, arguments) -> {
                                    if (!method.getName().equals("addFunctionBindings")) {
                                        throw new UnsupportedOperationException(method.toString());
                                    }
                                    Iterable<?> added =
                                            arguments[0] instanceof Object[]
                                                    ? Arrays.asList((Object[]) arguments[0])
                                                    : (Iterable<?>) arguments[0];
                                    added.forEach(b -> bindings.add((CelFunctionBinding) b));
                                    return proxy;
                                });
        if (library instanceof CelInternalRuntimeLibrary) {
            ((CelInternalRuntimeLibrary) library).setRuntimeOptions(collector, equality, options);
        } else {
            library.setRuntimeOptions(collector);
        }
        return bindings;
    }

    private void add(String function, List<CelFunctionBinding> overloads) {
        add(CelFunctionBinding.fromOverloads(function, overloads));
    }

    /** Adds overloads; of two with the same id the first stays. */
    private void add(Iterable<CelFunctionBinding> bindings) {
        for (CelFunctionBinding binding : bindings) {
            String function = ((InternalCelFunctionBinding) binding).getFunctionName();
            functions
                    .computeIfAbsent(function, name -> new LinkedHashMap<>())
                    .putIfAbsent(binding.getOverloadId(), binding);
        }
    }

    private DefaultDispatcher toDispatcher() {
        DefaultDispatcher.Builder dispatcher = DefaultDispatcher.newBuilder();
        functions.forEach(
                (function, overloads) -> {
                    for (CelFunctionBinding binding :
                            CelFunctionBinding.fromOverloads(
                                    function, priced(function, overloads))) {
                        dispatcher.addOverload(
                                function,
                                binding.getOverloadId(),
                                binding.getArgTypes(),
                                binding.isStrict(),
                                binding.getDefinition());
                    }
                });
        return dispatcher.build();
    }

    private static Set<CelFunctionBinding> priced(
            String function, Map<String, CelFunctionBinding> overloads) {
        Set<CelFunctionBinding> priced = new LinkedHashSet<>();
        for (CelFunctionBinding binding : overloads.values()) {
            // Besides its overloads a function has a binding of its own name that picks one of them
            // at run time. It is made anew from the priced ones.
            boolean picks = binding.getOverloadId().equals(function) && overloads.size() > 1;
            if (!picks) {
                priced.add(priced(function, binding));
            }
        }
        return priced;
    }

    private static CelFunctionBinding priced(String function, CelFunctionBinding binding) {
        ImmutableList<Class<?>> types = binding.getArgTypes();
        String id = binding.getOverloadId();
        if (!binding.isStrict() || !FunctionPrices.isPriced(id, types)) {
            return binding;
        }
        FunctionPrices.Price price = FunctionPrices.of(id);
        CelResolvedOverload overload =
                CelResolvedOverload.of(
                        function, id, binding.getDefinition(), binding.isStrict(), types);
        if (types.size() == 1) {
            return CelFunctionBinding.from(
                    id, types.get(0), argument -> call(overload, price, argument));
        } else if (types.size() == 2) {
            return CelFunctionBinding.from(
                    id,
                    types.get(0),
                    types.get(1),
                    (first, second) -> call(overload, price, first, second));
        }
        return CelFunctionBinding.from(id, types, arguments -> callAny(overload, price, arguments));
    }

    private static Object call(
            CelResolvedOverload overload, FunctionPrices.Price price, Object argument)
            throws CelEvaluationException {
        return callAny(overload, price, new Object[] {argument});
    }

    private static Object call(
            CelResolvedOverload overload, FunctionPrices.Price price, Object first, Object second)
            throws CelEvaluationException {
        return callAny(overload, price, new Object[] {first, second});
    }

    private static Object callAny(
            CelResolvedOverload overload, FunctionPrices.Price price, Object[] arguments)
            throws CelEvaluationException {
        WorkMeter meter = WorkMeter.current();
        price.charge(meter, arguments);
        Object result;
        try {
            result = overload.getDefinition().apply(arguments);
        } catch (CelRuntimeException e) {
            throw e;
        } catch (RuntimeException e) {
            // The planner would put the arguments into the message, however large they are.
            throw new CelInvalidArgumentException(
                    overload.getFunctionName() + ": " + e.getMessage());
        }
        if (price == FunctionPrices.SHALLOW) {
            meter.chargeShallow(result);
        }
        return result;
    }
}
