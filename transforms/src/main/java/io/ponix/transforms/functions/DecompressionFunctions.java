package io.ponix.transforms.functions;

import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import java.util.List;
import java.util.stream.Stream;

/**
 * {@code gunzip(bytes[, limit]) -> bytes} and {@code inflate(bytes[, limit]) -> bytes}, of which at
 * most {@code limit} bytes may come out, 1 MiB where it is not given; see {@link Inflation}.
 *
 * <p>The output is charged while it is made, and once more as a result.
 */
public final class DecompressionFunctions extends DeclaredFunctions {

    public DecompressionFunctions() {
        super(
                Stream.of(
                                overloads("gunzip", Inflation::gunzip),
                                overloads("inflate", Inflation::inflate))
                        .flatMap(List::stream)
                        .toList());
    }

    private interface Decompression {
        CelByteString apply(CelByteString value, long limit);
    }

    private static List<Overload> overloads(String function, Decompression decompression) {
        return List.of(
                new Overload(
                        function,
                        function + "_bytes",
                        FunctionCost.ARGUMENTS,
                        SimpleType.BYTES,
                        List.of(SimpleType.BYTES),
                        arguments ->
                                decompression.apply(
                                        (CelByteString) arguments[0], Inflation.DEFAULT_LIMIT)),
                new Overload(
                        function,
                        function + "_bytes_int",
                        FunctionCost.ARGUMENTS,
                        SimpleType.BYTES,
                        List.of(SimpleType.BYTES, SimpleType.INT),
                        arguments ->
                                decompression.apply(
                                        (CelByteString) arguments[0], (Long) arguments[1])));
    }
}
