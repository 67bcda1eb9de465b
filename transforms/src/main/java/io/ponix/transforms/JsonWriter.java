package io.ponix.transforms;

import com.google.common.primitives.UnsignedLong;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.ErrorValue;
import dev.cel.common.values.NullValue;
import io.ponix.transforms.TransformException.Kind;
import io.ponix.transforms.functions.DecodedObject;
import io.ponix.transforms.functions.RefusedPayloadException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * Writes the value of an expression as JSON.
 *
 * <p>Integers (int and uint) are written as integers and doubles always with a decimal point, in
 * their shortest form (see {@link DecimalText}): ClickHouse types a JSON path by what it sees,
 * Int64 for {@code 25} and Float64 for {@code 25.0}. Bytes become base64, timestamps RFC 3339 in
 * UTC, durations CEL's own text ({@code 1.500s}). Strings are written as UTF-8 with only what JSON
 * demands escaped; half of a surrogate pair, which UTF-8 cannot express, becomes U+FFFD.
 */
final class JsonWriter {
    private static final byte[] HEX = {
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'
    };

    private final int maxBytes;
    private final int maxDepth;
    private final int maxRows;

    JsonWriter(int maxBytes, int maxDepth, int maxRows) {
        this.maxBytes = maxBytes;
        this.maxDepth = maxDepth;
        this.maxRows = maxRows;
    }

    /**
     * Appends {@code value} to {@code out}, as a row or as rows; after an exception what was
     * appended has no meaning.
     *
     * @throws TransformException if the value is neither an object nor a list of objects, gives a
     *     row a time that is none, holds what JSON or ClickHouse cannot, or is too long or too deep
     */
    void writeRows(Object value, JsonBuffer out) throws TransformException {
        int limit = (int) Math.min(Integer.MAX_VALUE, (long) out.length() + maxBytes);
        try {
            if (value instanceof Map) {
                out.beginResult(false);
                writeRow((Map<?, ?>) value, out, limit);
            } else if (value instanceof Collection) {
                out.beginResult(true);
                writeRowList((Collection<?>) value, out, limit);
            } else {
                throw new InvalidOutputException(
                        "the result is "
                                + CelTypeName.of(value)
                                + ", not an object or a list of objects");
            }
        } catch (InvalidOutputException e) {
            throw TransformException.inResult(e.kind(), e.path(), e.getMessage());
        } catch (RefusedPayloadException e) {
            throw TransformException.refused(e.getMessage(), e);
        } catch (OutputLimitException e) {
            throw new TransformException(Kind.EVALUATION_FAILED, e.getMessage(), null);
        }
    }

    /** The JSON of a value of a document that was read, which needs no limits. */
    static String text(Object value) {
        JsonBuffer out = new JsonBuffer();
        new JsonWriter(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE)
                .writeValue(value, out, 0, Integer.MAX_VALUE);
        return out.toString();
    }

    private void writeRowList(Collection<?> rows, JsonBuffer out, int limit) {
        if (rows.size() > maxRows) {
            throw new OutputLimitException(
                    "the result has "
                            + rows.size()
                            + " rows, more than outputRows, "
                            + maxRows
                            + ": PONIX_TRANSFORM_MAX_ROWS of the job and the device service");
        }
        out.writeByte('[');
        int index = 0;
        for (Object row : rows) {
            if (index > 0) {
                out.writeByte(',');
            }
            try {
                if (!(row instanceof Map)) {
                    throw invalid(row, "is " + CelTypeName.of(row) + ", not an object");
                }
                writeRow((Map<?, ?>) row, out, limit);
            } catch (InvalidOutputException e) {
                throw e.inside(index);
            }
            index++;
        }
        out.writeByte(']');
        checkLength(out, limit);
    }

    /** Of a value that is not what it should be, or that evaluating it failed to give. */
    private static InvalidOutputException invalid(Object value, String reason) {
        if (value instanceof ErrorValue) {
            RefusedPayloadException.in(((ErrorValue) value).value())
                    .ifPresent(
                            refusal -> {
                                throw refusal;
                            });
            return new InvalidOutputException(
                    Kind.EVALUATION_FAILED, ValueText.failure(value).orElseThrow());
        }
        return new InvalidOutputException(reason);
    }

    /** An object whose reserved key is not written, but is the row's time. */
    private void writeRow(Map<?, ?> row, JsonBuffer out, int limit) {
        out.beginRow();
        Object given = row.get(Transform.OCCURRED_AT);
        Instant time = given == null ? null : time(given);
        if (time != null) {
            out.setRowTime(time);
        }
        out.setSuspicious(false);
        writeMap(row, out, 1, limit, given != null);
        if (out.isSuspicious()) {
            StorableResult.require(row);
        }
        out.endRow();
    }

    /** Null for the null of a document, which is no time. */
    private static Instant time(Object value) {
        if (value instanceof Instant) {
            return (Instant) value;
        }
        if (value instanceof NullValue) {
            return null;
        }
        if (value instanceof String) {
            try {
                return OffsetDateTime.parse((String) value).toInstant();
            } catch (DateTimeParseException e) {
                throw notATime(value, "a text that is not of the form 2026-01-31T12:00:00Z");
            }
        }
        throw notATime(value, CelTypeName.of(value));
    }

