package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a caller gets from a call that fails. */
final class StatusAssert {

    private final StatusRuntimeException exception;

    private StatusAssert(StatusRuntimeException exception) {
        this.exception = exception;
    }

    /** A client ends a call with these by itself, too. */
    private static final Set<Status.Code> OF_THE_CLIENT =
            Set.of(Status.Code.DEADLINE_EXCEEDED, Status.Code.CANCELLED, Status.Code.UNAVAILABLE);

    static StatusAssert assertThatCall(ThrowingCallable call) {
        StatusRuntimeException exception = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(exception).as("the failure of the call").isNotNull();
        return new StatusAssert(exception);
    }

    /** Of these the reason says more than the code. */
    private static final Set<Status.Code> WITH_REASON =
            Set.of(
                    Status.Code.NOT_FOUND,
                    Status.Code.ALREADY_EXISTS,
                    Status.Code.FAILED_PRECONDITION,
                    Status.Code.OUT_OF_RANGE);

    /** The message contains each of the given texts. */
    StatusAssert hasStatus(Status.Code code, String... message) {
        assertThat(exception.getStatus().getCode()).as(exception.toString()).isEqualTo(code);
        for (String each : message) {
            assertThat(exception.getStatus().getDescription()).contains(each);
        }
        if (!OF_THE_CLIENT.contains(code)) {
            hasDetail(
                    ErrorInfo.class,
                    info -> {
                        assertThat(info.getDomain()).isEqualTo("ponix.io");
                        assertThat(info.getReason()).matches("[A-Z0-9_]+");
                        if (WITH_REASON.contains(code)) {
                            assertThat(info.getReason()).isNotEqualTo(code.name());
                        }
                        if (code == Status.Code.NOT_FOUND || code == Status.Code.ALREADY_EXISTS) {
                            assertThat(info.getMetadataMap()).isNotEmpty();
                        }
                    });
        }
        if (code == Status.Code.INVALID_ARGUMENT) {
            hasDetail(
                    BadRequest.class,
                    details -> assertThat(details.getFieldViolationsList()).isNotEmpty());
        }
        return this;
    }

    /** The first of the fields that are wrong. */
    StatusAssert isOfField(String field) {
        return hasDetail(
                BadRequest.class,
                details -> assertThat(details.getFieldViolations(0).getField()).isEqualTo(field));
    }

    /** What the error says to programs. */
    StatusAssert hasReason(String reason, Map<String, String> metadata) {
        return hasDetails(
                ErrorInfo.newBuilder()
                        .setReason(reason)
                        .setDomain("ponix.io")
                        .putAllMetadata(metadata)
                        .build());
    }

    StatusAssert hasDetails(Message expected) {
        return hasDetail(expected.getClass(), detail -> assertThat(detail).isEqualTo(expected));
    }

    <T extends Message> StatusAssert hasDetail(Class<T> type, Consumer<? super T> requirement) {
        com.google.rpc.Status status = StatusProto.fromThrowable(exception);
        List<Any> ofType =
                status.getDetailsList().stream().filter(detail -> detail.is(type)).toList();
        assertThat(ofType).as("details of %s: %s", exception, status).hasSize(1);
        try {
            requirement.accept(ofType.get(0).unpack(type));
        } catch (InvalidProtocolBufferException invalid) {
            throw new AssertionError(invalid);
        }
        return this;
    }
}
