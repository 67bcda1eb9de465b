package io.ponix.deviceservice.request;

import build.buf.protovalidate.ValidationResult;
import build.buf.protovalidate.Validator;
import build.buf.protovalidate.ValidatorFactory;
import build.buf.protovalidate.Violation;
import build.buf.protovalidate.exceptions.ValidationException;
import build.buf.validate.FieldPath;
import build.buf.validate.FieldPathElement;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses a request that breaks a rule declared in its proto with INVALID_ARGUMENT. The message is
 * that of the first rule, in the order of the fields; the details name all of them.
 */
public final class RequestValidation implements ServerInterceptor {

    private static final Logger LOG = LoggerFactory.getLogger(RequestValidation.class);

    private final Validator validator = ValidatorFactory.newBuilder().build();

    @Override
    public <RequestT, ResponseT> ServerCall.Listener<RequestT> interceptCall(
            ServerCall<RequestT, ResponseT> call,
            Metadata headers,
            ServerCallHandler<RequestT, ResponseT> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            private boolean refused;

            @Override
            public void onMessage(RequestT message) {
                ValidationResult result;
                try {
                    result = validator.validate((Message) message);
                } catch (ValidationException exception) {
                    LOG.error(
                            "The rules of {} are wrong",
                            message.getClass().getSimpleName(),
                            exception);
                    refuse(
                            Status.INTERNAL.withDescription(
                                    "Internal error: see the log of the service"),
                            new Metadata());
                    return;
                }
                if (result.isSuccess()) {
                    super.onMessage(message);
                    return;
                }
                BadRequest.Builder details = BadRequest.newBuilder();
                for (Violation violation : result.getViolations()) {
                    details.addFieldViolations(
                            BadRequest.FieldViolation.newBuilder()
                                    .setField(path(violation.toProto().getField()))
                                    .setDescription(violation.toProto().getMessage()));
                }
                String first = details.getFieldViolations(0).getDescription();
                refuse(
                        Status.INVALID_ARGUMENT.withDescription(first),
                        ErrorResponses.trailers(
                                Status.Code.INVALID_ARGUMENT, first, details.build()));
            }

            @Override
            public void onHalfClose() {
                // The stub would report a call without a request, after we have closed it.
                if (!refused) {
                    super.onHalfClose();
                }
            }

            private void refuse(Status status, Metadata trailers) {
                refused = true;
                call.close(status, trailers);
            }
        };
    }

    private static String path(FieldPath path) {
        return path.getElementsList().stream()
                .map(FieldPathElement::getFieldName)
                .collect(Collectors.joining("."));
    }
}
