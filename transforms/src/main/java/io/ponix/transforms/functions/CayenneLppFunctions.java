package io.ponix.transforms.functions;

import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntimeBuilder;
import java.util.List;
import java.util.Map;

/**
 * {@code cayenne_lpp_decode(bytes[, types[, "stop_at_unknown"]]) -> map(string, dyn)}; see {@link
 * CayenneLpp} for the readings and {@link CayenneLppType} for types of one's own.
 */
public final class CayenneLppFunctions implements FunctionLibrary {
    private static final String DECODE = "cayenne_lpp_decode";

    private static final String DECODE_BYTES = "cayenne_lpp_decode_bytes";
    private static final String DECODE_BYTES_TYPES = "cayenne_lpp_decode_bytes_types";
    private static final String DECODE_BYTES_TYPES_STOP = "cayenne_lpp_decode_bytes_types_stop";

    private static final String STOP_AT_UNKNOWN = "stop_at_unknown";

    @Override
    public List<String> names() {
        return List.of(DECODE);
    }

    @Override
    public Map<String, FunctionCost> costs() {
        return Map.of(
                DECODE_BYTES, FunctionCost.ARGUMENTS,
                DECODE_BYTES_TYPES, FunctionCost.ARGUMENTS,
                DECODE_BYTES_TYPES_STOP, FunctionCost.ARGUMENTS);
    }

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {
        CelType readings = MapType.create(SimpleType.STRING, SimpleType.DYN);
        CelType types =
                MapType.create(SimpleType.INT, MapType.create(SimpleType.STRING, SimpleType.DYN));
        checker.addFunctionDeclarations(
                CelFunctionDecl.newFunctionDeclaration(
                        DECODE,
                        CelOverloadDecl.newGlobalOverload(DECODE_BYTES, readings, SimpleType.BYTES),
                        CelOverloadDecl.newGlobalOverload(
                                DECODE_BYTES_TYPES, readings, SimpleType.BYTES, types),
                        CelOverloadDecl.newGlobalOverload(
                                DECODE_BYTES_TYPES_STOP,
                                readings,
                                SimpleType.BYTES,
                                types,
                                SimpleType.STRING)));
    }

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                        DECODE,
                        CelFunctionBinding.from(
                                DECODE_BYTES,
                                CelByteString.class,
                                payload -> decode(payload, Map.of(), false)),
                        CelFunctionBinding.from(
                                DECODE_BYTES_TYPES,
                                CelByteString.class,
                                Map.class,
                                (payload, types) -> decode(payload, types, false)),
                        CelFunctionBinding.from(
                                DECODE_BYTES_TYPES_STOP,
                                List.of(CelByteString.class, Map.class, String.class),
                                CayenneLppFunctions::decodeUntilUnknown)));
    }

    private static DecodedObject decodeUntilUnknown(Object[] arguments) {
        if (!arguments[2].equals(STOP_AT_UNKNOWN)) {
            throw new CelInvalidArgumentException(
                    DECODE + ": the third argument is \"" + STOP_AT_UNKNOWN + "\" or left out");
        }
        return decode((CelByteString) arguments[0], (Map<?, ?>) arguments[1], true);
    }

    private static DecodedObject decode(
            CelByteString payload, Map<?, ?> types, boolean stopsAtUnknown) {
        try {
            return CayenneLpp.decode(
                    BytesContents.of(payload), CayenneLppType.table(types), stopsAtUnknown);
        } catch (IllegalArgumentException e) {
            // CEL's own error type: its message reaches the user as it stands.
            throw new CelBadFormatException(e);
        }
    }
}
