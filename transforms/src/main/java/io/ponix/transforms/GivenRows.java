package io.ponix.transforms;

import io.ponix.transforms.functions.DocumentFunctions;
import java.util.List;
import java.util.Map;

/** What somebody says that a transform gives. */
final class GivenRows {

    private GivenRows() {}

    /**
     * @throws IllegalArgumentException if a text is neither a JSON object nor a list of them
     */
    static void check(String json) {
        Object expected = DocumentFunctions.decodeJson(json);
        boolean isOne = expected instanceof Map;
        boolean isList =
                expected instanceof List<?> rows && rows.stream().allMatch(Map.class::isInstance);
        if (!isOne && !isList) {
            throw new IllegalArgumentException("it is not a JSON object or a list of objects");
        }
    }
}
