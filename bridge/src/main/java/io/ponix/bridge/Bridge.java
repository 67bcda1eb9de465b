package io.ponix.bridge;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.NUID;
import io.ponix.bridge.http.BridgeServer;
import io.ponix.bridge.intake.EvaluationThreads;
import io.ponix.bridge.memory.SharedRoom;
import io.ponix.bridge.metrics.BridgeMetrics;
import io.ponix.bridge.mqtt.CredentialsFile;
import io.ponix.bridge.mqtt.GatewayConnection;
import io.ponix.bridge.mqtt.HostLookup;
import io.ponix.bridge.orchestration.Orchestrator;
import io.ponix.bridge.publish.RefusedUplinksStream;
import io.ponix.bridge.publish.StreamPublisher;
import io.ponix.bridge.publish.UplinkStore;
import io.ponix.bridge.registry.DeviceEnrolment;
import io.ponix.bridge.registry.GatewayAnnouncements;
import io.ponix.bridge.registry.GatewayDirectory;
import io.ponix.bridge.registry.StatusWriter;
import io.ponix.client.nats.NatsAccessException;
import io.ponix.client.nats.NatsConnections;
import io.ponix.client.nats.NatsVariable;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects to the brokers of gateways and stores what they send as raw envelopes. {@link #close}
 * takes nothing more, finishes what is in flight, and disconnects.
 */
final class Bridge implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Bridge.class);

    private static final long PAUSE_MILLIS = 1_000;
    private static final int THREADS = 4;

    /**
     * Messages to NATS: what a full bridge has under way, of a few hundred bytes each beside what
     * they carry, which is counted elsewhere.
     */
    private static final int MOST_UNSENT = 50_000;

    /** In bytes, of all connections: a heap of 256 MiB has it beside the rest. */
    private static final long ROOM_FOR_QOS_0 = 32L << 20;

    private final Connection nats;
    private final GatewayDirectory directory;
    private final StatusWriter statuses;
    private final Orchestrator orchestrator;
    private final HostLookup hosts;
    private final BridgeServer server;
    private final ScheduledExecutorService executor;
    private final EvaluationThreads evaluations;

    private Bridge(
            Connection nats,
            GatewayDirectory directory,
            StatusWriter statuses,
            Orchestrator orchestrator,
            HostLookup hosts,
            BridgeServer server,
            ScheduledExecutorService executor,
            EvaluationThreads evaluations) {
        this.nats = nats;
        this.directory = directory;
        this.statuses = statuses;
        this.orchestrator = orchestrator;
        this.hosts = hosts;
        this.server = server;
        this.executor = executor;
        this.evaluations = evaluations;
    }

    /**
     * Waits for NATS, as long as that takes, and begins.
     *
     * @throws BridgeException when NATS does not let it in, or the port cannot be opened
     */
    static Bridge start(BridgeSettings settings) throws InterruptedException {
        Connection nats = connect(settings);
        try {
            ScheduledExecutorService executor = Executors.newScheduledThreadPool(THREADS);
            PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            ensureRefusedUplinks(nats);
            EvaluationThreads evaluations = new EvaluationThreads();
            GatewayDirectory directory =
                    new GatewayDirectory(settings.deviceServiceAddress(), settings.apiKey());
            UplinkStore store =
                    new UplinkStore(
                            new StreamPublisher(nats, executor),
                            settings.rawStream(),
                            evaluations,
                            new DeviceEnrolment(directory, executor));
            CredentialsFile credentials = new CredentialsFile(settings.credentialsFile());
            BridgeMetrics gatewayMetrics = new BridgeMetrics(metrics);
            HostLookup hosts = new HostLookup();
            SharedRoom roomForQos0 = new SharedRoom(ROOM_FOR_QOS_0);
            StatusWriter statuses = new StatusWriter(directory);
            Orchestrator orchestrator =
                    new Orchestrator(
                            directory,
                            new GatewayAnnouncements(
                                    nats.jetStreamManagement(), settings.gatewayStream()),
                            statuses,
                            gatewayMetrics,
                            nats,
                            settings.id() + " " + NUID.nextGlobal(),
                            gateway ->
                                    new GatewayConnection(
                                            gateway,
                                            settings.id(),
                                            store,
                                            roomForQos0,
                                            credentials,
                                            hosts,
                                            gatewayMetrics.of(gateway.getGatewayId()),
                                            statuses::write,
                                            executor));
            BridgeServer server = serve(settings, metrics, orchestrator, store, nats);
            orchestrator.start();
            LOG.info(
                    "Serving uplinks, /metrics and /health by {} on port {}",
                    settings.tls().isPresent() ? "HTTPS" : "HTTP",
                    server.port());
            return new Bridge(
                    nats, directory, statuses, orchestrator, hosts, server, executor, evaluations);
        } catch (IOException e) {
            throw new BridgeException("NATS offers no JetStream: " + e.getMessage(), e);
        }
    }

    private static Connection connect(BridgeSettings settings) throws InterruptedException {
        boolean told = false;
        while (true) {
            try {
                return NatsConnections.openDroppingExcess(
                        settings.nats(), "ponix bridge " + settings.id(), MOST_UNSENT);
            } catch (NatsAccessException e) {
                throw new BridgeException(
                        e.getMessage()
                                + " (see "
                                + e.toBlame().stream()
                                        .map(NatsVariable::variable)
                                        .collect(Collectors.joining(", "))
                                + ")",
                        e);
            } catch (IOException e) {
                if (!told) {
                    LOG.warn("{} (see PONIX_NATS_URL); tried again", e.getMessage());
                }
                told = true;
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    private static void ensureRefusedUplinks(Connection nats) throws InterruptedException {
        while (true) {
            try {
                RefusedUplinksStream.ensure(nats.jetStreamManagement());
                return;
            } catch (IOException | JetStreamApiException e) {
                LOG.warn(
                        "The stream {} cannot be made: {}; tried again",
                        UplinkStore.REFUSED_STREAM,
                        e.getMessage());
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    private static BridgeServer serve(
            BridgeSettings settings,
            PrometheusMeterRegistry metrics,
            Orchestrator orchestrator,
            UplinkStore store,
            Connection nats) {
        try {
            return new BridgeServer(
                    settings.host(),
                    settings.port(),
                    settings.tls(),
                    settings.allowedHosts(),
                    metrics,
                    orchestrator,
                    store,
                    () -> nats.getStatus() == Connection.Status.CONNECTED);
        } catch (IOException e) {
            throw new BridgeException(
                    "Cannot listen on "
                            + settings.host()
                            + ":"
                            + settings.port()
                            + " (see PONIX_BRIDGE_HOST and PONIX_BRIDGE_PORT): "
                            + e.getMessage(),
                    e);
        }
    }

    @Override
    public void close() {
        LOG.info("Shutting down: nothing more is taken, what is in flight is finished");
        server.close();
        orchestrator.close();
        statuses.close();
        directory.close();
        hosts.close();
        executor.shutdownNow();
        evaluations.close();
        try {
            nats.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LOG.info("Shut down");
    }
}
