package io.ponix.bridge.registry;

import io.grpc.StatusRuntimeException;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes how gateways are into the registry, one after the other: the last that was said of each,
 * and only what the registry does not have. What is written is announced like any other change of a
 * gateway, and nothing is written because of an announcement: so it does not go round. While the
 * service is away it is tried again.
 */
public final class StatusWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StatusWriter.class);
    private static final long PAUSE_MILLIS = 1_000;

    private record Said(GatewayStatus status, String reason) {}

    private final GatewayDirectory directory;
    private final Map<String, Said> toWrite = new LinkedHashMap<>();
    private final Map<String, Said> inRegistry = new LinkedHashMap<>();
    private final Thread thread;
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
        inRegistry.remove(gatewayId);
    }

    /** Has this written, unless it is what the registry has. */
    public synchronized void write(String gatewayId, GatewayStatus status, String reason) {
        toWrite.remove(gatewayId);
        Said said = new Said(status, reason);
        if (!said.equals(inRegistry.get(gatewayId))) {
            toWrite.put(gatewayId, said);
            notifyAll();
        }
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
                } catch (StatusRuntimeException e) {
                    LOG.debug("Status of {} not written: {}", next.getKey(), e.getStatus());
                    Thread.sleep(PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized Map.Entry<String, Said> next() throws InterruptedException {
        while (toWrite.isEmpty() && !closed) {
            wait();
        }
        return closed ? null : Map.entry(toWrite.keySet().iterator().next(), first());
    }

    private Said first() {
        return toWrite.values().iterator().next();
    }

    private synchronized void written(Map.Entry<String, Said> written) {
        inRegistry.put(written.getKey(), written.getValue());
        toWrite.remove(written.getKey(), written.getValue());
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
