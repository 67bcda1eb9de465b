package io.ponix.transforms.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.DefaultTypeProvider;
import dev.cel.extensions.CelExtensionLibrary;
import dev.cel.extensions.CelExtensions;
import dev.cel.runtime.CelRuntimeLibrary;
import dev.cel.runtime.DefaultDispatcher;
import dev.cel.runtime.DescriptorTypeResolver;
import io.ponix.transforms.functions.FunctionLibrary;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PricedFunctionsTest {
    private static final CelOptions OPTIONS =
            CelOptions.current().enableHeterogeneousNumericComparisons(true).build();

    private static final List<CelRuntimeLibrary> LIBRARIES =
            List.of(
                    CelExtensions.optional(),
                    CelExtensions.comprehensions(),
                    CelExtensions.strings(),
                    CelExtensions.math(),
                    CelExtensions.lists(),
                    CelExtensions.sets(OPTIONS),
                    CelExtensions.encoders(OPTIONS),
                    CelExtensions.regex());

    private final DefaultDispatcher dispatcher =
            PricedFunctions.dispatcher(
                    OPTIONS,
                    Stream.concat(LIBRARIES.stream(), FunctionLibrary.all().stream()).toList(),
                    DescriptorTypeResolver.create(
                            DefaultTypeProvider.getInstance(), new NativeValueConverter()));

    @Test
    void everyFunctionOfPonixIsNamedAndHasACost() {
        for (FunctionLibrary library : FunctionLibrary.all()) {
            List<CelFunctionDecl> declared = new ArrayList<>();
            CelCheckerBuilder checker =
                    (CelCheckerBuilder)
                            Proxy.newProxyInstance(
                                    getClass().getClassLoader(),
                                    new Class<?>[] {CelCheckerBuilder.class},
                                    (builder, method, arguments) -> {
                                        declared.addAll(List.of((CelFunctionDecl[]) arguments[0]));
                                        return builder;
                                    });
            library.setCheckerOptions(checker);
            assertThat(library.names())
                    .containsExactlyInAnyOrderElementsOf(
                            declared.stream().map(CelFunctionDecl::name).toList());
            List<String> overloads =
                    declared.stream()
                            .flatMap(function -> function.overloads().stream())
                            .map(CelOverloadDecl::overloadId)
                            .toList();
            assertThat(library.costs()).containsOnlyKeys(overloads);
            assertThat(overloads).allMatch(id -> dispatcher.findOverload(id).isPresent());
        }
    }

    @Test
    void everyFunctionThatALibraryDeclaresCanBeCalled() {
        Set<String> missing = new TreeSet<>();
        int declared = 0;
        for (CelRuntimeLibrary library : LIBRARIES) {
            for (CelFunctionDecl function :
                    ((CelExtensionLibrary.FeatureSet) library).functions()) {
                for (CelOverloadDecl overload : function.overloads()) {
                    declared++;
                    if (dispatcher.findOverload(overload.overloadId()).isEmpty()) {
                        missing.add(overload.overloadId());
                    }
                }
            }
        }
        assertThat(declared).isGreaterThan(80);
        // The planner itself evaluates these two.
        missing.removeAll(Set.of("optional_or_optional", "optional_orValue_value"));
        assertThat(missing).isEmpty();
    }

    @Test
    void everyPriceBelongsToAFunction() {
        assertThat(FunctionPrices.overloads())
                .allSatisfy(id -> assertThat(dispatcher.findOverload(id)).as(id).isPresent());
    }
}
