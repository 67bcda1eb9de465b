package io.ponix.deviceservice.request;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.linecorp.armeria.common.RequestContext;
import com.linecorp.armeria.common.grpc.GrpcExceptionHandlerFunction;
import com.linecorp.armeria.common.stream.ClosedStreamException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes a gRPC status of what a method throws: the code and message of a {@link RequestException};
 * anything else that is not a gRPC status already is a mistake of ours, of which the caller learns
 * no details. Causes go to the log.
 */
public final class ErrorResponses implements GrpcExceptionHandlerFunction {

    private static final Logger LOG = LoggerFactory.getLogger(ErrorResponses.class);

    // Status and details are headers, of which clients take 8 KiB by default: the message, in which
    // all but printable ASCII takes three characters a byte, and again, in base 64, the message
    // with
    // the details.
    private static final int LONGEST_MESSAGE = 2_000;
    private static final int LARGEST_DETAILS = 1_500;

    @Override
    public Status apply(RequestContext context, Status status, Throwable cause, Metadata metadata) {
        if (cause instanceof RequestException exception) {
            if (exception.getCause() != null) {
                LOG.warn("{}: {}", context.path(), exception.getMessage(), exception.getCause());
            }
            String message = shortened(exception.getMessage());
            exception
                    .details()
                    .ifPresent(
                            details ->
                                    metadata.merge(
                                            trailers(exception.code(), message, first(details))));
            return exception.code().toStatus().withDescription(message);
        }
        if (cause instanceof StatusRuntimeException || status.getCode() != Status.Code.UNKNOWN) {
            return status;
        }
        if (cause instanceof InvalidProtocolBufferException) {
            // Only requests are parsed here; in JSON they may be wrong in ways that protobuf's own
            // format has no room for.
            return Status.INVALID_ARGUMENT.withDescription(
                    "The request cannot be read: " + cause.getMessage());
        }
        if (cause instanceof ClosedStreamException) {
            return Status.CANCELLED.withDescription("The caller did not wait for the answer");
        }
        LOG.error("{} failed", context.path(), cause);
        return Status.INTERNAL.withDescription("Internal error: see the log of the service");
    }

    private static String shortened(String message) {
        int room = LONGEST_MESSAGE;
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            room -= c >= ' ' && c <= '~' ? 1 : c < 0x80 ? 3 : c < 0x800 ? 6 : 9;
            if (room < 0) {
                int end = Character.isLowSurrogate(c) ? i - 1 : i;
                return message.substring(0, end) + " …";
            }
        }
        return message;
    }

    private static BadRequest first(BadRequest details) {
        BadRequest.Builder first = BadRequest.newBuilder();
        int size = 0;
        for (BadRequest.FieldViolation violation : details.getFieldViolationsList()) {
            size += violation.getSerializedSize();
            if (size > LARGEST_DETAILS) {
                break;
            }
            first.addFieldViolations(violation);
        }
        return first.build();
    }

    /**
     * Returns the metadata by which gRPC carries details of an error ({@code
     * grpc-status-details-bin}).
     */
    static Metadata trailers(Status.Code code, String message, BadRequest details) {
        return StatusProto.toStatusRuntimeException(
                        com.google.rpc.Status.newBuilder()
                                .setCode(code.value())
                                .setMessage(message)
                                .addDetails(Any.pack(details))
                                .build())
                .getTrailers();
    }
}
