package io.ponix.deviceservice.request;

import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import java.util.Map;
import java.util.Optional;

/**
 * A request cannot be fulfilled. Carries the gRPC status code and the message that the caller gets.
 */
public final class RequestException extends RuntimeException {

    /** What tells reasons of this service from those of others. */
    static final String DOMAIN = "ponix.io";

    private final Status.Code code;
    private final transient Optional<BadRequest> details;
    private final transient ErrorInfo info;

    private RequestException(
            Status.Code code, String message, Optional<BadRequest> details, Throwable cause) {
        this(code, message, details, info(code.name()), cause);
    }

    private RequestException(
            Status.Code code,
            String message,
            Optional<BadRequest> details,
            ErrorInfo info,
            Throwable cause) {
        super(message, cause);
        this.code = code;
        this.details = details;
        this.info = info;
    }

    /**
     * Returns the same with a reason for programs, beside the message, which is for people.
     *
     * @param reason in capitals, such as {@code ETAG_MISMATCH}; without this it is the name of the
     *     code
     */
    public RequestException because(String reason, Map<String, String> metadata) {
        return new RequestException(
                code,
                getMessage(),
                details,
                info(reason).toBuilder().putAllMetadata(metadata).build(),
                getCause());
    }

    /**
     * Returns the same of a part of the request, which the message, the fields and the reason name.
     */
    public RequestException at(String part) {
        return new RequestException(
                code,
                part + ": " + getMessage(),
                details.map(fields -> within(part, fields)),
                info.toBuilder().putMetadata("part", part).build(),
                getCause());
    }

    private static BadRequest within(String part, BadRequest fields) {
        BadRequest.Builder within = BadRequest.newBuilder();
        for (FieldViolation violation : fields.getFieldViolationsList()) {
            within.addFieldViolations(
                    violation.toBuilder().setField(part + "." + violation.getField()));
        }
        return within.build();
    }

    /** Whether it says that a text has the character U+0000, and not yet which. */
    boolean isOfNullCharacter() {
        return code == Status.Code.INVALID_ARGUMENT && details.isEmpty();
    }

    /** Returns the same, said of fields of the request. */
    RequestException of(BadRequest fields) {
        return new RequestException(code, getMessage(), Optional.of(fields), info, getCause());
    }

    /** What every error says to programs. */
    static ErrorInfo info(String reason) {
        return ErrorInfo.newBuilder().setReason(reason).setDomain(DOMAIN).build();
    }

    /** What the request names does not exist. */
    public static RequestException notFound(String message) {
        return new RequestException(Status.Code.NOT_FOUND, message, Optional.empty(), null);
    }

    /** The caller's role is not one that may do this. */
    public static RequestException permissionDenied(String message) {
        return new RequestException(Status.Code.PERMISSION_DENIED, message, Optional.empty(), null);
    }

    /** What the request would create exists. */
    public static RequestException alreadyExists(String message) {
        return new RequestException(Status.Code.ALREADY_EXISTS, message, Optional.empty(), null);
    }

    /** What the request names is not in a state that allows it. */
    public static RequestException failedPrecondition(String message) {
        return new RequestException(
                Status.Code.FAILED_PRECONDITION, message, Optional.empty(), null);
    }

    /** What the request asks for is beyond what is kept. */
    public static RequestException outOfRange(String message) {
        return new RequestException(Status.Code.OUT_OF_RANGE, message, Optional.empty(), null);
    }

    /**
     * The request itself is wrong, whatever the state of the service.
     *
     * @param field of the request, which is wrong: its path in the request, such as {@code
     *     emqx_config.topic_filter}
     */
    public static RequestException invalidArgument(String field, String message) {
        return invalidArgument(
                message,
                BadRequest.newBuilder()
                        .addFieldViolations(
                                FieldViolation.newBuilder().setField(field).setDescription(message))
                        .build());
    }

    /**
     * A text of the request has the character U+0000, which the database takes in none. Which one
     * that is, {@link RequestValidation} says, which has the request.
     */
    public static RequestException nullCharacter() {
        return new RequestException(
                Status.Code.INVALID_ARGUMENT,
                "A text must not contain the character U+0000",
                Optional.empty(),
                null);
    }

    /** The request itself is wrong; the details name the fields. */
    public static RequestException invalidArgument(String message, BadRequest details) {
        return new RequestException(
                Status.Code.INVALID_ARGUMENT, message, Optional.of(details), null);
    }

    /**
     * The service cannot work at the moment; the same request may succeed later. The cause is for
     * the log.
     */
    public static RequestException unavailable(String message, Throwable cause) {
        return new RequestException(Status.Code.UNAVAILABLE, message, Optional.empty(), cause);
    }

    /**
     * There is no room for what the request would store; the same request may succeed when somebody
     * has made some. The cause is for the log.
     */
    public static RequestException resourceExhausted(String message, Throwable cause) {
        return new RequestException(
                Status.Code.RESOURCE_EXHAUSTED, message, Optional.empty(), cause);
    }

    /**
     * The request collided with another one and had no effect; it may be repeated. The cause is for
     * the log.
     */
    public static RequestException aborted(String message, Throwable cause) {
        return new RequestException(Status.Code.ABORTED, message, Optional.empty(), cause);
    }

    /** Nobody waits for the answer any more: what was asked for is undone. */
    public static RequestException deadlineExceeded() {
        return new RequestException(
                Status.Code.DEADLINE_EXCEEDED,
                "The call took longer than its deadline allowed, and has changed nothing",
                Optional.empty(),
                null);
    }

    /** Something is wrong that the caller cannot mend. The cause is for the log. */
    public static RequestException internal(String message, Throwable cause) {
        return new RequestException(Status.Code.INTERNAL, message, Optional.empty(), cause);
    }

    /** Returns the status code for the caller. */
    public Status.Code code() {
        return code;
    }

    /** Returns the reason for programs. */
    ErrorInfo info() {
        return info;
    }

    /** Returns what is wrong with which field, if that is known. */
    Optional<BadRequest> details() {
        return details;
    }
}
