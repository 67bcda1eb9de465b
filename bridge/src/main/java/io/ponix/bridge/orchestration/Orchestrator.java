package io.ponix.bridge.orchestration;

import com.google.protobuf.util.Timestamps;
import io.grpc.StatusRuntimeException;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.ponix.bridge.http.KnownGateways;
import io.ponix.bridge.mqtt.GatewayConnection;
import io.ponix.bridge.registry.GatewayAnnouncements;
import io.ponix.bridge.registry.GatewayDirectory;
import io.ponix.bridge.registry.StatusWriter;
import io.ponix.proto.gateway.v1.Gateway;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one connection for each gateway that there is: a new one is started, one whose connection
 * is to be another is started anew, one that is deleted is stopped. A change of name or status
 * changes nothing.
 *
 * <p>It learns of gateways by listing them at the start, by the announcements of the job, twice a
 * second, and by listing them again every minute; every 5 s where there are no announcements.
 */
public final class Orchestrator implements KnownGateways, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Orchestrator.class);

    private static final long POLL_MILLIS = 500;
    private static final long LIST_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long LIST_WITHOUT_NEWS_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final long HOLD_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final long STOPPED_WITHIN_SECONDS = 7;

    /** What the service makes is; it becomes part of NATS subjects and of MQTT client ids. */
    private static final Pattern GATEWAY_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private final GatewayDirectory directory;
    private final GatewayAnnouncements announcements;
    private final StatusWriter statuses;
    private final UnsharedLease lease;
    private final Function<Gateway, GatewayConnection> connections;
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "orchestrator"));

    // Written by the executor's thread alone.
    private final Map<String, Gateway> known = new ConcurrentHashMap<>();
    private volatile boolean listed;

    // Of the executor's thread alone.
    private final Map<String, Running> running = new HashMap<>();
    private final Map<String, CompletableFuture<Void>> ending = new HashMap<>();
    private long listAt = System.nanoTime();
    private long holdAt = System.nanoTime();
    private boolean leaseIsOurs;
    private boolean serviceIsAway;

    /**
     * A connection.
     *
     * @param configuration what it was made of
     */
    private record Running(Gateway configuration, GatewayConnection connection) {}

    /**
     * @param holder tells this process from every other one
     * @param connections makes them, not started yet
     */
    public Orchestrator(
            GatewayDirectory directory,
            GatewayAnnouncements announcements,
            StatusWriter statuses,
            Connection nats,
            String holder,
            Function<Gateway, GatewayConnection> connections) {
        this.directory = directory;
        this.announcements = announcements;
        this.statuses = statuses;
        this.lease = new UnsharedLease(nats, holder);
        this.connections = connections;
    }

    /** Begins. */
    public void start() {
        executor.scheduleWithFixedDelay(this::round, 0, POLL_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean areKnown() {
        return listed;
    }

    @Override
    public Optional<Gateway> find(String gatewayId) {
        return Optional.ofNullable(known.get(gatewayId));
    }

    private void round() {
        try {
            hold();
            follow();
            list();
            reconcile();
        } catch (RuntimeException e) {
            LOG.error("Looking for gateways failed; tried again", e);
        }
    }

    private void hold() {
        if (System.nanoTime() - holdAt < 0) {
            return;
        }
        holdAt = System.nanoTime() + HOLD_NANOS;
        try {
            leaseIsOurs = lease.hold();
        } catch (IOException | JetStreamApiException | IllegalStateException e) {
            LOG.debug("The lease could not be looked at", e);
        }
    }

    private void follow() {
        try {
            GatewayAnnouncements.News news = announcements.poll();
            if (!news.complete()) {
                listAt = Math.min(listAt, System.nanoTime() + LIST_WITHOUT_NEWS_NANOS);
            }
            for (GatewayAnnouncements.Change change : news.changes()) {
                Gateway gateway = change.gateway();
                if (change.removed() || gateway.hasDeletedAt()) {
                    forget(gateway.getGatewayId());
                } else if (isNewer(gateway)) {
                    learn(gateway);
                }
            }
        } catch (IOException | JetStreamApiException | IllegalStateException e) {
            LOG.debug("Announcements could not be read", e);
        }
    }

    /** A list may have told already what comes after an announcement. */
    private boolean isNewer(Gateway gateway) {
        Gateway before = known.get(gateway.getGatewayId());
        return before == null
                || Timestamps.compare(gateway.getUpdatedAt(), before.getUpdatedAt()) >= 0;
    }

    private void list() {
        if (System.nanoTime() - listAt < 0) {
            return;
        }
        try {
            List<Gateway> gateways = directory.list();
            Set<String> gone = new HashSet<>(known.keySet());
            for (Gateway gateway : gateways) {
                gone.remove(gateway.getGatewayId());
                learn(gateway);
            }
            gone.forEach(this::forget);
            listed = true;
            serviceIsAway = false;
            listAt = System.nanoTime() + LIST_NANOS;
        } catch (StatusRuntimeException e) {
            if (!serviceIsAway) {
                LOG.warn(
                        "The device service does not tell which gateways there are"
                                + " (PONIX_DEVICE_SERVICE_ADDRESS): {}; tried again",
                        e.getStatus());
            }
            serviceIsAway = true;
            listAt = System.nanoTime() + LIST_WITHOUT_NEWS_NANOS;
        }
    }

    private void learn(Gateway gateway) {
        known.put(gateway.getGatewayId(), gateway);
        statuses.seen(gateway);
    }

    private void forget(String gatewayId) {
        known.remove(gatewayId);
        statuses.forget(gatewayId);
    }

    /** Makes what runs what should. */
    private void reconcile() {
        ending.values().removeIf(CompletableFuture::isDone);
        for (String id : new ArrayList<>(running.keySet())) {
            Gateway gateway = known.get(id);
            if (gateway == null
                    || !configuration(gateway).equals(running.get(id).configuration())) {
                LOG.info("Gateway {}: {}", id, gateway == null ? "is gone" : "is another now");
                stop(id, gateway == null || isOtherSession(gateway, running.get(id)));
            } else if (!isOurs(gateway)) {
                stop(id, false);
            }
        }
        for (Gateway gateway : known.values()) {
            String id = gateway.getGatewayId();
            // Two connections of one gateway would throw each other out.
            if (!running.containsKey(id)
                    && !ending.containsKey(id)
                    && gateway.hasEmqxConfig()
                    && GATEWAY_ID.matcher(id).matches()
                    && isOurs(gateway)) {
                GatewayConnection connection = connections.apply(gateway);
                running.put(id, new Running(configuration(gateway), connection));
                connection.start();
            }
        }
    }

    private void stop(String id, boolean forGood) {
        ending.put(id, running.remove(id).connection().stop(forGood));
    }

    /** Whether the broker should forget what it keeps for the connection of before. */
    private static boolean isOtherSession(Gateway gateway, Running before) {
        var now = gateway.getEmqxConfig();
        var then = before.configuration().getEmqxConfig();
        return !gateway.getOrganizationId().equals(before.configuration().getOrganizationId())
                || !now.getTopicFilter().equals(then.getTopicFilter())
                || !now.getSubscriptionGroup().equals(then.getSubscriptionGroup());
    }

    private boolean isOurs(Gateway gateway) {
        return leaseIsOurs || !gateway.getEmqxConfig().getSubscriptionGroup().isEmpty();
    }

    /** What of a gateway a connection depends on. */
    private static Gateway configuration(Gateway gateway) {
        Gateway.Builder configuration =
                Gateway.newBuilder()
                        .setGatewayId(gateway.getGatewayId())
                        .setOrganizationId(gateway.getOrganizationId())
                        .setEmqxConfig(gateway.getEmqxConfig());
        switch (gateway.getIntakeCase()) {
            case INTAKE_PRESET -> configuration.setIntakePreset(gateway.getIntakePreset());
            case INTAKE_EXPRESSION ->
                    configuration.setIntakeExpression(gateway.getIntakeExpression());
            case INTAKE_NOT_SET -> {}
        }
        return configuration.build();
    }

    /** Stops all connections: they take nothing more, finish what is in flight, and disconnect. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            executor.awaitTermination(1, TimeUnit.SECONDS);
            List<CompletableFuture<Void>> ends = new ArrayList<>(ending.values());
            running.values().forEach(each -> ends.add(each.connection().stop(false)));
            CompletableFuture.allOf(ends.toArray(new CompletableFuture<?>[0]))
                    .get(STOPPED_WITHIN_SECONDS, TimeUnit.SECONDS);
            lease.release();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("Not every connection was closed in time: the brokers deliver the rest again");
        } catch (IOException | JetStreamApiException | IllegalStateException e) {
            LOG.debug("The lease ends by itself", e);
        }
    }
}
