package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.values.CelByteString;
import io.ponix.transforms.budget.WorkMeter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * Resolves Sensor Measurement Lists, RFC 8428, of JSON or of CBOR: a list of records of which each
 * may set base fields for itself and those that follow.
 *
 * <p>The result is a list of maps, one per measurement, in the order of the pack, each with these
 * keys in this order:
 *
 * <table>
 * <caption>A resolved measurement</caption>
 * <tr><td>{@code name}</td><td>string: base name and name put together; never empty</td></tr>
 * <tr><td>{@code unit}</td><td>string; absent if neither the record nor a base gives one</td></tr>
 * <tr><td>{@code value}</td><td>double (base value and value added up), string, bool or bytes;
 *     absent if the record only has a sum; numbers are doubles however they are written, so that
 *     a measurement keeps its type from one reading to the next</td></tr>
 * <tr><td>{@code sum}</td><td>double: base sum and sum added up; absent if there is neither</td>
 * </tr>
 * <tr><td>{@code time}</td><td>timestamp: base time and time added up, if that is an absolute time
 *     </td></tr>
 * <tr><td>{@code time_offset}</td><td>duration, in the place of {@code time} if base time and time
 *     add up to less than 2<sup>28</sup> seconds: how much later than now, negative if earlier. A
 *     record without any time happened now, at 0s</td></tr>
 * <tr><td>{@code update_time}</td><td>duration: the next update comes within it; absent if not
 *     given</td></tr>
 * </table>
 *
 * <p>What "now" is only the reader knows: {@code senml_decode(input, occurred_at)} takes it from
 * its second argument and gives every measurement a {@code time}. A record with base fields only is
 * no measurement. Fields that are not known are passed over, except those whose name ends with an
 * underscore: these must be understood (section 4.4), so that they are an error.
 */
final class SenMl {
    /** From here on a time is absolute (section 4.5.3). */
    private static final double FIRST_ABSOLUTE_TIME = 1L << 28;

    /** The version that RFC 8428 defines, and that of packs that name none. */
    private static final double VERSION = 10;

    private static final int NANOS_PER_SECOND = 1_000_000_000;

    /** Longer than CEL's timestamps are apart. */
    private static final double MOST_SECONDS = 1e12;

    /** The fields that make a record a measurement. */
    private static final List<String> REGULAR_FIELDS =
            List.of("n", "u", "v", "vs", "vb", "vd", "s", "t", "ut");

    /** The labels of CBOR (section 6), as text, and those of JSON. */
    private static final Map<String, String> LABELS_OF_CBOR =
            Map.ofEntries(
                    Map.entry("-1", "bver"),
                    Map.entry("-2", "bn"),
                    Map.entry("-3", "bt"),
                    Map.entry("-4", "bu"),
                    Map.entry("-5", "bv"),
                    Map.entry("-6", "bs"),
                    Map.entry("0", "n"),
                    Map.entry("1", "u"),
                    Map.entry("2", "v"),
                    Map.entry("3", "vs"),
                    Map.entry("4", "vb"),
                    Map.entry("5", "s"),
                    Map.entry("6", "t"),
                    Map.entry("7", "ut"),
                    Map.entry("8", "vd"));

    private final String function;
    private final Instant now;

    private String baseName = "";
    private double baseTime;
    private String baseUnit;
    private Double baseValue;
    private Double baseSum;

    private int position;

    private SenMl(String function, Instant now) {
        this.function = function;
        this.now = now;
    }

    /**
     * Resolves a pack.
     *
     * @param document the pack as {@link DocumentReader} reads it
     * @param cbor whether the labels are those of CBOR
     * @param now what relative times count from; null to leave them relative
     * @throws CelBadFormatException if it is not a valid pack; names the record
     */
    static List<Object> resolve(String function, Object document, boolean cbor, Instant now) {
        if (!(document instanceof List)) {
            throw new CelBadFormatException(function + ": a pack is a list of records");
        }
        SenMl pack = new SenMl(function, now);
        List<Object> measurements = new ArrayList<>();
        for (Object record : (List<?>) document) {
            if (!(record instanceof Map)) {
                throw pack.invalid("it is not an object");
            }
            DecodedObject measurement = pack.record(pack.fields((Map<?, ?>) record, cbor));
            if (measurement != null) {
                measurements.add(measurement);
            }
            pack.position++;
        }
        return measurements;
    }

    private DecodedObject fields(Map<?, ?> record, boolean cbor) {
        DecodedObject fields = new DecodedObject(record.size());
        record.forEach(
                (key, value) -> {
                    String label =
                            cbor ? LABELS_OF_CBOR.getOrDefault(key, (String) key) : (String) key;
                    if (label.endsWith("_")) {
                        throw invalid(
                                "the field '" + label + "' must be understood, and is not known");
                    }
                    fields.set(label, value);
                });
        return fields;
    }

