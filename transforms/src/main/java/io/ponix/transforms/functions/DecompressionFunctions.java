package io.ponix.transforms.functions;

import dev.cel.checker.CelCheckerBuilder;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntimeBuilder;
import java.util.List;
import java.util.Map;

/**
 * {@code gunzip(bytes[, limit]) -> bytes} and {@code inflate(bytes[, limit]) -> bytes}, of which at
 * most {@code limit} bytes may come out, 1 MiB where it is not given; see {@link Inflation}.
 */
public final class DecompressionFunctions implements FunctionLibrary {
    private static final String GUNZIP = "gunzip";
    private static final String INFLATE = "inflate";

    private static final String GUNZIP_BYTES = "gunzip_bytes";
    private static final String GUNZIP_BYTES_INT = "gunzip_bytes_int";
    private static final String INFLATE_BYTES = "inflate_bytes";
    private static final String INFLATE_BYTES_INT = "inflate_bytes_int";

    @Override
    public List<String> names() {
        return List.of(GUNZIP, INFLATE);
    }

    /** The output is charged while it is made, and once more as a result. */
    @Override
    public Map<String, FunctionCost> costs() {
        return Map.of(
                GUNZIP_BYTES, FunctionCost.ARGUMENTS,
                GUNZIP_BYTES_INT, FunctionCost.ARGUMENTS,
                INFLATE_BYTES, FunctionCost.ARGUMENTS,
                INFLATE_BYTES_INT, FunctionCost.ARGUMENTS);
    }

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {
        checker.addFunctionDeclarations(
                declaration(GUNZIP, GUNZIP_BYTES, GUNZIP_BYTES_INT),
                declaration(INFLATE, INFLATE_BYTES, INFLATE_BYTES_INT));
    }

    private static CelFunctionDecl declaration(String function, String bytes, String bytesAndInt) {
        return CelFunctionDecl.newFunctionDeclaration(
                function,
                CelOverloadDecl.newGlobalOverload(bytes, SimpleType.BYTES, SimpleType.BYTES),
                CelOverloadDecl.newGlobalOverload(
                        bytesAndInt, SimpleType.BYTES, SimpleType.BYTES, SimpleType.INT));
    }

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                        GUNZIP,
                        CelFunctionBinding.from(
                                GUNZIP_BYTES,
                                CelByteString.class,
                                value -> Inflation.gunzip(value, Inflation.DEFAULT_LIMIT)),
                        CelFunctionBinding.from(
                                GUNZIP_BYTES_INT,
                                CelByteString.class,
                                Long.class,
                                Inflation::gunzip)));
        runtime.addFunctionBindings(
                CelFunctionBinding.fromOverloads(
                        INFLATE,
                        CelFunctionBinding.from(
                                INFLATE_BYTES,
                                CelByteString.class,
                                value -> Inflation.inflate(value, Inflation.DEFAULT_LIMIT)),
                        CelFunctionBinding.from(
                                INFLATE_BYTES_INT,
                                CelByteString.class,
                                Long.class,
                                Inflation::inflate)));
    }
}
