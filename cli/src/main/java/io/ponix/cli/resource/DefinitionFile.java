package io.ponix.cli.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.ponix.cli.program.CommandException;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.PayloadContract;
import java.nio.file.Path;

/** What a definition is to have, in a file: the transform of its only contract, or all of it. */
final class DefinitionFile {

    private static final String OPTION = "--file";

    private DefinitionFile() {}

    /**
     * Reads a file: JSON where its name ends with {@code .json}, else CEL.
     *
     * @return what the file says, and nothing else
     * @throws CommandException that names the option, when the file cannot be read, or is JSON of
     *     something else
     */
    static EndDeviceDefinition read(Path file) {
        String text = TextFile.read(OPTION, file);
        EndDeviceDefinition.Builder definition = EndDeviceDefinition.newBuilder();
        if (!file.toString().endsWith(".json")) {
            return definition
                    .addContracts(PayloadContract.newBuilder().setTransformExpression(text))
                    .build();
        }
        try {
            JsonFormat.parser().merge(text, definition);
        } catch (InvalidProtocolBufferException e) {
            throw CommandException.calledWrongly(
                    OPTION + ": " + file + " is no definition: " + JsonProblem.of(e));
        }
        return definition.build();
    }
}
