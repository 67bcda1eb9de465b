package io.ponix.deviceservice.request;

import build.buf.protovalidate.ValidationResult;
import build.buf.protovalidate.Validator;
import build.buf.protovalidate.ValidatorFactory;
import build.buf.protovalidate.Violation;
import build.buf.protovalidate.exceptions.ValidationException;
import build.buf.validate.FieldPath;
import build.buf.validate.FieldPathElement;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;
import com.google.rpc.BadRequest;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses a request that breaks a rule declared in its proto with INVALID_ARGUMENT. The message is
 * that of the first rule, in the order of the fields; the details name all of them, as far as there
 * is room for them in the headers of an answer.
 */
public final class RequestValidation implements ServerInterceptor {

    private static final Logger LOG = LoggerFactory.getLogger(RequestValidation.class);

    /**
     * More than any list of a request may have. The rules of the protos say how many each may have,
     * but the validator evaluates those of the elements, too, of a million as of ten.
     */
    private static final int LONGEST_LIST = 2_000;

    /** The same of the elements of all lists together, as elements have lists themselves. */
    private static final int MOST_ELEMENTS = 12_000;

    /** What is JSON, as {@code google.protobuf.Struct} is, may have lists of any length. */
    private static final String OURS = "ponix.";

    /** How JSON and CEL write the character U+0000. */
    private static final String ESCAPED_NULL = "\\u0000";

    private final Validator validator = ValidatorFactory.newBuilder().build();

    @Override
    public <RequestT, ResponseT> ServerCall.Listener<RequestT> interceptCall(
            ServerCall<RequestT, ResponseT> call,
            Metadata headers,
            ServerCallHandler<RequestT, ResponseT> next) {
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            private boolean refused;
            private Optional<Message> request = Optional.empty();

            @Override
            public void onMessage(RequestT message) {
                request = Optional.of((Message) message);
                Optional<BadRequest.FieldViolation> unfit =
                        unfitForRules((Message) message, "", new AtomicInteger());
                if (unfit.isPresent()) {
                    refuse(BadRequest.newBuilder().addFieldViolations(unfit.get()).build());
                    return;
                }
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
                            List.of(RequestException.info(Status.Code.INTERNAL.name())));
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
                refuse(details.build());
            }

            @Override
            public void onHalfClose() {
                // The stub would report a call without a request, after we have closed it.
                if (refused) {
                    return;
                }
                try {
                    super.onHalfClose();
                } catch (RequestException e) {
                    throw e.isOfNullCharacter() && request.isPresent()
                            ? namingTexts(e, request.get())
                            : e;
                }
            }

            private void refuse(BadRequest details) {
                String first = details.getFieldViolations(0).getDescription();
                refuse(
                        Status.INVALID_ARGUMENT.withDescription(first),
                        List.of(
                                ErrorResponses.first(details),
                                RequestException.info(Status.Code.INVALID_ARGUMENT.name())));
            }

            private void refuse(Status status, List<Message> details) {
                refused = true;
                call.close(
                        status,
                        ErrorResponses.trailers(
                                status.getCode(), status.getDescription(), details));
            }
        };
    }

    /**
     * The first list that is too long for its elements to be looked at one by one, or timestamp
     * that is no time, of which no rule could be evaluated.
     *
     * @param elements how many there are before it
     */
    private static Optional<BadRequest.FieldViolation> unfitForRules(
            Message message, String path, AtomicInteger elements) {
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            String name = path + field.getName();
            List<?> values =
                    field.isRepeated() ? (List<?>) entry.getValue() : List.of(entry.getValue());
            if (values.size() > LONGEST_LIST) {
                return Optional.of(
                        violation(
                                name,
                                name
                                        + " has "
                                        + values.size()
                                        + " elements, and no list of a request more than "
                                        + LONGEST_LIST));
            }
            for (Object value : values) {
                if (value instanceof Timestamp time && !Timestamps.isValid(time)) {
                    return Optional.of(
                            violation(
                                    name,
                                    name + " is no time: it has to be of the years 1 to 9999"));
                }
            }
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE
                    || !field.getMessageType().getFullName().startsWith(OURS)
                    || isMapOfTexts(field)) {
                continue;
            }
            if (field.isRepeated() && elements.addAndGet(values.size()) > MOST_ELEMENTS) {
                return Optional.of(
                        violation(
                                name,
                                name
                                        + " has too many elements: all lists of a request together have at most "
                                        + MOST_ELEMENTS));
            }
            for (Object value : values) {
                Object part = field.isMapField() ? ofEntry((Message) value) : value;
                Optional<BadRequest.FieldViolation> found =
                        unfitForRules((Message) part, name + ".", elements);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    /** As labels are: what is under its keys has no rules of its own. */
    private static boolean isMapOfTexts(FieldDescriptor field) {
        return field.isMapField()
                && field.getMessageType().findFieldByName("value").getJavaType()
                        != FieldDescriptor.JavaType.MESSAGE;
    }

    /** What an entry of a map has under its key. */
    private static Object ofEntry(Message entry) {
        return entry.getField(entry.getDescriptorForType().findFieldByName("value"));
    }

    /** The same, said of the texts that have the character U+0000, if they are found. */
    private static RequestException namingTexts(RequestException exception, Message request) {
        BadRequest.Builder fields = BadRequest.newBuilder();
        addTexts(request, "", exception.getMessage(), fields);
        return fields.getFieldViolationsCount() == 0 ? exception : exception.of(fields.build());
    }

    private static void addTexts(
            Message message, String path, String description, BadRequest.Builder fields) {
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            List<?> values =
                    field.isRepeated() ? (List<?>) entry.getValue() : List.of(entry.getValue());
            for (int i = 0; i < values.size(); i++) {
                // Of a map's entry the map is named, whose key may be the text.
                String name =
                        message.getDescriptorForType().getOptions().getMapEntry()
                                ? path
                                : path
                                        + field.getName()
                                        + (field.isRepeated() && !field.isMapField()
                                                ? "[" + i + "]"
                                                : "");
                if (values.get(i) instanceof Message part) {
                    addTexts(part, field.isMapField() ? name : name + ".", description, fields);
                } else if (values.get(i) instanceof String text
                        && (text.indexOf('\0') >= 0 || text.contains(ESCAPED_NULL))) {
                    fields.addFieldViolations(violation(name, description));
                }
            }
        }
    }

    private static BadRequest.FieldViolation violation(String field, String description) {
        return BadRequest.FieldViolation.newBuilder()
                .setField(field)
                .setDescription(description)
                .build();
    }

    private static String path(FieldPath path) {
        return path.getElementsList().stream()
                .map(RequestValidation::name)
                .collect(Collectors.joining("."));
    }

    /** Of an element of a list with its place: {@code requests[3]}. */
    private static String name(FieldPathElement element) {
        return element.getSubscriptCase() == FieldPathElement.SubscriptCase.INDEX
                ? element.getFieldName() + "[" + element.getIndex() + "]"
                : element.getFieldName();
    }
}
