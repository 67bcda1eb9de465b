package io.ponix.transforms.runtime;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.runtime.CelFunctionBinding;
import io.ponix.transforms.functions.QuotedText;
import java.util.List;
import java.util.function.Function;

/**
 * Numbers of texts, with the results of CEL's own functions and errors that name the function, the
 * text and what it should be.
 */
final class ConversionFunctions {
    private ConversionFunctions() {}

    static List<CelFunctionBinding> toInt() {
        return List.of(
                binding(
                        "string_to_int64",
                        "int",
                        Long::parseLong,
                        "is no whole number of 64 bits; int(double(x)) takes decimals, int(x, 16)"
                                + " another base"));
    }

    static List<CelFunctionBinding> toUint() {
        return List.of(
                binding(
                        "string_to_uint64",
                        "uint",
                        UnsignedLong::valueOf,
                        "is no whole number of 64 bits without a sign"));
    }

    static List<CelFunctionBinding> toDouble() {
        return List.of(binding("string_to_double", "double", Double::parseDouble, "is no number"));
    }

    private static CelFunctionBinding binding(
            String overload, String function, Function<String, Object> conversion, String refusal) {
        return CelFunctionBinding.from(
                overload,
                String.class,
                text -> {
                    try {
                        return conversion.apply(text);
                    } catch (NumberFormatException e) {
                        throw new CelBadFormatException(
                                function + ": " + QuotedText.of(text) + " " + refusal);
                    }
                });
    }
}
