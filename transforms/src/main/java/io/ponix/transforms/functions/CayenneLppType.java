package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import dev.cel.common.values.CelByteString;
import io.ponix.transforms.budget.WorkMeter;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A type of reading that Cayenne LPP does not define, or defines otherwise: {@code {"name":
 * "soil_moisture", "number": "u8", "divisor": 2}}.
 *
 * <p>{@code name} is what the key of a reading begins with. {@code number} is how the data is read,
 * by the name of the function of bytes that does it; {@code divisor}, if there is one, makes it a
 * double. In place of both, {@code size} leaves the data as so many bytes.
 */
final class CayenneLppType {
    private static final String NAME = "name";
    private static final String NUMBER = "number";
    private static final String DIVISOR = "divisor";
    private static final String SIZE = "size";

    private static final List<String> FIELDS = List.of(NAME, NUMBER, DIVISOR, SIZE);

    private static final int LARGEST_TYPE = 255;
    private static final int LARGEST_SIZE = 255;

    private final String name;

    /** Null where the data are bytes. */
    private final BytesNumber number;

    private final int size;

    /** Null where a number stays as it is. */
    private final Double divisor;

    private CayenneLppType(String name, BytesNumber number, int size, Double divisor) {
        this.name = name;
        this.number = number;
        this.size = size;
        this.divisor = divisor;
    }

    /**
     * The types of a table.
     *
     * @param table from CEL: the code of a type, 0 to 255, to what it is
     * @throws CelInvalidArgumentException if the table says anything else; names the type
     */
    static Map<Integer, CayenneLppType> table(Map<?, ?> table) {
        Map<Integer, CayenneLppType> types = new HashMap<>();
        for (Map.Entry<?, ?> entry : table.entrySet()) {
            WorkMeter.chargeCurrent((long) WorkMeter.UNITS_PER_ELEMENT * (1 + FIELDS.size()));
            if (!(entry.getKey() instanceof Long)
                    || (Long) entry.getKey() < 0
                    || (Long) entry.getKey() > LARGEST_TYPE) {
                throw invalid("a type is an int, 0 to " + LARGEST_TYPE);
            }
            int code = ((Long) entry.getKey()).intValue();
            if (!(entry.getValue() instanceof Map)) {
                throw invalid(code, "it is no map of what it is");
            }
            types.put(code, type(code, (Map<?, ?>) entry.getValue()));
        }
        return types;
    }

    private static CayenneLppType type(int code, Map<?, ?> described) {
        for (Object field : described.keySet()) {
            if (!FIELDS.contains(field)) {
                throw invalid(code, "only name, number, divisor and size can be said of it");
            }
        }
        if (!(described.get(NAME) instanceof String) || ((String) described.get(NAME)).isEmpty()) {
            throw invalid(code, "its name is not a string with a character in it");
        }
        if (described.containsKey(NUMBER) == described.containsKey(SIZE)) {
            throw invalid(code, "either its number or its size is needed");
        }
        String name = (String) described.get(NAME);
        if (described.containsKey(SIZE)) {
            if (described.containsKey(DIVISOR)) {
                throw invalid(code, "bytes have no divisor");
            }
            return new CayenneLppType(name, null, size(code, described.get(SIZE)), null);
        }
        BytesNumber number =
                Optional.of(described.get(NUMBER))
                        .filter(String.class::isInstance)
                        .flatMap(text -> BytesNumber.named((String) text))
                        .orElseThrow(
                                () ->
                                        invalid(
                                                code,
                                                "its number is none: u8, i16be and the like are"));
        return new CayenneLppType(
                name, number, number.size(), divisor(code, described.get(DIVISOR)));
    }

    private static int size(int code, Object size) {
        if (!(size instanceof Long) || (Long) size < 0 || (Long) size > LARGEST_SIZE) {
            throw invalid(code, "its size is not an int, 0 to " + LARGEST_SIZE);
        }
        return ((Long) size).intValue();
    }

    private static Double divisor(int code, Object divisor) {
        if (divisor == null) {
            return null;
        }
        double value = divisor instanceof Number ? ((Number) divisor).doubleValue() : 0;
        if (value == 0 || Double.isNaN(value) || Double.isInfinite(value)) {
            throw invalid(code, "its divisor is not a number other than 0");
        }
        return value;
    }

    private static CelInvalidArgumentException invalid(int code, String reason) {
        return invalid("type " + code + ": " + reason);
    }

    private static CelInvalidArgumentException invalid(String reason) {
        return new CelInvalidArgumentException("cayenne_lpp_decode: the table of types: " + reason);
    }

    String name() {
        return name;
    }

    /** The size of the data in bytes. */
    int size() {
        return size;
    }

    /** The key of a reading; charges the evaluation for it. */
    String key(int channel) {
        WorkMeter.chargeCurrent(name.length());
        return name + "_" + channel;
    }

    /** The value whose data, which is there, begins at {@code data}. */
    Object value(byte[] payload, int data) {
        CelByteString bytes = CelByteString.of(Arrays.copyOfRange(payload, data, data + size));
        if (number == null) {
            return bytes;
        }
        Object value = number.read(bytes, 0);
        return divisor == null ? value : ((Number) value).doubleValue() / divisor;
    }
}
