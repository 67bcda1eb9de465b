package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a caller gets from a call that fails. */
final class StatusAssert {

    private final StatusRuntimeException exception;

    private StatusAssert(StatusRuntimeException exception) {
        this.exception = exception;
    }

    static StatusAssert assertThatCall(ThrowingCallable call) {
        StatusRuntimeException exception = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(exception).as("the failure of the call").isNotNull();
        return new StatusAssert(exception);
    }

    /** The message contains each of the given texts. */
    StatusAssert hasStatus(Status.Code code, String... message) {
        assertThat(exception.getStatus().getCode()).as(exception.toString()).isEqualTo(code);
        assertThat(exception.getStatus().getDescription()).contains(message);
        return this;
    }

    StatusAssert hasDetails(Message expected) {
        return hasDetail(expected.getClass(), detail -> assertThat(detail).isEqualTo(expected));
    }

    <T extends Message> StatusAssert hasDetail(Class<T> type, Consumer<? super T> requirement) {
        com.google.rpc.Status status = StatusProto.fromThrowable(exception);
        assertThat(status.getDetailsList()).hasSize(1);
        try {
            requirement.accept(status.getDetails(0).unpack(type));
        } catch (InvalidProtocolBufferException invalid) {
            throw new AssertionError(invalid);
        }
        return this;
    }
}
