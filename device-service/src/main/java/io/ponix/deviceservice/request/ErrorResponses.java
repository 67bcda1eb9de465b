package io.ponix.deviceservice.request;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.linecorp.armeria.common.ClosedSessionException;
import com.linecorp.armeria.common.RequestContext;
import com.linecorp.armeria.common.grpc.GrpcExceptionHandlerFunction;
import com.linecorp.armeria.common.stream.AbortedStreamException;
import com.linecorp.armeria.common.stream.CancelledSubscriptionException;
import com.linecorp.armeria.common.stream.ClosedStreamException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.regex.Pattern;
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
    // with the details.
    private static final int LONGEST_MESSAGE = 2_000;
    private static final int LARGEST_DETAILS = 1_500;
    private static final int LARGEST_INFO = 1_000;

    /** In characters, of up to four bytes: a few of them fit into an info. */
    private static final int LONGEST_VALUE = 60;

    private static final Metadata.Key<byte[]> DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    // Of JSON that ends too early the parser's message begins with its exception's name.
    private static final Pattern JAVA_NAME = Pattern.compile("^(?:[a-z]+\\.)+[A-Z]\\w*: ");

    @Override
    public Status apply(RequestContext context, Status status, Throwable cause, Metadata metadata) {
        Status answer = status(context, status, cause, metadata);
        if (!metadata.containsKey(DETAILS)) {
            metadata.merge(trailers(answer));
        }
        return answer;
    }

    private static Status status(
            RequestContext context, Status status, Throwable cause, Metadata metadata) {
        // Whatever a method still throws, nobody waits for it: it is no mistake of anyone's.
        if (cause instanceof RequestTimeoutException || isOver(context, true)) {
            return Status.DEADLINE_EXCEEDED.withDescription(
                    "The call took longer than its deadline allowed");
        }
        if (isGone(cause) || isOver(context, false)) {
            return Status.CANCELLED.withDescription("The caller did not wait for the answer");
        }
        if (cause instanceof RequestException exception) {
            log(context, exception);
            metadata.merge(trailers(exception));
            return answer(exception);
        }
        if (cause instanceof StatusRuntimeException || status.getCode() != Status.Code.UNKNOWN) {
            return status;
        }
        if (cause instanceof InvalidProtocolBufferException) {
            // Only requests are parsed here; in JSON they may be wrong in ways that protobuf's own
            // format has no room for.
            return Status.INVALID_ARGUMENT.withDescription(
                    "The request cannot be read: "
                            + JAVA_NAME.matcher(cause.getMessage()).replaceFirst(""));
        }
        LOG.error("{} failed", context.path(), cause);
        return Status.INTERNAL.withDescription("Internal error: see the log of the service");
    }

    private static Status answer(RequestException exception) {
        return exception.code().toStatus().withDescription(shortened(exception.getMessage()));
    }

    private static Metadata trailers(RequestException exception) {
        List<Message> details = new ArrayList<>();
        exception.details().ifPresent(violations -> details.add(first(violations)));
        // Last: there are callers that look at the first only.
        details.add(shortened(exception.info()));
        return trailers(exception.code(), shortened(exception.getMessage()), details);
    }

    /** Ends a call before its method is called. */
    public static void close(ServerCall<?, ?> call, RequestException exception) {
        call.close(answer(exception), trailers(exception));
    }

    /** Whether the server has ended the call: at its deadline, or because the caller left. */
    private static boolean isOver(RequestContext context, boolean atDeadline) {
        return context instanceof ServiceRequestContext call
                && call.isCancelled()
                && call.isTimedOut() == atDeadline;
    }

    private static boolean isGone(Throwable cause) {
        return cause instanceof ClosedStreamException
                || cause instanceof AbortedStreamException
                || cause instanceof CancelledSubscriptionException
                || cause instanceof ClosedSessionException
                || cause instanceof ClosedChannelException
                || cause instanceof CancellationException;
    }

    /** A server that is away is told in a line; the stack of a call to it says nothing more. */
    private static void log(RequestContext context, RequestException exception) {
        if (exception.getCause() == null) {
            return;
        }
        if (exception.code() == Status.Code.INTERNAL) {
            LOG.error("{}: {}", context.path(), exception.getMessage(), exception.getCause());
            return;
        }
        LOG.warn(
                "{}: {} ({})",
                context.path(),
                exception.getMessage(),
                exception.getCause().toString());
        LOG.debug("{}", context.path(), exception.getCause());
    }

    /** Ends a call with RESOURCE_EXHAUSTED, and details that say when to call again. */
    static void exhausted(ServerCall<?, ?> call, String message, Duration retryIn) {
        RetryInfo details =
                RetryInfo.newBuilder()
                        .setRetryDelay(Durations.fromNanos(retryIn.toNanos()))
                        .build();
        call.close(
                Status.RESOURCE_EXHAUSTED.withDescription(message),
                trailers(
                        Status.Code.RESOURCE_EXHAUSTED,
                        message,
                        List.of(
                                details,
                                RequestException.info(Status.Code.RESOURCE_EXHAUSTED.name()))));
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

    /** What is named may be a text of any length where the request was not validated. */
    private static ErrorInfo shortened(ErrorInfo info) {
        if (info.getSerializedSize() <= LARGEST_INFO) {
            return info;
        }
        ErrorInfo.Builder shortened = info.toBuilder();
        info.getMetadataMap()
                .forEach(
                        (name, value) ->
                                shortened.putMetadata(
                                        name,
                                        value.codePointCount(0, value.length()) <= LONGEST_VALUE
                                                ? value
                                                : value.substring(
                                                                0,
                                                                value.offsetByCodePoints(
                                                                        0, LONGEST_VALUE))
                                                        + " …"));
        return shortened.build();
    }

    /** Returns as much of the details as there is room for. */
    static BadRequest first(BadRequest details) {
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

    /** Returns the metadata that says to programs what a status says, which is no more. */
    public static Metadata trailers(Status status) {
        return trailers(
                status.getCode(),
                status.getDescription() == null ? "" : status.getDescription(),
                List.of(RequestException.info(status.getCode().name())));
    }

    /** Returns the same as the text of the header {@code grpc-status-details-bin}. */
    public static String details(Status status) {
        return Base64.getEncoder().withoutPadding().encodeToString(trailers(status).get(DETAILS));
    }

    /**
     * Returns the metadata by which gRPC carries details of an error ({@code
     * grpc-status-details-bin}).
     */
    static Metadata trailers(Status.Code code, String message, List<Message> details) {
        return StatusProto.toStatusRuntimeException(
                        com.google.rpc.Status.newBuilder()
                                .setCode(code.value())
                                .setMessage(message)
                                .addAllDetails(details.stream().map(Any::pack).toList())
                                .build())
                .getTrailers();
    }
}
