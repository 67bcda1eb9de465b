package io.ponix.deviceservice.definition;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.ponix.proto.end_device.v1.DefinitionExample;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import java.util.List;

/**
 * Examples as the JSON document they are stored as: the protobuf messages in their JSON form, below
 * the name {@code examples}.
 */
final class ExampleDocument {

    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

    private ExampleDocument() {}

    static String write(List<DefinitionExample> examples) {
        try {
            return PRINTER.print(EndDeviceDefinition.newBuilder().addAllExamples(examples));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("An example cannot be written as JSON", e);
        }
    }

    /** Passes over what a later version may have stored besides. */
    static List<DefinitionExample> read(String document) {
        EndDeviceDefinition.Builder holder = EndDeviceDefinition.newBuilder();
        try {
            JsonFormat.parser().ignoringUnknownFields().merge(document, holder);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("The stored examples cannot be read", e);
        }
        return holder.getExamplesList();
    }
}
