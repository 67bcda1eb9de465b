package io.ponix.transforms.functions;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.cbor.CBORParser;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import java.io.IOException;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes CEL values of a document, JSON or CBOR, which must be one value with nothing after it.
 *
 * <p>An object or map becomes a map(string, dyn) in the order of the document, of equal keys the
 * last one counts; keys of CBOR that are integers become their decimal text. Integers become int,
 * those only a uint can hold uint, all larger ones and all other numbers double; byte strings
 * become bytes, CBOR's tags 0 and 1 timestamps (to the microsecond), other tags are passed over;
 * null and undefined become null.
 */
final class DocumentReader {
    /** Of arrays and objects; twice what a result may have by default. */
    private static final int MAXIMUM_DEPTH = 64;

    private static final int CBOR_TAG_DATE_TIME = 0;
    private static final int CBOR_TAG_EPOCH_SECONDS = 1;

    private static final int BITS_OF_UINT = 64;

    /** What Jackson says of itself, and of settings that nobody has here. */
    private static final Pattern OF_JACKSON =
            Pattern.compile(
                    " \\(start marker at \\[[^]]*\\]\\)|:? enable `JsonReadFeature\\.\\w+` to"
                            + " allow| \\(consider enabling `JsonReadFeature\\.\\w+` to allow"
                            + " [^()]*(\\([^()]*\\))?\\)| \\(not recognized as one since Feature '\\w+'"
                            + " not enabled for parser\\)|, from `StreamReadConstraints\\.\\w+\\(\\)`");

    /** What Jackson says of lengths that CBOR announces, and what that means. */
    private static final Map<Pattern, String> OF_LENGTHS =
            Map.of(
                    Pattern.compile("Illegal length for .*", Pattern.DOTALL),
                    "an element announces a length that no document has",
                    Pattern.compile(
                            "Unexpected end-of-input for Binary value: expected (\\d+) bytes, only"
                                    + " found (\\d+)"),
                    "bytes are announced of which not all are there, $2 of $1",
                    Pattern.compile("Unexpected end-of-input in VALUE_STRING"),
                    "the document ends inside of a text",
                    Pattern.compile(
                            "Unexpected end-of-input in (Array|Object) value: expected (\\d+)"
                                    + " more.*",
                            Pattern.DOTALL),
                    "the document ends inside of an array or map that announces $2 more elements");

    private final String function;
    private final JsonParser parser;

    private DocumentReader(String function, JsonParser parser) {
        this.function = function;
        this.parser = parser;
    }

    /** Makes the parser of a document. */
    interface Source {
        JsonParser open() throws IOException;
    }

    /**
     * Reads a document.
     *
     * @param function the name that errors begin with
     * @throws CelBadFormatException if it is not a valid document; says where
     */
    static Object read(String function, Source source) {
        try (JsonParser parser = source.open()) {
            return new DocumentReader(function, parser).document();
        } catch (JsonProcessingException e) {
            throw new CelBadFormatException(
                    function + ": " + told(e.getOriginalMessage()) + place(e.getLocation()));
        } catch (IOException e) {
            // The parsers of CBOR and of damaged UTF-8 have errors without a place.
            throw new CelBadFormatException(function + ": " + e.getMessage());
        }
    }

    private static String told(String message) {
        for (Map.Entry<Pattern, String> lengths : OF_LENGTHS.entrySet()) {
            Matcher matcher = lengths.getKey().matcher(message);
            if (matcher.lookingAt()) {
                return matcher.replaceFirst(lengths.getValue());
            }
        }
        return OF_JACKSON.matcher(message).replaceAll("");
    }

    private static String place(JsonLocation location) {
        if (location == null) {
            return "";
        } else if (location.getLineNr() > 0) {
            return " at line " + location.getLineNr() + ", column " + location.getColumnNr();
        }
        return " at offset " + location.getByteOffset();
    }

    private Object document() throws IOException {
        if (parser.nextToken() == null) {
            throw new CelBadFormatException(function + ": the document is empty");
        }
        Object value = value(1);
        if (parser.nextToken() != null) {
            throw new CelBadFormatException(
                    function
                            + ": more follows after the document"
                            + place(parser.currentTokenLocation()));
        }
        return value;
    }

    private Object value(int depth) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new CelBadFormatException(function + ": the document ends early");
        }
        switch (token) {
            case START_OBJECT:
                return object(depth);
            case START_ARRAY:
                return array(depth);
            case VALUE_STRING:
                return text();
            case VALUE_NUMBER_INT:
            case VALUE_NUMBER_FLOAT:
                return number();
            case VALUE_TRUE:
                return true;
            case VALUE_FALSE:
                return false;
            case VALUE_NULL:
                return NullValue.NULL_VALUE;
            case VALUE_EMBEDDED_OBJECT:
                return CelByteString.of(parser.getBinaryValue());
            default:
                throw new CelBadFormatException(function + ": misplaced " + token);
        }
    }

    private DecodedObject object(int depth) throws IOException {
        checkDepth(depth);
        DecodedObject object = new DecodedObject(8);
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            object.set(key, value(depth + 1));
        }
        return object;
    }

    private List<Object> array(int depth) throws IOException {
        checkDepth(depth);
        // Not of the size that CBOR announces: that is whatever the sender likes.
        List<Object> array = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value(depth + 1));
        }
        return array;
    }

    private void checkDepth(int depth) {
        if (depth > MAXIMUM_DEPTH) {
            throw new CelBadFormatException(
                    function + ": the document nests deeper than " + MAXIMUM_DEPTH + " levels");
        }
    }

    private Object text() throws IOException {
        String text = parser.getText();
        if (tag() != CBOR_TAG_DATE_TIME) {
            return text;
        }
        try {
            return EpochTime.checked(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            throw new CelBadFormatException(
                    function + ": '" + text + "' is tagged as a time but is not one");
        }
    }

    private Object number() throws IOException {
        if (tag() == CBOR_TAG_EPOCH_SECONDS) {
            try {
                return EpochTime.ofSeconds(parser.getDoubleValue());
            } catch (DateTimeException e) {
                throw new CelBadFormatException(function + ": " + e.getMessage());
            }
        }
        switch (parser.getNumberType()) {
            case INT:
            case LONG:
                return parser.getLongValue();
            case BIG_INTEGER:
                BigInteger integer = parser.getBigIntegerValue();
                return integer.signum() > 0 && integer.bitLength() <= BITS_OF_UINT
                        ? UnsignedLong.valueOf(integer)
                        : (Object) integer.doubleValue();
            default:
                return parser.getDoubleValue();
        }
    }

    /** The tag of the current value; -1 if it has none, as everything in JSON. */
    private int tag() {
        return parser instanceof CBORParser ? ((CBORParser) parser).getCurrentTag() : -1;
    }
}
