package io.ponix.transforms.functions;

import dev.cel.common.types.SimpleType;
import java.util.List;

/**
 * {@code error(string) -> dyn}: refuses the payload with a {@link RefusedPayloadException} of that
 * message. Its type lets it stand wherever a value does: {@code f_port == 1 ? {…} : error("…")}.
 */
public final class RefusalFunctions extends DeclaredFunctions {

    static final String ERROR = "error";

    private static final String BY_DEFAULT = "the transform refuses the payload";

    public RefusalFunctions() {
        super(
                List.of(
                        new Overload(
                                ERROR,
                                "error_string",
                                FunctionCost.ARGUMENTS,
                                SimpleType.DYN,
                                List.of(SimpleType.STRING),
                                arguments -> {
                                    String message = (String) arguments[0];
                                    throw new RefusedPayloadException(
                                            message.isBlank() ? BY_DEFAULT : message);
                                })));
    }
}