    private static InvalidOutputException notATime(Object value, String what) {
        return invalid(
                        value,
                        "the key is reserved for the row's time, a timestamp, and this is "
                                + what
                                + "; write timestamp(...), or give what is no time another name")
                .inside(Transform.OCCURRED_AT);
    }

    private void writeMap(Map<?, ?> map, JsonBuffer out, int depth, int limit) {
        writeMap(map, out, depth, limit, false);
    }

    /**
     * @param isTimed whether the reserved key is there, and left out
     */
    private void writeMap(Map<?, ?> map, JsonBuffer out, int depth, int limit, boolean isTimed) {
        if (depth > maxDepth) {
            throw new OutputLimitException(
                    "the result nests deeper than outputDepth, "
                            + maxDepth
                            + " levels: PONIX_TRANSFORM_MAX_OUTPUT_DEPTH of the job and the device"
                            + " service");
        }
        if (map instanceof DecodedObject) {
            writeDecoded((DecodedObject) map, out, depth, limit, isTimed);
            return;
        }
        out.writeByte('{');
        boolean first = true;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (isTimed && Transform.OCCURRED_AT.equals(entry.getKey())) {
                continue;
            }
            if (!first) {
                out.writeByte(',');
            }
            first = false;
            if (!(entry.getKey() instanceof String)) {
                throw new InvalidOutputException(
                        "the key "
                                + entry.getKey()
                                + " is "
                                + CelTypeName.of(entry.getKey())
                                + ", not a string");
            }
            writeEntry((String) entry.getKey(), entry.getValue(), out, depth, limit);
        }
        out.writeByte('}');
        checkLength(out, limit);
    }

    /** The same without iterators and entries. */
    private void writeDecoded(
            DecodedObject object, JsonBuffer out, int depth, int limit, boolean isTimed) {
        out.writeByte('{');
        boolean first = true;
        for (int i = 0; i < object.size(); i++) {
            if (isTimed && Transform.OCCURRED_AT.equals(object.keyAt(i))) {
                continue;
            }
            if (!first) {
                out.writeByte(',');
            }
            first = false;
            writeEntry(object.keyAt(i), object.valueAt(i), out, depth, limit);
        }
        out.writeByte('}');
        checkLength(out, limit);
    }

    private void writeEntry(String key, Object value, JsonBuffer out, int depth, int limit) {
        writeKey(key, out, limit);
        try {
            writeValue(value, out, depth, limit);
        } catch (InvalidOutputException e) {
            throw e.inside(key);
        }
    }

    private void writeKey(String key, JsonBuffer out, int limit) {
        byte[] known = out.keys().find(key);
        if (known != null) {
            checkRoom(out, known.length, limit);
            System.arraycopy(known, 0, out.reserve(known.length), out.length(), known.length);
            out.advance(known.length);
            return;
        }
        int start = out.length();
        writeString(key, out, limit);
        out.writeByte(':');
        if (StorableResult.mayCollide(key)) {
            out.setSuspicious(true); // and every time: it is not among the known ones
            return;
        }
        out.keys().offer(key, out.array(), start, out.length());
    }

    private void writeList(Collection<?> list, JsonBuffer out, int depth, int limit) {
        if (depth > maxDepth) {
            throw new OutputLimitException(
                    "the result nests deeper than outputDepth, "
                            + maxDepth
                            + " levels: PONIX_TRANSFORM_MAX_OUTPUT_DEPTH of the job and the device"
                            + " service");
        }
        out.writeByte('[');
        int index = 0;
        for (Object element : list) {
            if (index > 0) {
                out.writeByte(',');
            }
            try {
                writeValue(element, out, depth, limit);
            } catch (InvalidOutputException e) {
                throw e.inside(index);
            }
            index++;
        }
        out.writeByte(']');
        checkLength(out, limit);
    }

    private void writeValue(Object value, JsonBuffer out, int depth, int limit) {
        if (value instanceof Double) {
            writeDouble((Double) value, out);
            checkLength(out, limit);
        } else if (value instanceof Long) {
            DecimalText.writeLong((Long) value, out);
            checkLength(out, limit);
        } else if (value instanceof String) {
            writeString((String) value, out, limit);
        } else if (value instanceof Map) {
            writeMap((Map<?, ?>) value, out, depth + 1, limit);
        } else if (value instanceof Collection) {
            writeList((Collection<?>) value, out, depth + 1, limit);
        } else {
            writeRareValue(value, out, limit);
        }
    }

    private void writeRareValue(Object value, JsonBuffer out, int limit) {
        if (value instanceof Boolean) {
            out.writeAscii((Boolean) value ? "true" : "false");
        } else if (value instanceof NullValue) {
            out.writeAscii("null");
        } else if (value instanceof UnsignedLong) {
            out.writeAscii(value.toString());
            if (StorableResult.isBeyondInt64((UnsignedLong) value)) {
                out.setSuspicious(true);
            }
        } else if (value instanceof CelByteString) {
            writeBytes((CelByteString) value, out, limit);
        } else if (value instanceof Instant) {
            writeQuoted(value.toString(), out);
        } else if (value instanceof Duration) {
            writeQuoted(durationText((Duration) value), out);
        } else if (value instanceof Optional) {
            throw new InvalidOutputException(
                    "an optional is not a JSON value; write ?key: value to leave an absent one"
                            + " out, or value.orValue(...)");
        } else {
            throw invalid(value, CelTypeName.of(value) + " is not a JSON value");
        }
        checkLength(out, limit);
    }

    private static void writeDouble(double value, JsonBuffer out) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new InvalidOutputException("JSON has no number " + value);
        }
        DecimalText.writeDouble(value, out);
    }

    private void writeBytes(CelByteString bytes, JsonBuffer out, int limit) {
        checkRoom(out, 2 + (bytes.size() + 2L) / 3 * 4, limit);
        out.writeByte('"');
        byte[] text = Base64.getEncoder().encode(bytes.toByteArray());
        System.arraycopy(text, 0, out.reserve(text.length), out.length(), text.length);
        out.advance(text.length);
        out.writeByte('"');
    }

    private static void writeQuoted(String ascii, JsonBuffer out) {
        out.writeByte('"');
        out.writeAscii(ascii);
        out.writeByte('"');
    }

    /** As CEL's {@code string(duration)}: seconds with 0, 3, 6 or 9 decimals and an {@code s}. */
    private static String durationText(Duration duration) {
        boolean negative = duration.isNegative();
        Duration magnitude = duration.abs();
        int nanos = magnitude.getNano();
        String text = (negative ? "-" : "") + magnitude.getSeconds();
        if (nanos == 0) {
            return text + "s";
        }
        String decimals = String.valueOf(1_000_000_000 + nanos).substring(1);
        int digits = nanos % 1_000_000 == 0 ? 3 : nanos % 1_000 == 0 ? 6 : 9;
        return text + "." + decimals.substring(0, digits) + "s";
    }

    private void writeString(String text, JsonBuffer out, int limit) {
        int count = text.length();
        checkRoom(out, 2L + count, limit);
        // A character takes at most six bytes: an escape, or three of UTF-8.
        byte[] bytes = out.reserve(Math.addExact(2, Math.multiplyExact(6, count)));
        int start = out.length();
        int at = start;
        bytes[at++] = '"';
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                if (c >= 0x20 && c != '"' && c != '\\') {
                    bytes[at++] = (byte) c;
                } else {
                    at = escape(c, bytes, at);
                }
            } else if (c < 0x800) {
                bytes[at++] = (byte) (0xC0 | c >> 6);
                bytes[at++] = (byte) (0x80 | c & 0x3F);
            } else if (Character.isHighSurrogate(c)
                    && i + 1 < count
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                int codePoint = Character.toCodePoint(c, text.charAt(++i));
                bytes[at++] = (byte) (0xF0 | codePoint >> 18);
                bytes[at++] = (byte) (0x80 | codePoint >> 12 & 0x3F);
                bytes[at++] = (byte) (0x80 | codePoint >> 6 & 0x3F);
                bytes[at++] = (byte) (0x80 | codePoint & 0x3F);
            } else {
                char valid = Character.isSurrogate(c) ? '\uFFFD' : c;
                bytes[at++] = (byte) (0xE0 | valid >> 12);
                bytes[at++] = (byte) (0x80 | valid >> 6 & 0x3F);
                bytes[at++] = (byte) (0x80 | valid & 0x3F);
            }
        }
        bytes[at++] = '"';
        out.advance(at - start);
        checkLength(out, limit);
    }

    private static int escape(char c, byte[] bytes, int start) {
        int at = start;
        bytes[at++] = '\\';
        switch (c) {
            case '"':
            case '\\':
                bytes[at++] = (byte) c;
                break;
            case '\n':
                bytes[at++] = 'n';
                break;
            case '\r':
                bytes[at++] = 'r';
                break;
            case '\t':
                bytes[at++] = 't';
                break;
            default:
                bytes[at++] = 'u';
                bytes[at++] = '0';
                bytes[at++] = '0';
                bytes[at++] = HEX[c >> 4];
                bytes[at++] = HEX[c & 0xF];
        }
        return at;
    }

    private void checkLength(JsonBuffer out, int limit) {
        checkRoom(out, 0, limit);
    }

    private void checkRoom(JsonBuffer out, long more, int limit) {
        if (out.length() + more > limit) {
            throw new OutputLimitException(
                    "the result is longer than outputBytes, "
                            + maxBytes
                            + " bytes of JSON: PONIX_TRANSFORM_MAX_OUTPUT_BYTES of the job and the"
                            + " device service");
        }
    }

    /** The result is too long or too deep. */
    private static final class OutputLimitException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        OutputLimitException(String message) {
            super(message, null, false, false);
        }
    }
}
