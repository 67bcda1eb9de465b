package io.ponix.transforms.functions;

import com.google.common.primitives.UnsignedLong;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.values.CelByteString;
import dev.cel.common.values.NullValue;
import io.ponix.transforms.budget.WorkMeter;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes CEL values of a message of Protocol Buffers by its descriptor, named as in JSON.
 *
 * <p>Values are as by other decoders: all integers become int, those only a uint can hold uint,
 * {@code float} and {@code double} double, {@code bytes} bytes. Enums become the name of their
 * value, or its number where the descriptor has no name for it. {@code Timestamp} and {@code
 * Duration} become CEL's, {@code Struct}, {@code Value}, {@code ListValue} and wrappers what they
 * hold. A map becomes a map whose keys are texts.
 *
 * <p>A field that is not there and whose type tells nothing by that (a number of proto3 without
 * {@code optional}, a list, a map) has its default: a sender leaves 0 out. All others are left out.
 * What the descriptor does not know, extensions among it, is passed over, and so is what has
 * another wire type than it says. Of a field that is there twice the last value counts, and
 * messages are merged.
 *
 * <p>A message is charged for all of its fields, because all may be in the result.
 */
final class MessageReader {
    /** Of messages and groups in each other; as of other documents. */
    private static final int MAXIMUM_DEPTH = 64;

    private static final Duration LONGEST = Duration.ofSeconds(315_576_000_000L);
    private static final int MOST_NANOS = 999_999_999;

    private final ProtobufWire wire;

    /** What is read just now, from the outermost field to the innermost. */
    private final FieldDescriptor[] path = new FieldDescriptor[MAXIMUM_DEPTH + 2];

    private int depth;

    private MessageReader(CelByteString message) {
        wire = new ProtobufWire(message);
    }

    /** A message whose fields are read; by their index, {@code null} for what is not there. */
    private record Partial(Descriptor type, Object[] values) {
        Partial(Descriptor type) {
            this(type, new Object[type.getFields().size()]);
        }

        Object get(FieldDescriptor field) {
            return values[field.getIndex()];
        }

        void set(FieldDescriptor field, Object value) {
            values[field.getIndex()] = value;
        }

        @SuppressWarnings("unchecked")
        List<Object> list(FieldDescriptor field) {
            if (get(field) == null) {
                set(field, new ArrayList<>());
            }
            return (List<Object>) get(field);
        }
    }

    /**
     * Reads a message.
     *
     * @throws CelBadFormatException if it is none; says where, and in which field
     */
    static Object read(Descriptor type, CelByteString message) {
        MessageReader reader = new MessageReader(message);
        try {
            Partial partial = begin(type);
            while (!reader.wire.isAtEnd()) {
                reader.field(partial, reader.wire.tag());
            }
            return reader.finished(partial);
        } catch (CelBadFormatException e) {
            throw new CelBadFormatException(e.getMessage() + reader.place(type));
        }
    }

    private String place(Descriptor type) {
        StringBuilder place = new StringBuilder(" in ").append(type.getFullName());
        for (int i = 0; i < depth; i++) {
            place.append(i == 0 ? ": " : ".").append(path[i].getName());
        }
        return place.toString();
    }

    private static Partial begin(Descriptor type) {
        WorkMeter.chargeCurrent((long) WorkMeter.UNITS_PER_ELEMENT * type.getFields().size());
        return new Partial(type);
    }

    private void field(Partial message, ProtobufWire.Tag tag) {
        FieldDescriptor field = message.type.findFieldByNumber(tag.field());
        boolean isPacked =
                field != null
                        && field.isPackable()
                        && tag.wireType() == ProtobufWire.LENGTH_DELIMITED;
        if (!isPacked && (field == null || tag.wireType() != field.getLiteType().getWireType())) {
            skip(tag, depth);
            return;
        }
        path[depth++] = field;
        if (isPacked) {
            packed(message.list(field), field, tag);
        } else if (field.isMapField()) {
            entry(message, field, tag);
        } else if (field.isRepeated()) {
            message.list(field).add(element(field, tag));
        } else {
            single(message, field, tag);
        }
        depth--;
    }

    private static void checkDepth(int depth, ProtobufWire.Tag tag) {
        if (depth > MAXIMUM_DEPTH) {
            throw ProtobufWire.bad(
                    "the message nests deeper than " + MAXIMUM_DEPTH + " levels", tag.start());
        }
    }

