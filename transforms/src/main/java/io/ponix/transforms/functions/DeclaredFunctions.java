package io.ponix.transforms.functions;

import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.cel.runtime.CelRuntimeBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A library that is a list of overloads. Its functions may be further overloads of CEL's own. */
abstract class DeclaredFunctions implements FunctionLibrary {

    /** By function, in the order of the list. */
    private final Map<String, List<Overload>> functions = new LinkedHashMap<>();

    DeclaredFunctions(List<Overload> overloads) {
        for (Overload overload : overloads) {
            functions.computeIfAbsent(overload.function, name -> new ArrayList<>()).add(overload);
        }
    }

    /**
     * One way to call a function.
     *
     * @param id unlike that of any other overload; has the function's name in it
     * @param isMember whether it is called on its first parameter
     * @param definition called with arguments of the declared types
     */
    record Overload(
            String function,
            String id,
            FunctionCost cost,
            boolean isMember,
            CelType result,
            List<CelType> parameters,
            CelFunctionOverload definition) {

        /** One that is not called on anything. */
        Overload(
                String function,
                String id,
                FunctionCost cost,
                CelType result,
                List<CelType> parameters,
                CelFunctionOverload definition) {
            this(function, id, cost, false, result, parameters, definition);
        }

        private CelOverloadDecl declaration() {
            return isMember
                    ? CelOverloadDecl.newMemberOverload(id, result, parameters)
                    : CelOverloadDecl.newGlobalOverload(id, result, parameters);
        }

        private CelFunctionBinding binding() {
            List<Class<?>> types = new ArrayList<>();
            parameters.forEach(parameter -> types.add(javaType(parameter)));
            return CelFunctionBinding.from(id, types, definition);
        }
    }

    @Override
    public final List<String> names() {
        return List.copyOf(functions.keySet());
    }

    @Override
    public final Map<String, FunctionCost> costs() {
        return functions.values().stream()
                .flatMap(List::stream)
                .collect(Collectors.toMap(Overload::id, Overload::cost));
    }

    @Override
    public final void setCheckerOptions(CelCheckerBuilder checker) {
        functions.forEach(
                (function, overloads) ->
                        checker.addFunctionDeclarations(
                                CelFunctionDecl.newFunctionDeclaration(
                                        function,
                                        overloads.stream().map(Overload::declaration).toList())));
    }

    @Override
    public final void setRuntimeOptions(CelRuntimeBuilder runtime) {
        functions.forEach(
                (function, overloads) ->
                        runtime.addFunctionBindings(
                                CelFunctionBinding.fromOverloads(
                                        function,
                                        overloads.stream().map(Overload::binding).toList())));
    }

    private static Class<?> javaType(CelType type) {
        switch (type.kind()) {
            case INT:
                return Long.class;
            case STRING:
                return String.class;
            case BYTES:
                return CelByteString.class;
            case TIMESTAMP:
                return Instant.class;
            case LIST:
                return List.class;
            case MAP:
                return Map.class;
            case TYPE_PARAM:
                return Object.class;
            default:
                throw new AssertionError(type.name());
        }
    }
}
