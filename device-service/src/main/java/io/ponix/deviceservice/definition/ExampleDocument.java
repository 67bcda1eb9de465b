package io.ponix.deviceservice.definition;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.ponix.proto.end_device.v1.DefinitionExample;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import java.util.List;
import java.util.stream.Collectors;

/** Examples as the JSON list they are stored as, of the protobuf messages in their JSON form. */
final class ExampleDocument {

    private static final JsonFormat.Printer PRINTER =
            JsonFormat.printer().preservingProtoFieldNames().omittingInsignificantWhitespace();

    private ExampleDocument() {}

    static String write(List<DefinitionExample> examples) {
        return examples.stream()
                .map(ExampleDocument::write)
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String write(DefinitionExample example) {
        try {
            return PRINTER.print(example);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("An example cannot be written as JSON", e);
        }
    }

    /** Passes over what a later version may have stored besides. */
    static List<DefinitionExample> read(String list) {
        EndDeviceDefinition.Builder holder = EndDeviceDefinition.newBuilder();
        try {
            JsonFormat.parser()
                    .ignoringUnknownFields()
                    .merge("{\"examples\":" + list + "}", holder);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("The stored examples cannot be read", e);
        }
        return holder.getExamplesList();
    }
}
