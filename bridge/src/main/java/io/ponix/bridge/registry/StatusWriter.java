package io.ponix.bridge.registry;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ponix.bridge.logging.LimitedLog;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes how gateways are into the registry, one after the other and at most {@value
 * #MOST_PER_SECOND} a second: the last that was said of each, and only what the registry does not
 * have. What is written is announced like any other change of a gateway, and nothing is written
 * because of an announcement: so it does not go round.
 *
 * <p>What the service does not answer is tried again for as long as it takes, behind the gateways
 * whose status was not tried yet. What it refuses is left out, with a line in the log: it would
 * refuse it the next time as well.
 */
public final class StatusWriter implements AutoCloseable {

    /** Thousands of gateways may fail at once, and each is an announcement, too. */
    static final int MOST_PER_SECOND = 200;

    private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);
    private static final int MOST_LINES_PER_MINUTE = 20;
    private static final long BETWEEN_MILLIS = 1_000 / MOST_PER_SECOND;
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private record Said(GatewayStatus status, String reason) {}

    private final GatewayDirectory directory;
    private final LimitedLog refusals =
            new LimitedLog(LOG, "refused statuses", MOST_LINES_PER_MINUTE);
    private final Map<String, Said> inRegistry = new HashMap<>();

    /** Not tried yet, in the order in which it was said. */
    private final Map<String, Said> toWrite = new LinkedHashMap<>();

    /** Tried without an answer; one of them is tried in each pause. */
    private final Map<String, Said> toRepeat = new LinkedHashMap<>();

    private final Thread thread;

    /** Null where nothing is, or what is has been forgotten. */
    private Map.Entry<String, Said> beingWritten;

    private long repeatAt = System.nanoTime();
    private boolean serviceIsAway;
    private boolean closed;

    /** Begins to write. */
    public StatusWriter(GatewayDirectory directory) {
        this.directory = directory;
        thread = new Thread(this::run, "status-writer");
        thread.setDaemon(true);
        thread.start();
    }

    /** Is told what the registry has. */
    public synchronized void seen(Gateway gateway) {
        inRegistry.put(
                gateway.getGatewayId(), new Said(gateway.getStatus(), gateway.getStatusReason()));
    }

    /** Nothing is written of it any more. */
    public synchronized void forget(String gatewayId) {
        toWrite.remove(gatewayId);
        toRepeat.remove(gatewayId);
        inRegistry.remove(gatewayId);
        if (isBeingWritten(gatewayId)) {
            beingWritten = null;
        }
    }

    /**
     * Has this written, unless it is what the registry has.
     *
     * @param reason at most 1024 characters
     */
    public synchronized void write(String gatewayId, GatewayStatus status, String reason) {
        Said said = new Said(status, reason);
        Said before =
                isBeingWritten(gatewayId) ? beingWritten.getValue() : inRegistry.get(gatewayId);
        if (said.equals(before)) {
            toWrite.remove(gatewayId);
            toRepeat.remove(gatewayId);
        } else if (toRepeat.replace(gatewayId, said) == null) {
            toWrite.put(gatewayId, said);
            notifyAll();
        }
    }

    private boolean isBeingWritten(String gatewayId) {
        return beingWritten != null && beingWritten.getKey().equals(gatewayId);
    }

    private void run() {
        try {
            while (true) {
                Map.Entry<String, Said> next = next();
                if (next == null) {
                    return;
                }
                try {
                    directory.write(
                            next.getKey(), next.getValue().status(), next.getValue().reason());
                    written(next);
                    Thread.sleep(BETWEEN_MILLIS);
                } catch (StatusRuntimeException e) {
                    if (isRefusal(e.getStatus().getCode())) {
                        refusals.warn(
                                "The device service refuses the status {} of gateway {}, which is"
                                        + " left as it is: {}",
                                next.getValue().status(),
                                next.getKey(),
                                e.getStatus());
                        written(next);
                    } else {
                        LOG.debug("Status of {} not written: {}", next.getKey(), e.getStatus());
                        repeat(next, e.getStatus().getCode());
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether the same request would be answered in the same way. */
    private static boolean isRefusal(Status.Code code) {
        return switch (code) {
            case INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    DATA_LOSS ->
                    true;
            case OK,
                    CANCELLED,
                    UNKNOWN,
                    DEADLINE_EXCEEDED,
                    RESOURCE_EXHAUSTED,
                    ABORTED,
                    INTERNAL,
                    UNAVAILABLE ->
                    false;
        };
    }

    /** Waits for one; null once this is closed. */
    private synchronized Map.Entry<String, Said> next() throws InterruptedException {
        while (!closed) {
            long pause = repeatAt - System.nanoTime();
            if (pause <= 0 && !toRepeat.isEmpty()) {
                serviceIsAway = false;
                return begin(toRepeat);
            }
            if (!toWrite.isEmpty() && !serviceIsAway) {
                return begin(toWrite);
            }
            if (toRepeat.isEmpty()) {
                wait();
            } else {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(1_000_000, pause));
            }
        }
        return null;
    }

    private Map.Entry<String, Said> begin(Map<String, Said> waiting) {
        Map.Entry<String, Said> first = waiting.entrySet().iterator().next();
        beingWritten = Map.entry(first.getKey(), first.getValue());
        waiting.remove(first.getKey());
        return beingWritten;
    }

    private synchronized void written(Map.Entry<String, Said> written) {
        if (beingWritten != null) {
            inRegistry.put(written.getKey(), written.getValue());
            beingWritten = null;
        }
    }

    private synchronized void repeat(Map.Entry<String, Said> unanswered, Status.Code code) {
        serviceIsAway = code == Status.Code.UNAVAILABLE;
        repeatAt = System.nanoTime() + PAUSE_NANOS;
        if (beingWritten != null) {
            beingWritten = null;
            // What was said of it meanwhile counts.
            Said later = toWrite.remove(unanswered.getKey());
            toRepeat.put(unanswered.getKey(), later == null ? unanswered.getValue() : later);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
