package io.ponix.deviceservice.definition;

import com.google.protobuf.ByteString;
import com.google.rpc.BadRequest;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.transforms.functions.InvalidDescriptorsException;
import io.ponix.transforms.functions.MessageDescriptors;

/** The messages that a request describes. */
public final class MessagesOfRequest {

    private static final String FIELD = "file_descriptor_set";

    private MessagesOfRequest() {}

    /**
     * Returns the messages.
     *
     * @throws RequestException INVALID_ARGUMENT that says what is wrong with the descriptors, and
     *     how to make better ones
     */
    public static MessageDescriptors require(ByteString fileDescriptorSet) {
        try {
            return MessageDescriptors.of(fileDescriptorSet.toByteArray());
        } catch (InvalidDescriptorsException e) {
            throw RequestException.invalidArgument(
                    FIELD + ": " + e.getMessage(),
                    BadRequest.newBuilder()
                            .addFieldViolations(
                                    BadRequest.FieldViolation.newBuilder()
                                            .setField(FIELD)
                                            .setDescription(e.getMessage()))
                            .build());
        }
    }
}
