package io.ponix.deviceservice.access;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.PeerAddress;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes who changed what, and who was refused: a line each, at the level info, with the method,
 * the key's id, the peer's address and the request's id, which the answer has in {@value
 * #REQUEST_ID}. Of what was sent there are the ids of things and nothing else.
 *
 * <p>Of refusals, which anyone can have as many of as he likes, there are {@value
 * #MOST_REFUSALS_A_SECOND} lines a second at most, and one that says how many were left out.
 */
final class AuditLog {

    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);

    private static final String REQUEST_ID = "x-request-id";
    private static final int MOST_REFUSALS_A_SECOND = 20;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier nanoTime;
    private long secondBegan;
    private int written;
    private long leftOut;

    AuditLog() {
        this(System::nanoTime);
    }

    AuditLog(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.secondBegan = nanoTime.getAsLong();
    }

    /** Whether a method changes anything: the others are named Get, List and Evaluate. */
    static boolean isChange(MethodDescriptor<?, ?> method) {
        String name = method.getBareMethodName();
        return !name.startsWith("Get") && !name.startsWith("List") && !name.equals("Evaluate");
    }

    /** Gives the answer of the call that is being served its id. */
    static void nameRequest() {
        ServiceRequestContext context = ServiceRequestContext.current();
        context.setAdditionalResponseHeader(REQUEST_ID, context.id().text());
    }

    /**
     * A call is refused.
     *
     * @param key the id of the key that was shown, valid or not; empty where none was
     */
    void refused(MethodDescriptor<?, ?> method, String reason, String key) {
        long others;
        synchronized (this) {
            long now = nanoTime.getAsLong();
            others = 0;
            if (now - secondBegan >= SECOND) {
                secondBegan = now;
                written = 0;
                others = leftOut;
                leftOut = 0;
            }
            if (written == MOST_REFUSALS_A_SECOND) {
                leftOut++;
                return;
            }
            written++;
        }
        if (others > 0) {
            LOG.info("{} more refusals were left out", others);
        }
        line(method, key).addKeyValue("reason", reason).log("refused");
    }

    /** Writes a line once a call that changes something has done so. */
    <RequestT, ResponseT> Change<RequestT, ResponseT> change(
            ServerCall<RequestT, ResponseT> call, Caller caller) {
        return new Change<>(
                call,
                line(call.getMethodDescriptor(), caller.keyId())
                        .addKeyValue("role", caller.role().name()));
    }

    private static LoggingEventBuilder line(MethodDescriptor<?, ?> method, String key) {
        return LOG.atInfo()
                .addKeyValue("method", method.getFullMethodName())
                .addKeyValue("key", key)
                .addKeyValue("peer", PeerAddress.current())
                .addKeyValue("request", ServiceRequestContext.current().id().text());
    }

    /** A call that changes something. */
    static final class Change<RequestT, ResponseT>
            extends SimpleForwardingServerCall<RequestT, ResponseT> {

        private final LoggingEventBuilder line;
        private final Map<String, String> ids = new TreeMap<>();

        private Change(ServerCall<RequestT, ResponseT> call, LoggingEventBuilder line) {
            super(call);
            this.line = line;
        }

        /** What it is about. */
        void request(Message request) {
            addIds(request);
        }

        @Override
        public void sendMessage(ResponseT response) {
            addIds((Message) response);
            super.sendMessage(response);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (status.isOk()) {
                ids.forEach(line::addKeyValue);
                line.log("changed");
            }
            super.close(status, trailers);
        }

        /** The ids in it, and in what it is about itself. */
        private void addIds(Message message) {
            message.getAllFields().forEach(this::addIds);
        }

        private void addIds(FieldDescriptor field, Object value) {
            if (value instanceof String text && isId(field)) {
                ids.put(field.getName(), text);
            } else if (value instanceof Message part && !field.isRepeated()) {
                part.getAllFields()
                        .forEach(
                                (inner, each) -> {
                                    if (each instanceof String text && isId(inner)) {
                                        ids.put(inner.getName(), text);
                                    }
                                });
            }
        }

        private static boolean isId(FieldDescriptor field) {
            return field.getName().equals("id") || field.getName().endsWith("_id");
        }
    }
}
