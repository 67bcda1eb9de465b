package io.ponix.transforms.functions;

import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntimeBuilder;
import java.util.List;
import java.util.Map;

/** {@code cayenne_lpp_decode(bytes) -> map(string, dyn)}; see {@link CayenneLpp}. */
public final class CayenneLppFunctions implements FunctionLibrary {
    private static final String DECODE = "cayenne_lpp_decode";

    private static final String DECODE_BYTES = "cayenne_lpp_decode_bytes";

    @Override
    public List<String> names() {
        return List.of(DECODE);
    }

    @Override
    public Map<String, FunctionCost> costs() {
        return Map.of(DECODE_BYTES, FunctionCost.ARGUMENTS);
    }

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {
        checker.addFunctionDeclarations(
                CelFunctionDecl.newFunctionDeclaration(
                        DECODE,
                        CelOverloadDecl.newGlobalOverload(
                                DECODE_BYTES,
                                MapType.create(SimpleType.STRING, SimpleType.DYN),
                                SimpleType.BYTES)));
    }

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                        DECODE,
                        CelFunctionBinding.from(
                                DECODE_BYTES, CelByteString.class, CayenneLppFunctions::decode)));
    }

    private static DecodedObject decode(CelByteString payload) {
        try {
            return CayenneLpp.decode(BytesContents.of(payload));
        } catch (IllegalArgumentException e) {
            // CEL's own error type: its message reaches the user as it stands.
            throw new CelBadFormatException(e);
        }
    }
}
