package io.ponix.bridge.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import io.ponix.bridge.intake.ReceivedMessage;
import io.ponix.bridge.intake.Refusal;
import io.ponix.bridge.logging.LimitedLog;
import io.ponix.bridge.memory.SharedRoom;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to the broker of one gateway, from {@link #start} to {@link #stop}, or to {@link
 * #retire} where another session takes its place. It is made again for as long as it takes.
 *
 * <p><b>Guarantee.</b> The broker has the acknowledgement of a message only after JetStream has
 * stored it. What is not acknowledged the broker delivers again, to this bridge or the one after
 * it, as long as it keeps the session. So nothing is lost, and of what was stored when a connection
 * or the bridge ended before the acknowledgement, as many messages as the broker had in flight are
 * stored twice at most.
 *
 * <p>A message of QoS 0 has no acknowledgement. It is stored, too, unless too many wait already, or
 * too large ones.
 */
public final class GatewayConnection {

    private static final Logger LOG = LoggerFactory.getLogger(GatewayConnection.class);

    private static final LimitedLog FAILURES =
            new LimitedLog(LOG, "gateways that cannot be connected to", 100);

    private static final LimitedLog REFUSALS = new LimitedLog(LOG, "refused messages", 20);

    private static final int LONGEST_TOPIC_IN_LOG = 200;

    /** The status reason of one that is connected to a broker that may lose messages. */
    private static final String ONLY_QOS_0 =
            "the broker grants QoS 0 only: what it has to deliver while no bridge is connected, or"
                    + " while NATS is away, may be lost";

    /** Beyond so many messages that wait to be stored, those of QoS 0 are dropped. */
    private static final int MOST_WAITING_FOR_QOS_0 = 1_000;

    /** A connection that lasted so long was a good one, and is made again at once when lost. */
    private static final long GOOD_AFTER_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Two bridges that throw each other out do so at leisure, and a person can see it. */
    private static final Duration AFTER_TAKE_OVER = Duration.ofSeconds(5);

    private static final long LOOK_AGAIN_MILLIS = 50;

    /** How long what is in flight may take when the connection is to end. */
    private static final long IN_FLIGHT_NANOS = TimeUnit.SECONDS.toNanos(4);

    /** A session without subscription that delivers nothing for so long has nothing. */
    private static final long EMPTY_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How long a broker that is to be left is looked for, to take what its session holds. */
    private static final long LEFT_AFTER_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Gateway gateway;
    private final BrokerSession session;
    private final UplinkStore store;
    private final SharedRoom roomForQos0;
    private final CredentialsFile credentials;
    private final HostLookup hosts;
    private final GatewayMetrics metrics;
    private final GatewayStatusListener statusListener;
    private final ScheduledExecutorService executor;
    private final Backoff backoff = new Backoff();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final CompletableFuture<Void> subscribedFirst = new CompletableFuture<>();

    // All guarded by this.
    private BrokerClient client;
    private BrokerCredential credentialOfClient;
    private CompletableFuture<Void> connecting = CompletableFuture.completedFuture(null);
    private boolean connected;
    private Throwable lostMeanwhile;
    private boolean connectedBefore;
    private long connectedSince;
    private String lastFailure = "";
    private ScheduledFuture<?> attempt;
    private boolean isReplaced;
    private boolean endsForGood;
    private long leaveAt;
    private CompletableFuture<Void> retired;
    private volatile boolean stopping;
    private volatile long deliveredLast;

    /**
     * @param gateway with a config
     * @param bridgeId tells this bridge from others that share the gateway
     * @param roomForQos0 for payloads of QoS 0 that are not stored yet, of all connections; of all
     *     others the broker decides how many it delivers before the first is acknowledged
     * @param metrics the gateway's; they stay the caller's, as does the executor
     */
    public GatewayConnection(
            Gateway gateway,
            String bridgeId,
            UplinkStore store,
            SharedRoom roomForQos0,
            CredentialsFile credentials,
            HostLookup hosts,
            GatewayMetrics metrics,
            GatewayStatusListener statusListener,
            ScheduledExecutorService executor) {
        this.gateway = gateway;
        this.session = BrokerSession.of(gateway, bridgeId);
        this.store = store;
        this.roomForQos0 = roomForQos0;
        this.credentials = credentials;
        this.hosts = hosts;
        this.metrics = metrics;
        this.statusListener = statusListener;
        this.executor = executor;
    }

    /** Tells the session at the broker from every other one. Two connections never share one. */
    public String sessionId() {
        return session.clientId();
    }

    /** Completed once the broker delivers to this for the first time, never exceptionally. */
    public CompletableFuture<Void> whenSubscribed() {
        return subscribedFirst.copy();
    }

    /** Connects, now and whenever the connection is lost. Returns at once. */
    public synchronized void start() {
        schedule(Duration.ZERO);
    }

    /** Another connection speaks for the gateway now; this one goes on until {@link #retire}. */
    public synchronized void replace() {
        isReplaced = true;
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
        if (inFlight.get() > 0) {
            schedule(Duration.ofMillis(LOOK_AGAIN_MILLIS));
            return;
        }
        BrokerAddress address;
        try {
            address = BrokerAddress.parse(gateway.getEmqxConfig().getBrokerUrl());
            client = client(address);
        } catch (TlsException | IllegalArgumentException e) {
            failed(e.getMessage(), Duration.ZERO);
            return;
        }
        CompletableFuture<Void> attempted = new CompletableFuture<>();
        connecting = attempted;
        lostMeanwhile = null;
        BrokerClient current = client;
        hosts.find(address.host())
                .thenCompose(found -> current.connect())
                .thenCompose(done -> current.subscribe(session.filter()))
                .whenComplete(
                        (granted, failure) -> {
                            connected(granted, failure);
                            attempted.complete(null);
                        });
    }

    /** The client of before, which knows what it acknowledged, unless it is to log in anew. */
    private BrokerClient client(BrokerAddress address) throws TlsException {
        EMQXGatewayConfig config = gateway.getEmqxConfig();
        BrokerCredential credential =
                credentials.find(config.getCredential(), address, gateway.getOrganizationId());
        if (client != null && credential.equals(credentialOfClient)) {
            return client;
        }
        ClientSettings settings =
                new ClientSettings(address, credential, session.clientId(), session.expiry());
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
        BrokerClient made =
                config.getMqttVersion() == MqttVersion.MQTT_VERSION_3_1_1
                        ? new Mqtt3BrokerClient(settings, listener)
                        : new Mqtt5BrokerClient(settings, listener);
        credentialOfClient = credential;
        return made;
    }

    /**
     * @param granted null where it failed
     */
    private synchronized void connected(MqttQos granted, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure != null ? failure : lostMeanwhile;
        if (stopping) {
            client.disconnect(endsForGood);
            return;
        }
        if (cause != null) {
            // Of one that is connected, but not subscribed.
            client.disconnect(false);
            failed(reason(cause), Duration.ZERO);
            return;
        }
        connected = true;
        connectedSince = System.nanoTime();
        lastFailure = "";
        if (retired != null) {
            unsubscribeAndTakeTheRest();
            return;
        }
        metrics.connected(true);
        connectedBefore = true;
        LOG.info(
                "Gateway {} of {}: subscribed to {} at {}",
                gateway.getGatewayId(),
                gateway.getOrganizationId(),
                session.filter(),
                gateway.getEmqxConfig().getBrokerUrl());
        String reason = granted == MqttQos.AT_MOST_ONCE ? ONLY_QOS_0 : "";
        if (!reason.isEmpty()) {
            FAILURES.warn(
                    "Gateway {} of {}: {}",
                    gateway.getGatewayId(),
                    gateway.getOrganizationId(),
                    reason);
        }
        tell(GatewayStatus.GATEWAY_STATUS_ACTIVE, reason);
        subscribedFirst.complete(null);
    }

    private void tell(GatewayStatus status, String reason) {
        if (!isReplaced) {
            statusListener.changed(gateway.getGatewayId(), status, reason);
        }
    }

    private synchronized void lost(Throwable cause) {
        if (!connected) {
            lostMeanwhile = cause; // the attempt that is under way tells
            return;
        }
        disconnected();
        if (stopping) {
            return;
        }
        boolean wasGood = System.nanoTime() - connectedSince >= GOOD_AFTER_NANOS;
        if (wasGood) {
            backoff.reset();
        }
        failed(
                reason(cause),
                FailureReason.isTakenOver(cause)
                                || !wasGood && FailureReason.isClosedByBroker(cause)
                        ? AFTER_TAKE_OVER
                        : Duration.ZERO);
    }

    private void disconnected() {
        connected = false;
        if (retired == null) {
            metrics.connected(false);
        }
    }

    private String reason(Throwable cause) {
        return FailureReason.of(
                cause,
                BrokerAddress.parse(gateway.getEmqxConfig().getBrokerUrl()),
                session.clientId());
    }

    private void failed(String reason, Duration leastPause) {
        Duration pause = backoff.next();
        if (pause.compareTo(leastPause) < 0) {
            pause = leastPause;
        }
        if (retired != null && (!connectedBefore || System.nanoTime() - leaveAt >= 0)) {
            FAILURES.warn(
                    "Gateway {} of {}: what the broker of before holds of its session {} stays"
                            + " there: {}",
                    gateway.getGatewayId(),
                    gateway.getOrganizationId(),
                    session.clientId(),
                    reason);
            stopping = true;
            retired.complete(null);
            return;
        }
        if (reason.equals(lastFailure)) {
            LOG.debug("Gateway {}: {}, as before", gateway.getGatewayId(), reason);
        } else {
            FAILURES.warn(
                    "Gateway {} of {}: {}; tried again in {} ms, and then at least once a minute",
                    gateway.getGatewayId(),
                    gateway.getOrganizationId(),
                    reason,
                    pause.toMillis());
        }
        lastFailure = reason;
        tell(GatewayStatus.GATEWAY_STATUS_ERROR, reason);
        schedule(pause);
    }

    private void delivered(BrokerClient.Delivery delivery) {
        // The broker has it until the next connection.
        if (stopping) {
            return;
        }
        deliveredLast = System.nanoTime();
        ReceivedMessage message = delivery.message();
        int bytes = delivery.atMostOnce() ? message.content().payload().length : 0;
        if (delivery.atMostOnce()
                && (inFlight.get() >= MOST_WAITING_FOR_QOS_0
                        || !roomForQos0.take(gateway.getGatewayId(), bytes))) {
            metrics.dropped();
            return;
        }
        inFlight.incrementAndGet();
        metrics.received();
        long since = System.nanoTime();
        store.store(gateway, message)
                .whenComplete(
                        (outcome, impossible) -> {
                            delivery.acknowledge();
                            metrics.done(outcome, Duration.ofNanos(System.nanoTime() - since));
                            outcome.refusal().ifPresent(refusal -> refused(message, refusal));
                            if (delivery.atMostOnce()) {
                                roomForQos0.giveBack(gateway.getGatewayId(), bytes);
                            }
                            inFlight.decrementAndGet();
                        });
    }

    /** Without the payload, and without what was found out about it. */
    private void refused(ReceivedMessage message, Refusal refusal) {
        REFUSALS.warn(
                "Gateway {} of {}: a message to {} is refused, {}; it is in the stream {}",
                gateway.getGatewayId(),
                gateway.getOrganizationId(),
                shortened(message.content().topic()),
                refusal.reason(),
                UplinkStore.REFUSED_STREAM);
    }

    private static String shortened(String topic) {
        return topic.length() <= LONGEST_TOPIC_IN_LOG
                ? topic
                : topic.substring(0, LONGEST_TOPIC_IN_LOG) + "…";
    }

    /**
     * Has the broker put nothing more into the session, takes what is in it, and ends it. To be
     * called when another connection has the gateway's subscription, so that no message falls in
     * between. While NATS is away this waits; a broker that cannot be reached is given up after a
     * minute.
     *
     * @return completed when it is done, never exceptionally
     */
    public synchronized CompletableFuture<Void> retire() {
        retired = new CompletableFuture<>();
        leaveAt = System.nanoTime() + LEFT_AFTER_NANOS;
        if (connected) {
            metrics.connected(false);
            unsubscribeAndTakeTheRest();
        }
        return retired;
    }

    private void unsubscribeAndTakeTheRest() {
        client.unsubscribe(session.filter())
                .whenComplete(
                        (done, failure) -> {
                            // Without an answer the connection is lost, and is made again.
                            if (failure == null) {
                                takeTheRest();
                            }
                        });
    }

    private synchronized void takeTheRest() {
        deliveredLast = System.nanoTime();
        lookWhetherEmpty();
    }

    private synchronized void lookWhetherEmpty() {
        if (!connected || stopping) {
            return; // the connection is made again first
        }
        leaveAt = System.nanoTime() + LEFT_AFTER_NANOS;
        if (inFlight.get() == 0 && System.nanoTime() - deliveredLast >= EMPTY_AFTER_NANOS) {
            stopping = true;
            client.disconnect(true).whenComplete((done, failure) -> retired.complete(null));
            return;
        }
        executor.schedule(this::lookWhetherEmpty, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    }

    /**
     * Takes nothing more, finishes what is in flight, within 4 s, and disconnects.
     *
     * @param forGood whether the broker is to forget the session; otherwise it keeps what comes
     * @return completed when it is done, never exceptionally
     */
    public synchronized CompletableFuture<Void> stop(boolean forGood) {
        boolean wasSubscribed = connected && retired == null;
        stopping = true;
        endsForGood = forGood;
        if (attempt != null) {
            attempt.cancel(false);
        }
        if (retired != null) {
            retired.complete(null);
        }
        if (client == null) {
            return CompletableFuture.completedFuture(null);
        }
        BrokerClient last = client;
        CompletableFuture<Void> unsubscribed =
                forGood && wasSubscribed
                        ? last.unsubscribe(session.filter()).exceptionally(failure -> null)
                        : connecting;
        CompletableFuture<Void> drained = new CompletableFuture<>();
        long deadline = System.nanoTime() + IN_FLIGHT_NANOS;
        unsubscribed.whenComplete((done, failure) -> awaitDrained(drained, deadline));
        return drained.thenCompose(done -> last.disconnect(forGood))
                .orTimeout(IN_FLIGHT_NANOS + TimeUnit.SECONDS.toNanos(1), TimeUnit.NANOSECONDS)
                .handle(
                        (done, failure) -> {
                            synchronized (this) {
                                if (connected) {
                                    disconnected();
                                }
                            }
                            return null;
                        });
    }

    private void awaitDrained(CompletableFuture<Void> drained, long deadline) {
        if (inFlight.get() == 0 || System.nanoTime() > deadline) {
            drained.complete(null);
        } else {
            executor.schedule(
                    () -> awaitDrained(drained, deadline),
                    LOOK_AGAIN_MILLIS,
                    TimeUnit.MILLISECONDS);
        }
    }
}