    private DecodedObject record(DecodedObject fields) {
        setBases(fields);
        if (REGULAR_FIELDS.stream().noneMatch(fields::containsKey)) {
            return null;
        }
        Object value = value(fields);
        Double sum = number(fields, "s");
        if (value == null && sum == null) {
            // Section 4.5.4: what is missing counts as zero where there is a base.
            value = baseValue;
        }
        if (value == null && sum == null && baseSum == null) {
            throw invalid("it has neither a value nor a sum");
        }
        String name = text(fields, "n", "");
        if (baseName.isEmpty() && name.isEmpty()) {
            throw invalid("it has neither a name nor a base name");
        }
        DecodedObject measurement = new DecodedObject(6);
        // Each has a copy of the base name, which can be most of the pack.
        WorkMeter.chargeCurrent(baseName.length());
        measurement.set("name", baseName + name);
        String unit = text(fields, "u", baseUnit);
        if (unit != null) {
            measurement.set("unit", unit);
        }
        if (value != null) {
            measurement.set("value", value);
        }
        if (sum != null || baseSum != null) {
            measurement.set("sum", orZero(baseSum) + orZero(sum));
        }
        setTime(measurement, baseTime + orZero(number(fields, "t")));
        Double updateTime = number(fields, "ut");
        if (updateTime != null) {
            measurement.set("update_time", duration(updateTime));
        }
        return measurement;
    }

    private void setBases(DecodedObject fields) {
        Double version = number(fields, "bver");
        if (version != null && version > VERSION) {
            throw invalid("its version is " + version.longValue() + ", at most 10 is known");
        }
        baseName = text(fields, "bn", baseName);
        baseUnit = text(fields, "bu", baseUnit);
        Double time = number(fields, "bt");
        baseTime = time == null ? baseTime : time;
        Double value = number(fields, "bv");
        baseValue = value == null ? baseValue : value;
        Double sum = number(fields, "bs");
        baseSum = sum == null ? baseSum : sum;
    }

    /** The value of a record, which has at most one; null if it has none. */
    private Object value(DecodedObject fields) {
        Object value = null;
        for (String label : List.of("v", "vs", "vb", "vd")) {
            if (!fields.containsKey(label)) {
                continue;
            }
            if (value != null) {
                throw invalid("it has more than one value");
            }
            value = value(fields, label);
        }
        return value;
    }

    private Object value(DecodedObject fields, String label) {
        switch (label) {
            case "v":
                return orZero(baseValue) + number(fields, label);
            case "vs":
                return text(fields, label, null);
            case "vb":
                if (!(fields.get(label) instanceof Boolean)) {
                    throw invalid("the field 'vb' is not a boolean");
                }
                return fields.get(label);
            default:
                return data(fields.get(label));
        }
    }

    /** Bytes: of CBOR as they are, of JSON as base64 with the alphabet for URLs, unpadded. */
    private CelByteString data(Object value) {
        if (value instanceof CelByteString) {
            return (CelByteString) value;
        }
        if (value instanceof String) {
            try {
                return CelByteString.of(Base64.getUrlDecoder().decode((String) value));
            } catch (IllegalArgumentException e) {
                throw invalid("the field 'vd' is not base64 of the alphabet for URLs");
            }
        }
        throw invalid("the field 'vd' holds no data");
    }

    private void setTime(DecodedObject measurement, double seconds) {
        try {
            if (seconds >= FIRST_ABSOLUTE_TIME) {
                measurement.set("time", EpochTime.ofSeconds(seconds));
            } else if (now == null) {
                measurement.set("time_offset", duration(seconds));
            } else {
                measurement.set("time", EpochTime.checked(now.plus(duration(seconds))));
            }
        } catch (DateTimeException e) {
            throw invalid(e.getMessage());
        }
    }

    private Duration duration(double seconds) {
        if (!(Math.abs(seconds) <= MOST_SECONDS)) {
            throw invalid("a time of " + seconds + " seconds is out of range");
        }
        double whole = Math.floor(seconds);
        return Duration.ofSeconds((long) whole, Math.round((seconds - whole) * NANOS_PER_SECOND));
    }

    private Double number(DecodedObject fields, String label) {
        Object value = fields.get(label);
        if (value == null) {
            return null;
        }
        if (!(value instanceof Number)) {
            throw invalid("the field '" + label + "' is not a number");
        }
        return ((Number) value).doubleValue();
    }

    private String text(DecodedObject fields, String label, String absent) {
        Object value = fields.get(label);
        if (value == null) {
            return absent;
        }
        if (!(value instanceof String)) {
            throw invalid("the field '" + label + "' is not a string");
        }
        return (String) value;
    }

    private static double orZero(Double number) {
        return number == null ? 0 : number;
    }

    private CelBadFormatException invalid(String reason) {
        return new CelBadFormatException(function + ": record " + position + ": " + reason);
    }
}
