package io.ponix.deviceservice.access;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.linecorp.armeria.common.CommonPools;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.ponix.deviceservice.change.RegistryChanges;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.PeerAddress;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Writes who changed what, and who was refused: a line each, at the level info, with the method,
 * the key's id, the peer's address and the request's id, which the answer has in {@value
 * #REQUEST_ID}. Of what was sent there are the ids of things and nothing else. Refusals are
 * counted, too.
 *
 * <p>Of refusals for each reason, which anyone can have as many of as he likes, there are {@value
 * #MOST_REFUSALS_A_SECOND} lines a second at most, and one that says how many were left out.
 */
final class AuditLog {

    /** Counts refusals, by reason. */
    static final String REFUSALS = "ponix.access.refused";

    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);

    private static final String REQUEST_ID = "x-request-id";
    private static final int MOST_REFUSALS_A_SECOND = 20;

    /** Of calls that failed after they may have changed something. */
    private static final Set<Status.Code> UNCERTAIN =
            Set.of(
                    Status.Code.UNKNOWN,
                    Status.Code.INTERNAL,
                    Status.Code.UNAVAILABLE,
                    Status.Code.DEADLINE_EXCEEDED);

    private final Map<Refusal, Refusals> refusals = new EnumMap<>(Refusal.class);

    AuditLog(MeterRegistry metrics) {
        for (Refusal reason : Refusal.values()) {
            refusals.put(
                    reason, new Refusals(metrics.counter(REFUSALS, "reason", reason.toString())));
        }
    }

    /** Why a call is refused. */
    enum Refusal {
        NO_CREDENTIAL,
        BAD_CREDENTIAL,
        ROLE,
        ORGANIZATION;

        /** As metrics and lines have it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Those for one reason. */
    private static final class Refusals {

        private final Counter counter;
        private int written;
        private long leftOut;

        private Refusals(Counter counter) {
            this.counter = counter;
        }
    }

    /**
     * Whether a method changes anything: the others are named Get, Lookup, Find, List, Export,
     * Evaluate and Diff.
     */
    static boolean isChange(MethodDescriptor<?, ?> method) {
        String name = method.getBareMethodName();
        return !name.startsWith("Get")
                && !name.startsWith("Lookup")
                && !name.startsWith("Find")
                && !name.startsWith("List")
                && !name.startsWith("Export")
                && !name.equals("Evaluate")
                && !name.equals("Diff");
    }

    /** Gives the answer of the call that is being served its id. */
    static void nameRequest() {
        ServiceRequestContext context = ServiceRequestContext.current();
        context.setAdditionalResponseHeader(REQUEST_ID, context.id().text());
    }

    /**
     * A call is refused.
     *
     * @param method its full name
     * @param key the id of the key that was shown, valid or not; empty where none was
     */
    void refused(String method, Refusal reason, String key) {
        Refusals others = refusals.get(reason);
        others.counter.increment();
        synchronized (others) {
            if (others.written == 0) {
                CommonPools.blockingTaskExecutor()
                        .schedule(() -> endSecond(reason, others), 1, TimeUnit.SECONDS);
            }
            if (others.written == MOST_REFUSALS_A_SECOND) {
                others.leftOut++;
                return;
            }
            others.written++;
        }
        line(method, key).addKeyValue("reason", reason.toString()).log("refused");
    }

    private static void endSecond(Refusal reason, Refusals others) {
        long leftOut;
        synchronized (others) {
            leftOut = others.leftOut;
            others.leftOut = 0;
            others.written = 0;
        }
        if (leftOut > 0) {
            LOG.info("{} more refusals ({}) were left out", leftOut, reason);
        }
    }

    /**
     * Writes a line once a call that changes something has done so, or may have: one that only asks
     * what would be ({@code validate_only}) has none.
     */
    <RequestT, ResponseT> Change<RequestT, ResponseT> change(
            ServerCall<RequestT, ResponseT> call, Caller caller) {
        return new Change<>(this, call, caller);
    }

    private static LoggingEventBuilder line(String method, String key) {
        return LOG.atInfo()
                .addKeyValue("method", method)
                .addKeyValue("key", key)
                .addKeyValue("peer", PeerAddress.current())
                .addKeyValue("request", ServiceRequestContext.current().id().text());
    }

    /** A call that changes something. */
    static final class Change<RequestT, ResponseT>
            extends SimpleForwardingServerCall<RequestT, ResponseT> {

        private final AuditLog audit;
        private final String key;
        private final LoggingEventBuilder line;
        private final Map<String, String> ids = new TreeMap<>();
        private boolean isTry;

        private Change(AuditLog audit, ServerCall<RequestT, ResponseT> call, Caller caller) {
            super(call);
            this.audit = audit;
            this.key = caller.keyId();
            this.line =
                    line(call.getMethodDescriptor().getFullMethodName(), key)
                            .addKeyValue("role", caller.role().name());
        }

        /** What it is about. */
        void request(Message request) {
            addIds(request);
            isTry = RegistryChanges.isTry(request);
        }

        @Override
        public void sendMessage(ResponseT response) {
            addIds((Message) response);
            super.sendMessage(response);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (!isTry && (status.isOk() || UNCERTAIN.contains(status.getCode()))) {
                ids.forEach(line::addKeyValue);
                line.log(status.isOk() ? "changed" : "may have changed");
            } else if (status.getCode() == Status.Code.PERMISSION_DENIED) {
                // By the method, which looks at more than the role.
                audit.refused(getMethodDescriptor().getFullMethodName(), Refusal.ROLE, key);
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
