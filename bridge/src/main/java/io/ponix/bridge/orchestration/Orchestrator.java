package io.ponix.bridge.orchestration;

import com.google.protobuf.util.Timestamps;
import io.grpc.Status;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.ponix.bridge.http.KnownGateways;
import io.ponix.bridge.metrics.BridgeMetrics;
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
import java.util.concurrent.CompletionException;
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
 * <p>It learns of gateways by listing them and, twice a second, by the announcements of the job.
 * They are listed every 2 s, as nobody announces anything while no job runs, but more rarely where
 * that is many requests and would take more than a sixth of the time.
 *
 * <p>Where a change makes the session at the broker another one, the connection of before stays
 * until the new one is subscribed, and then takes what its session still holds: no message falls in
 * between.
 */
public final class Orchestrator implements KnownGateways, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Orchestrator.class);

    private static final long POLL_MILLIS = 500;
    private static final long LIST_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long LONGEST_LIST_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int PAUSE_PER_LISTING = 5;

    /**
     * So many are little work, however long they take: then the machine is busy with something
     * else, and a gateway that was deleted is still to be left within 5 s.
     */
    private static final int FEW_REQUESTS = 10;

    private static final long HOLD_SECONDS = 3;
    private static final long STOPPED_WITHIN_SECONDS = 7;

    /** How long a connection of before goes on where the one in its place cannot subscribe. */
    private static final long REPLACED_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** What the service makes is; it becomes part of NATS subjects and of MQTT client ids. */
    private static final Pattern GATEWAY_ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private final GatewayDirectory directory;
    private final GatewayAnnouncements announcements;
    private final StatusWriter statuses;
    private final BridgeMetrics metrics;
    private final UnsharedLease lease;
    private final Function<Gateway, GatewayConnection> connections;
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "orchestrator"));

    // Written by the executor's thread alone.
    private final Map<String, Gateway> known = new ConcurrentHashMap<>();
    private volatile boolean everListed;

    /** For what waits for answers: one thread for the lease, one for the list. */
    private final ScheduledExecutorService waiting =
            Executors.newScheduledThreadPool(2, task -> new Thread(task, "orchestrator-waits"));

    // Of the executor's thread alone.
    private final Map<String, Running> running = new HashMap<>();
    private final List<Replaced> replaced = new ArrayList<>();

    /** By the id of their sessions. */
    private final Map<String, Ending> ending = new HashMap<>();

    private final Set<String> announcedMeanwhile = new HashSet<>();
    private CompletableFuture<Listed> listing;
    private long listAt = System.nanoTime();
    private boolean serviceIsAway;

    private volatile boolean leaseIsOurs;

    /**
     * A connection.
     *
     * @param gateway as it was when it was looked at last
     */
    private record Running(Gateway gateway, GatewayConnection connection) {}

    /** A connection that goes on until another of the same gateway is subscribed. */
    private record Replaced(
            String gatewayId, GatewayConnection before, GatewayConnection now, long until) {}

    private record Listed(List<Gateway> gateways, int requests, long tookNanos) {}

    private record Ending(
            GatewayConnection connection, boolean retires, CompletableFuture<Void> end) {}

    /**
     * @param holder tells this process from every other one
     * @param connections makes them, not started yet
     */
    public Orchestrator(
            GatewayDirectory directory,
            GatewayAnnouncements announcements,
            StatusWriter statuses,
            BridgeMetrics metrics,
            Connection nats,
            String holder,
            Function<Gateway, GatewayConnection> connections) {
        this.directory = directory;
        this.announcements = announcements;
        this.statuses = statuses;
        this.metrics = metrics;
        this.lease = new UnsharedLease(nats, holder);
        this.connections = connections;
    }

    /** Begins. */
    public void start() {
        waiting.scheduleWithFixedDelay(this::hold, 0, HOLD_SECONDS, TimeUnit.SECONDS);
        executor.scheduleWithFixedDelay(this::round, 0, POLL_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean areKnown() {
        return everListed;
    }

    @Override
    public Optional<Gateway> find(String gatewayId) {
        return Optional.ofNullable(known.get(gatewayId));
    }

    private void round() {
        try {
            follow();
            list();
            reconcile();
        } catch (RuntimeException e) {
            LOG.error("Looking for gateways failed; tried again", e);
        }
    }

    private void hold() {
        try {
            leaseIsOurs = lease.hold();
        } catch (IOException | JetStreamApiException | RuntimeException e) {
            LOG.debug("The lease could not be looked at", e);
        }
    }

    private void follow() {
        try {
            for (GatewayAnnouncements.Change change : announcements.poll()) {
                Gateway gateway = change.gateway();
                announcedMeanwhile.add(gateway.getGatewayId());
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

    /** Asks for the list, or takes it. Announcements and the lease do not wait for it. */
    private void list() {
        if (listing == null) {
            if (System.nanoTime() - listAt >= 0) {
                announcedMeanwhile.clear();
                listing = CompletableFuture.supplyAsync(this::ask, waiting);
            }
            return;
        }
        if (!listing.isDone()) {
            return;
        }
        long pause = LIST_NANOS;
        try {
            Listed listed = listing.join();
            if (listed.requests() > FEW_REQUESTS) {
                pause = Math.max(pause, PAUSE_PER_LISTING * listed.tookNanos());
            }
            Set<String> gone = new HashSet<>(known.keySet());
            for (Gateway gateway : listed.gateways()) {
                gone.remove(gateway.getGatewayId());
                // Of what was announced since, the list may be from before.
                if (!announcedMeanwhile.contains(gateway.getGatewayId())) {
                    learn(gateway);
                }
            }
            gone.removeAll(announcedMeanwhile);
            gone.forEach(this::forget);
            everListed = true;
            serviceIsAway = false;
        } catch (CompletionException e) {
            if (!serviceIsAway) {
                LOG.warn(
                        "The device service does not tell which gateways there are ({}): {}; tried"
                                + " again",
                        toBlame(e.getCause()),
                        e.getCause().getMessage());
            }
            serviceIsAway = true;
        }
        listing = null;
        listAt = System.nanoTime() + Math.min(pause, LONGEST_LIST_NANOS);
    }

    private static String toBlame(Throwable problem) {
        return switch (Status.fromThrowable(problem).getCode()) {
            case UNAUTHENTICATED, PERMISSION_DENIED -> "PONIX_API_KEY or PONIX_API_KEY_FILE";
            default -> "PONIX_DEVICE_SERVICE_ADDRESS";
        };
    }

    private Listed ask() {
        long begun = System.nanoTime();
        GatewayDirectory.Listing listing = directory.list();
        return new Listed(listing.gateways(), listing.requests(), System.nanoTime() - begun);
    }

    private void learn(Gateway gateway) {
        // The same object for the same gateway: of most nothing changes from list to list.
        known.merge(
                gateway.getGatewayId(),
                gateway,
                (before, now) -> before.equals(now) ? before : now);
        statuses.seen(gateway);
    }

    private void forget(String gatewayId) {
        known.remove(gatewayId);
        statuses.forget(gatewayId);
        metrics.forget(gatewayId);
    }

    /** Makes what runs what should. */
    private void reconcile() {
        ending.values().removeIf(each -> each.end().isDone());
        for (String id : new ArrayList<>(running.keySet())) {
            Gateway gateway = known.get(id);
            Running before = running.get(id);
            if (gateway == null || !gateway.hasEmqxConfig()) {
                LOG.info("Gateway {} is gone", id);
                running.remove(id);
                stop(before.connection(), true);
            } else if (!isOurs(gateway)) {
                running.remove(id);
                stop(before.connection(), false);
            } else if (gateway != before.gateway()) {
                change(before, gateway);
            }
        }
        endReplaced();
        for (Gateway gateway : known.values()) {
            String id = gateway.getGatewayId();
            if (!running.containsKey(id)
                    && gateway.hasEmqxConfig()
                    && GATEWAY_ID.matcher(id).matches()
                    && isOurs(gateway)) {
                start(gateway);
            }
        }
    }

    private void change(Running before, Gateway gateway) {
        String id = gateway.getGatewayId();
        if (configuration(gateway).equals(configuration(before.gateway()))) {
            running.put(id, new Running(gateway, before.connection()));
            return;
        }
        LOG.info("Gateway {} is another now", id);
        running.remove(id);
        GatewayConnection old = before.connection();
        if (connections.apply(gateway).sessionId().equals(old.sessionId())) {
            stop(old, false);
        } else if (start(gateway)) {
            old.replace();
            GatewayConnection now = running.get(id).connection();
            replaced.add(new Replaced(id, old, now, System.nanoTime() + REPLACED_WITHIN_NANOS));
            // At once: what the broker delivers to both is stored twice.
            now.whenSubscribed().thenRunAsync(this::endReplaced, executor);
        } else {
            retire(old);
        }
    }

    /**
     * Starts it, unless its session is one that is being ended: two connections of one session
     * would throw each other out.
     */
    private boolean start(Gateway gateway) {
        GatewayConnection connection = connections.apply(gateway);
        String session = connection.sessionId();
        if (ending.containsKey(session)
                || replaced.stream().anyMatch(each -> each.before().sessionId().equals(session))) {
            return false;
        }
        running.put(gateway.getGatewayId(), new Running(gateway, connection));
        connection.start();
        return true;
    }

    private void endReplaced() {
        for (Replaced each : List.copyOf(replaced)) {
            boolean isGone = !known.containsKey(each.gatewayId());
            if (isGone) {
                stop(each.before(), true);
            } else if (each.now().whenSubscribed().isDone()
                    || System.nanoTime() - each.until() >= 0) {
                retire(each.before());
            } else {
                continue;
            }
            replaced.remove(each);
        }
    }

    private void stop(GatewayConnection connection, boolean forGood) {
        ending.put(connection.sessionId(), new Ending(connection, false, connection.stop(forGood)));
    }

    private void retire(GatewayConnection connection) {
        ending.put(connection.sessionId(), new Ending(connection, true, connection.retire()));
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
            waiting.shutdownNow();
            waiting.awaitTermination(1, TimeUnit.SECONDS);
            List<CompletableFuture<Void>> ends = new ArrayList<>();
            running.values().forEach(each -> ends.add(each.connection().stop(false)));
            replaced.forEach(each -> ends.add(each.before().stop(false)));
            ending.values()
                    .forEach(
                            each ->
                                    ends.add(
                                            each.retires()
                                                    ? each.connection().stop(false)
                                                    : each.end()));
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
