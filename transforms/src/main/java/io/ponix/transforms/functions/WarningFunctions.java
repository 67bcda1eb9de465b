package io.ponix.transforms.functions;

import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import dev.cel.common.values.NullValue;
import io.ponix.transforms.budget.WorkMeter;
import java.util.List;

/**
 * {@code warning(string, A) -> A} gives its second argument and notes the text, {@code
 * warning(string) -> dyn} gives null: no value, and why. See {@link NotedWarnings}.
 *
 * <p>A text is noted once however often it is said. So it makes no difference that equal calls are
 * evaluated once, but for the number of those that are no longer listed.
 */
public final class WarningFunctions extends DeclaredFunctions {

    static final String WARNING = "warning";

    /** For the look whether it is noted already, and the list. */
    private static final long UNITS_PER_WARNING = 64;

    private static final TypeParamType VALUE = TypeParamType.create("A");

    public WarningFunctions() {
        super(
                List.of(
                        new Overload(
                                WARNING,
                                "warning_string",
                                FunctionCost.METERED,
                                SimpleType.DYN,
                                List.of(SimpleType.STRING),
                                arguments -> {
                                    note((String) arguments[0]);
                                    return NullValue.NULL_VALUE;
                                }),
                        new Overload(
                                WARNING,
                                "warning_string_value",
                                FunctionCost.METERED,
                                VALUE,
                                List.of(SimpleType.STRING, VALUE),
                                arguments -> {
                                    note((String) arguments[0]);
                                    return arguments[1];
                                })));
    }

    private static void note(String text) {
        WorkMeter.chargeCurrent(UNITS_PER_WARNING + text.length());
        NotedWarnings.note(text);
    }
}
