package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import java.util.List;

/**
 * {@code string.format(list) -> string}: that of CEL's strings extension, which cel-java lacks. See
 * {@link TextFormat}.
 */
public final class FormatFunctions extends DeclaredFunctions {
    private static final String FORMAT = "format";

    public FormatFunctions() {
        super(
                List.of(
                        new Overload(
                                FORMAT,
                                "string_format_list",
                                FunctionCost.METERED,
                                true,
                                SimpleType.STRING,
                                List.of(SimpleType.STRING, ListType.create(SimpleType.DYN)),
                                arguments ->
                                        format((String) arguments[0], (List<?>) arguments[1]))));
    }

    private static String format(String format, List<?> values) {
        try {
            return new TextFormat(format, values).text();
        } catch (IllegalArgumentException e) {
            throw new CelInvalidArgumentException(FORMAT + ": " + e.getMessage());
        }
    }
}
