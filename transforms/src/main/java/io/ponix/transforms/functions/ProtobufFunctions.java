package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelBadFormatException;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.values.CelByteString;
import java.util.List;

/**
 * Messages of Protocol Buffers.
 *
 * <table>
 * <caption>Functions of Protocol Buffers</caption>
 * <tr><td>{@code protobuf_decode(bytes) -> map(int, list(dyn))}</td><td>without their definition,
 *     see {@link ProtobufReader}</td></tr>
 * <tr><td>{@code protobuf_decode(bytes, string) -> dyn}</td><td>the message of that name, of those
 *     that come with the expression, see {@link MessageReader}. Whoever compiles the expression
 *     sees to it that the name is a literal, and known</td></tr>
 * </table>
 */
public final class ProtobufFunctions extends DeclaredFunctions {
    /** The one function. */
    public static final String DECODE = ProtobufWire.FUNCTION;

    /**
     * @param descriptors of the messages that can be named
     */
    public ProtobufFunctions(MessageDescriptors descriptors) {
        super(
                List.of(
                        new Overload(
                                DECODE,
                                "protobuf_decode_bytes",
                                FunctionCost.DOCUMENT,
                                MapType.create(SimpleType.INT, ListType.create(SimpleType.DYN)),
                                List.of(SimpleType.BYTES),
                                arguments -> ProtobufReader.read((CelByteString) arguments[0])),
                        new Overload(
                                DECODE,
                                "protobuf_decode_bytes_string",
                                FunctionCost.DOCUMENT,
                                SimpleType.DYN,
                                List.of(SimpleType.BYTES, SimpleType.STRING),
                                arguments ->
                                        decode(
                                                descriptors,
                                                (CelByteString) arguments[0],
                                                (String) arguments[1]))));
    }

    private static Object decode(
            MessageDescriptors descriptors, CelByteString message, String name) {
        return MessageReader.read(
                descriptors
                        .find(name)
                        .orElseThrow(
                                () ->
                                        new CelBadFormatException(
                                                DECODE + ": there is no message " + name)),
                message);
    }
}
