package io.ponix.transforms;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import io.ponix.transforms.budget.WorkMeter;
import io.ponix.transforms.functions.DocumentFunctions;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What an envelope became: what the transform sees of it as {@value #VARIABLE} when the device's
 * next one comes. Immutable; the array is shared, and nobody writes to it.
 *
 * @param json what the transform gave, an object or a list of objects, in UTF-8; at most {@value
 *     #MAX_BYTES} bytes
 * @param occurredAtSeconds when the device sent the envelope, in seconds since 1970
 * @param occurredAtNanos what goes beyond them, 0 to 999,999,999
 * @param fPort the LoRaWAN port, 0 where there is none
 */
public record PreviousResult(byte[] json, long occurredAtSeconds, int occurredAtNanos, long fPort) {

    /** The variable's name. */
    public static final String VARIABLE = "previous";

    /** The most bytes of JSON that a transform may give that uses the variable: they are kept. */
    public static final int MAX_BYTES = 4_096;

    /**
     * The most characters that all expressions and schemas of a device have together, and bytes its
     * descriptors, if one of them uses the variable.
     */
    static final int MAX_TEXT = 65_536;

    private static final String RESULT = "result";

    /** Checks that there is a result. */
    public PreviousResult {
        Objects.requireNonNull(json, "json");
    }

    /**
     * Of a result's text.
     *
     * @throws IllegalArgumentException if it is not an object or a list of objects, or too large;
     *     says so
     */
    public static PreviousResult of(String json, Instant occurredAt, long fPort) {
        GivenRows.check(json);
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(tooLarge(bytes.length));
        }
        return new PreviousResult(bytes, occurredAt.getEpochSecond(), occurredAt.getNano(), fPort);
    }

    /** Says of a result that it is too large to be kept. */
    static String tooLarge(int bytes) {
        return "the result has "
                + bytes
                + " bytes, more than the "
                + MAX_BYTES
                + " that are kept of a transform that uses "
                + VARIABLE;
    }

    /**
     * The variable's value; the result is read as {@code json_decode} reads it, at its price, and
     * is not there if it nests deeper than that reads.
     */
    Map<String, Object> value() {
        WorkMeter.chargeCurrent((long) WorkMeter.UNITS_PER_ELEMENT * json.length);
        Map<String, Object> value = new LinkedHashMap<>();
        try {
            value.put(
                    RESULT, DocumentFunctions.decodeJson(new String(json, StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException e) {
            // It nests deeper than documents may; without it, the next envelope is not lost, too.
            return withoutResult();
        }
        value.putAll(withoutResult());
        return value;
    }

    private Map<String, Object> withoutResult() {
        return Map.of(
                TransformEnvironment.OCCURRED_AT, occurredAt(), TransformEnvironment.F_PORT, fPort);
    }

    private Instant occurredAt() {
        try {
            return Instant.ofEpochSecond(occurredAtSeconds, occurredAtNanos);
        } catch (DateTimeException e) {
            throw new CelInvalidArgumentException("previous.occurred_at is out of range");
        }
    }
}
