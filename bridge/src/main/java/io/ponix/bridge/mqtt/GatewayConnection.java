package io.ponix.bridge.mqtt;

import io.ponix.bridge.metrics.GatewayMetrics;
import io.ponix.bridge.publish.UplinkStore;
import io.ponix.client.tls.TlsException;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import io.ponix.proto.gateway.v1.MqttVersion;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to the broker of one gateway, from {@link #start} to {@link #stop}. It is made
 * again for as long as it takes.
 *
 * <p><b>Guarantee.</b> The broker has the acknowledgement of a message only after JetStream has
 * stored it. What is not acknowledged the broker delivers again, to this bridge or the one after
 * it, as long as it keeps the session. So nothing is lost, and of what was stored when a connection
 * or the bridge ended before the acknowledgement, as many messages as the broker had in flight are
 * stored twice at most.
 *
 * <p>A message of QoS 0 has no acknowledgement. It is stored, too, unless too many wait already.
 */
public final class GatewayConnection {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayConnection.class);

    /** Beyond so many messages that wait to be stored, those of QoS 0 are dropped. */
    private static final int MOST_WAITING_FOR_QOS_0 = 1_000;

    private static final Duration DEFAULT_SESSION_EXPIRY = Duration.ofDays(1);

    /** A connection that lasted so long was a good one, and is made again at once when lost. */
    private static final long GOOD_AFTER_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Two bridges that throw each other out do so at leisure, and a person can see it. */
    private static final Duration AFTER_TAKE_OVER = Duration.ofSeconds(5);

    private static final long LOOK_AGAIN_MILLIS = 50;

    /** How long what is in flight may take when the connection is to end. */
    private static final long IN_FLIGHT_NANOS = TimeUnit.SECONDS.toNanos(4);

    private final Gateway gateway;
    private final String filter;
    private final UplinkStore store;
    private final CredentialsFile credentials;
    private final GatewayMetrics metrics;
    private final GatewayStatusListener statusListener;
    private final ScheduledExecutorService executor;
    private final Backoff backoff = new Backoff();
    private final String clientId;

    // All guarded by this.
    private BrokerClient client;
    private BrokerCredential credentialOfClient;
    private boolean connecting;
    private boolean subscribed;
    private Throwable lostMeanwhile;
    private boolean connectedBefore;
    private long subscribedSince;
    private volatile boolean stopping;
    private ScheduledFuture<?> attempt;

    /**
     * @param gateway with a config
     * @param bridgeId tells this bridge from others that share the gateway
     * @param executor stays the caller's
     */
    public GatewayConnection(
            Gateway gateway,
            String bridgeId,
            UplinkStore store,
            CredentialsFile credentials,
            GatewayMetrics metrics,
            GatewayStatusListener statusListener,
            ScheduledExecutorService executor) {
        this.gateway = gateway;
        this.store = store;
        this.credentials = credentials;
        this.metrics = metrics;
        this.statusListener = statusListener;
        this.executor = executor;
        EMQXGatewayConfig config = gateway.getEmqxConfig();
        String topics =
                config.getTopicFilter().isEmpty()
                        ? gateway.getOrganizationId() + "/+"
                        : config.getTopicFilter();
        String group = config.getSubscriptionGroup();
        this.filter = group.isEmpty() ? topics : "$share/" + group + "/" + topics;
        // The session is the broker's by this id, with its subscription: one that is shared is of
        // this bridge, one that is not of whichever has it now. Another subscription is another
        // session, as the broker would go on delivering for the old one.
        this.clientId =
                "ponix-"
                        + gateway.getGatewayId()
                        + (group.isEmpty() ? "" : "-" + bridgeId)
                        + (filter.equals(gateway.getOrganizationId() + "/+")
                                ? ""
                                : "-" + Integer.toHexString(filter.hashCode()));
    }

    /** Connects, now and whenever the connection is lost. Returns at once. */
    public synchronized void start() {
        schedule(Duration.ZERO);
    }

    private synchronized void schedule(Duration pause) {
        if (!stopping) {
            attempt = executor.schedule(this::connect, pause.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void connect() {
        if (stopping) {
            return;
        }
        // What came by the connection before is stored first. The broker would deliver it again
        // beside what is waiting, which is more than it may.
        if (metrics.unacknowledged() > 0) {
            schedule(Duration.ofMillis(LOOK_AGAIN_MILLIS));
            return;
        }
        try {
            client = client();
        } catch (TlsException | IllegalArgumentException e) {
            failed(e.getMessage());
            return;
        }
        connecting = true;
        lostMeanwhile = null;
        client.connect()
                .thenCompose(connected -> client.subscribe(filter))
                .whenComplete((done, failure) -> connected(failure));
    }

    /** The client of before, which knows what it acknowledged, unless it is to log in anew. */
    private BrokerClient client() throws TlsException {
        EMQXGatewayConfig config = gateway.getEmqxConfig();
        BrokerAddress address = BrokerAddress.parse(config.getBrokerUrl());
        BrokerCredential credential = credentials.find(config.getCredential(), address);
        if (client != null && credential.equals(credentialOfClient)) {
            return client;
        }
        credentialOfClient = credential;
        ClientSettings settings =
                new ClientSettings(
                        address,
                        credential,
                        clientId,
                        config.hasSessionExpiry()
                                ? Duration.ofSeconds(config.getSessionExpiry().getSeconds())
                                : DEFAULT_SESSION_EXPIRY);
        BrokerClient.Listener listener =
                new BrokerClient.Listener() {
                    @Override
                    public void delivered(BrokerClient.Delivery delivery) {
                        GatewayConnection.this.delivered(delivery);
                    }

                    @Override
                    public void lost(Throwable cause) {
                        GatewayConnection.this.lost(cause);
                    }
                };
        return config.getMqttVersion() == MqttVersion.MQTT_VERSION_3_1_1
                ? new Mqtt3BrokerClient(settings, listener)
                : new Mqtt5BrokerClient(settings, listener);
    }

    private synchronized void connected(Throwable failure) {
        connecting = false;
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure != null ? failure : lostMeanwhile;
        if (cause != null) {
            // Of one that is connected, but not subscribed.
            client.disconnect(false);
            failed(reason(cause));
            return;
        }
        subscribed = true;
        subscribedSince = System.nanoTime();
        metrics.connected(true);
        if (connectedBefore) {
            metrics.reconnected();
        }
        connectedBefore = true;
        LOG.info(
                "Gateway {} of {}: subscribed to {} at {}",
                gateway.getGatewayId(),
                gateway.getOrganizationId(),
                filter,
                gateway.getEmqxConfig().getBrokerUrl());
        statusListener.changed(gateway.getGatewayId(), GatewayStatus.GATEWAY_STATUS_ACTIVE, "");
    }

    private synchronized void lost(Throwable cause) {
        if (connecting) {
            lostMeanwhile = cause;
        }
        if (!subscribed) {
            return; // the attempt that is under way tells
        }
        subscribed = false;
        metrics.connected(false);
        if (stopping) {
            return;
        }
        if (System.nanoTime() - subscribedSince >= GOOD_AFTER_NANOS) {
            backoff.reset();
        }
        failed(reason(cause), FailureReason.isTakenOver(cause) ? AFTER_TAKE_OVER : Duration.ZERO);
    }

    private String reason(Throwable cause) {
        return FailureReason.of(cause, BrokerAddress.parse(gateway.getEmqxConfig().getBrokerUrl()));
    }

    private void failed(String reason) {
        failed(reason, Duration.ZERO);
    }

    private void failed(String reason, Duration leastPause) {
        if (stopping) {
            return;
        }
        Duration pause = backoff.next();
        if (pause.compareTo(leastPause) < 0) {
            pause = leastPause;
        }
        LOG.warn(
                "Gateway {} of {}: {}; tried again in {} ms",
                gateway.getGatewayId(),
                gateway.getOrganizationId(),
                reason,
                pause.toMillis());
        statusListener.changed(gateway.getGatewayId(), GatewayStatus.GATEWAY_STATUS_ERROR, reason);
        schedule(pause);
    }

    private void delivered(BrokerClient.Delivery delivery) {
        // The broker has it until the next connection.
        if (stopping) {
            return;
        }
        if (delivery.atMostOnce() && metrics.unacknowledged() >= MOST_WAITING_FOR_QOS_0) {
            metrics.dropped();
            return;
        }
        metrics.received();
        long since = System.nanoTime();
        store.store(gateway, delivery.message())
                .whenComplete(
                        (outcome, impossible) -> {
                            delivery.acknowledge();
                            metrics.done(outcome, Duration.ofNanos(System.nanoTime() - since));
                        });
    }

    /**
     * Takes nothing more, finishes what is in flight, within 4 s, and disconnects.
     *
     * @param forGood whether the broker is to forget the session; otherwise it keeps what comes
     * @return completed when it is done, never exceptionally
     */
    public synchronized CompletableFuture<Void> stop(boolean forGood) {
        boolean wasSubscribed = subscribed;
        stopping = true;
        if (attempt != null) {
            attempt.cancel(false);
        }
        BrokerClient last = client;
        if (last == null) {
            metrics.close();
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> drained = new CompletableFuture<>();
        CompletableFuture<Void> unsubscribed =
                forGood && wasSubscribed
                        ? last.unsubscribe(filter).exceptionally(failure -> null)
                        : CompletableFuture.completedFuture(null);
        unsubscribed.whenComplete(
                (done, failure) -> awaitDrained(drained, System.nanoTime() + IN_FLIGHT_NANOS));
        return drained.thenCompose(done -> last.disconnect(forGood))
                .orTimeout(IN_FLIGHT_NANOS + TimeUnit.SECONDS.toNanos(1), TimeUnit.NANOSECONDS)
                .handle(
                        (done, failure) -> {
                            metrics.close();
                            return null;
                        });
    }

    private void awaitDrained(CompletableFuture<Void> drained, long deadline) {
        if (metrics.unacknowledged() == 0 || System.nanoTime() > deadline) {
            drained.complete(null);
        } else {
            executor.schedule(
                    () -> awaitDrained(drained, deadline),
                    LOOK_AGAIN_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
    }
}
