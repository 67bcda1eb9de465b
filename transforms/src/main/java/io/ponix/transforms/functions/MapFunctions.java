package io.ponix.transforms.functions;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.TypeParamType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code merge(map, map) -> map}: the entries of both, where the second one's count for keys that
 * both have. Keys are in the order of the first map, then of the second; what is nested is not
 * merged.
 */
public final class MapFunctions extends DeclaredFunctions {
    private static final CelType MAP = MapType.create(TypeParamType.create("K"), SimpleType.DYN);

    public MapFunctions() {
        super(
                List.of(
                        new Overload(
                                "merge",
                                "merge_map_map",
                                FunctionCost.ARGUMENTS,
                                MAP,
                                List.of(MAP, MAP),
                                arguments ->
                                        merged(
                                                (Map<?, ?>) arguments[0],
                                                (Map<?, ?>) arguments[1]))));
    }

    private static Map<Object, Object> merged(Map<?, ?> left, Map<?, ?> right) {
        Map<Object, Object> merged = new LinkedHashMap<>(left);
        right.forEach(
                (key, value) -> {
                    Object same = merged.containsKey(key) ? key : otherType(key);
                    merged.put(merged.containsKey(same) ? same : key, value);
                });
        return merged;
    }

    /** The key that is equal to CEL, and not to Java: of 1 it is 1u. */
    private static Object otherType(Object key) {
        if (key instanceof Long number && number >= 0) {
            return UnsignedLong.valueOf(number);
        } else if (key instanceof UnsignedLong number && number.longValue() >= 0) {
            return number.longValue();
        }
        return key;
    }
}
