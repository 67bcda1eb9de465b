package io.ponix.transforms.functions;

import dev.cel.common.types.SimpleType;
import java.util.List;

/**
 * {@code error(string) -> dyn}: refuses the payload with a {@link RefusedPayloadException} of that
 * message. Its type lets it stand wherever a value does: {@code f_port == 1 ? {…} : error("…")}.
 */
public final class RefusalFunctions extends DeclaredFunctions {

    public RefusalFunctions() {
        super(
                List.of(
                        new Overload(
                                "error",
                                "error_string",
                                FunctionCost.ARGUMENTS,
                                SimpleType.DYN,
                                List.of(SimpleType.STRING),
                                arguments -> {
                                    throw new RefusedPayloadException((String) arguments[0]);
                                })));
    }
}