    private void packed(List<Object> list, FieldDescriptor field, ProtobufWire.Tag tag) {
        int outer = wire.enter(wire.length(tag.start()));
        while (!wire.isAtEnd()) {
            list.add(scalar(field, tag));
        }
        wire.leave(outer);
    }

    private void entry(Partial message, FieldDescriptor field, ProtobufWire.Tag tag) {
        Partial entry = begin(field.getMessageType());
        contents(entry, tag);
        DecodedObject map = (DecodedObject) message.get(field);
        if (map == null) {
            map = new DecodedObject(8);
            message.set(field, map);
        }
        FieldDescriptor value = entry.type.findFieldByNumber(2);
        map.set(
                valueOrDefault(entry, entry.type.findFieldByNumber(1)).toString(),
                valueOrDefault(entry, value));
    }

    private Object valueOrDefault(Partial entry, FieldDescriptor field) {
        Object value = entry.get(field);
        if (value != null) {
            return finished(value);
        }
        return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                ? finished(begin(field.getMessageType()))
                : defaultOf(field);
    }

    private void single(Partial message, FieldDescriptor field, ProtobufWire.Tag tag) {
        OneofDescriptor oneof = field.getRealContainingOneof();
        if (oneof != null) {
            WorkMeter.chargeCurrent(oneof.getFieldCount());
            for (FieldDescriptor other : oneof.getFields()) {
                if (other != field) {
                    message.set(other, null);
                }
            }
        }
        if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
            message.set(field, scalar(field, tag));
            return;
        }
        if (message.get(field) == null) {
            message.set(field, begin(field.getMessageType()));
        }
        contents((Partial) message.get(field), tag);
    }

    private Object element(FieldDescriptor field, ProtobufWire.Tag tag) {
        if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
            return scalar(field, tag);
        }
        Partial element = begin(field.getMessageType());
        contents(element, tag);
        return finished(element);
    }

    private void contents(Partial message, ProtobufWire.Tag tag) {
        checkDepth(depth, tag);
        if (tag.wireType() == ProtobufWire.START_GROUP) {
            ProtobufWire.Tag next = wire.tag();
            while (next.wireType() != ProtobufWire.END_GROUP) {
                field(message, next);
                next = wire.tag();
            }
            checkEnd(tag, next);
            return;
        }
        int outer = wire.enter(wire.length(tag.start()));
        while (!wire.isAtEnd()) {
            field(message, wire.tag());
        }
        wire.leave(outer);
    }

    private void skip(ProtobufWire.Tag tag, int level) {
        if (tag.wireType() != ProtobufWire.START_GROUP) {
            wire.skip(tag);
            return;
        }
        checkDepth(level, tag);
        ProtobufWire.Tag next = wire.tag();
        while (next.wireType() != ProtobufWire.END_GROUP) {
            skip(next, level + 1);
            next = wire.tag();
        }
        checkEnd(tag, next);
    }

    private static void checkEnd(ProtobufWire.Tag group, ProtobufWire.Tag end) {
        if (end.field() != group.field()) {
            throw ProtobufWire.bad(
                    "the group " + group.field() + " ends as the group " + end.field(),
                    end.start());
        }
    }

    private Object scalar(FieldDescriptor field, ProtobufWire.Tag tag) {
        int start = tag.start();
        return switch (field.getType()) {
            case DOUBLE -> Double.longBitsToDouble(wire.fixed(Long.BYTES, start));
            case FLOAT -> (double) Float.intBitsToFloat((int) wire.fixed(Integer.BYTES, start));
            case INT64 -> wire.varint();
            case UINT64 -> unsigned(wire.varint());
            case INT32 -> (long) (int) wire.varint();
            case UINT32 -> Integer.toUnsignedLong((int) wire.varint());
            case SINT32 -> zigZag(Integer.toUnsignedLong((int) wire.varint()));
            case SINT64 -> zigZag(wire.varint());
            case FIXED64 -> unsigned(wire.fixed(Long.BYTES, start));
            case FIXED32 -> wire.fixed(Integer.BYTES, start);
            case SFIXED32 -> (long) (int) wire.fixed(Integer.BYTES, start);
            case SFIXED64 -> wire.fixed(Long.BYTES, start);
            case BOOL -> wire.varint() != 0;
            case ENUM -> nameOf(field.getEnumType(), (int) wire.varint());
            case STRING -> wire.text(wire.length(start), start);
            case BYTES -> wire.take(wire.length(start), start);
            case MESSAGE, GROUP -> throw new AssertionError(field.getFullName());
        };
    }

    private static long zigZag(long number) {
        return number >>> 1 ^ -(number & 1);
    }

    private static Object unsigned(long number) {
        return number >= 0 ? (Object) number : UnsignedLong.fromLongBits(number);
    }

    private static Object nameOf(EnumDescriptor type, int number) {
        if (type.getFullName().equals(WellKnownMessage.NULL_VALUE)) {
            return NullValue.NULL_VALUE;
        }
        EnumValueDescriptor value = type.findValueByNumber(number);
        return value == null ? (Object) (long) number : value.getName();
    }

    private static Object defaultOf(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case INT, LONG -> 0L;
            case FLOAT, DOUBLE -> 0.0;
            case BOOLEAN -> false;
            case STRING -> "";
            case BYTE_STRING -> CelByteString.EMPTY;
            case ENUM -> nameOf(field.getEnumType(), defaultNumber(field.getEnumType()));
            case MESSAGE -> throw new AssertionError(field.getFullName());
        };
    }

    /** Of an enum's values the first is its default. */
    private static int defaultNumber(EnumDescriptor type) {
        return type.getValues().get(0).getNumber();
    }

    private Object finished(Object value) {
        return value instanceof Partial message ? finished(message) : value;
    }

    private Object finished(Partial message) {
        WellKnownMessage known = WellKnownMessage.of(message.type);
        if (known == null) {
            return object(message);
        }
        return switch (known) {
            case TIMESTAMP -> timestamp(message);
            case DURATION -> duration(message);
            case STRUCT, LIST_VALUE, WRAPPER -> orDefault(message, message.type.getFields().get(0));
            case VALUE -> oneValue(message);
        };
    }

    private DecodedObject object(Partial message) {
        DecodedObject object = new DecodedObject(message.values.length);
        for (FieldDescriptor field : message.type.getFields()) {
            path[depth++] = field;
            if (message.get(field) != null || !field.hasPresence()) {
                object.set(field.getJsonName(), orDefault(message, field));
            } else if (field.isRequired()) {
                throw bad("a required field is missing");
            }
            depth--;
        }
        return object;
    }

    private Object orDefault(Partial message, FieldDescriptor field) {
        Object value = message.get(field);
        if (value != null) {
            return finished(value);
        } else if (field.isMapField()) {
            return new DecodedObject(0);
        }
        return field.isRepeated() ? List.of() : defaultOf(field);
    }

    private Object oneValue(Partial message) {
        for (Object value : message.values) {
            if (value != null) {
                return finished(value);
            }
        }
        return NullValue.NULL_VALUE;
    }

    private Instant timestamp(Partial message) {
        long nanos = number(message, 1);
        if (nanos < 0 || nanos > MOST_NANOS) {
            throw bad("a Timestamp has " + nanos + " nanoseconds");
        }
        try {
            return EpochTime.checked(Instant.ofEpochSecond(number(message, 0), nanos));
        } catch (DateTimeException e) {
            throw bad("a Timestamp is not in the years 1 to 9999 that a timestamp can have");
        }
    }

    private Duration duration(Partial message) {
        long seconds = number(message, 0);
        long nanos = number(message, 1);
        if (Math.abs(nanos) > MOST_NANOS
                || Long.signum(seconds) * Long.signum(nanos) < 0
                || seconds > LONGEST.getSeconds()
                || seconds < -LONGEST.getSeconds()) {
            throw bad("a Duration has " + seconds + " seconds and " + nanos + " nanoseconds");
        }
        return Duration.ofSeconds(seconds, nanos);
    }

    /** Of a message that was read to its end: the field says more than an offset. */
    private static CelBadFormatException bad(String what) {
        return new CelBadFormatException(ProtobufWire.FUNCTION + ": " + what);
    }

    private static long number(Partial message, int index) {
        Object number = message.values[index];
        return number == null ? 0 : (Long) number;
    }
}
