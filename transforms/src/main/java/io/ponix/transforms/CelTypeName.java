package io.ponix.transforms;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** Names the CEL type of a value in a message, with its article: "a list", "an int". */
final class CelTypeName {
    private CelTypeName() {}

    static String of(Object value) {
        if (value instanceof Map) {
            return "a map";
        } else if (value instanceof Collection) {
            return "a list";
        } else if (value instanceof String) {
            return "a string";
        } else if (value instanceof Long) {
            return "an int";
        } else if (value instanceof UnsignedLong) {
            return "a uint";
        } else if (value instanceof Double) {
            return "a double";
        } else if (value instanceof Boolean) {
            return "a bool";
        } else if (value instanceof CelByteString) {
            return "bytes";
        } else if (value instanceof NullValue) {
            return "null";
        } else if (value instanceof Instant) {
            return "a timestamp";
        } else if (value instanceof Duration) {
            return "a duration";
        } else if (value instanceof Optional) {
            return "an optional";
        } else if (value instanceof CelType) {
            return "a type";
        }
        return "a value of the type " + value.getClass().getSimpleName();
    }

    /** The same where only the name of a value's class is known, as messages have it. */
    static String ofClass(String name) {
        String simple = name.substring(name.lastIndexOf('.') + 1);
        return switch (simple) {
            case "Long" -> "an int";
            case "UnsignedLong" -> "a uint";
            case "Double" -> "a double";
            case "String" -> "a string";
            case "Boolean" -> "a bool";
            case "NullValue" -> "null";
            case "Instant" -> "a timestamp";
            case "Duration" -> "a duration";
            case "Optional" -> "an optional";
            default ->
                    simple.contains("ByteString")
                            ? "bytes"
                            : simple.contains("Map") || simple.equals("DecodedObject")
                                    ? "a map"
                                    : simple.contains("List") ? "a list" : "of another type";
        };
    }
}
