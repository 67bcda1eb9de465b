package io.ponix.deviceservice;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.grpc.GrpcJsonMarshaller;
import com.linecorp.armeria.common.grpc.GrpcMeterIdPrefixFunction;
import com.linecorp.armeria.server.GracefulShutdown;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerListener;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.docs.DocService;
import com.linecorp.armeria.server.grpc.GrpcHealthCheckService;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.UnframedGrpcErrorHandler;
import com.linecorp.armeria.server.healthcheck.HealthCheckService;
import com.linecorp.armeria.server.healthcheck.HealthCheckStatus;
import com.linecorp.armeria.server.healthcheck.HealthChecker;
import com.linecorp.armeria.server.healthcheck.ListenableHealthChecker;
import com.linecorp.armeria.server.metric.MetricCollectingService;
import io.grpc.BindableService;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.enddevice.EndDeviceGrpcService;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.organization.OrganizationGrpcService;
import io.ponix.deviceservice.request.ErrorResponses;
import io.ponix.deviceservice.request.RequestValidation;
import io.ponix.deviceservice.request.ShutdownGate;
import io.ponix.migrations.MigrationException;
import io.ponix.migrations.PostgresMigrations;
import io.ponix.transforms.TransformCompiler;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gRPC service that manages organizations and devices. One server listens on two ports, and
 * both give the same: gRPC with reflection and health, the same methods as HTTP/JSON ({@code POST
 * /<service>/<method>}), {@code /docs}, {@code /metrics} (Prometheus) and {@code /health}.
 *
 * <p>{@link #start} waits for the database, migrates it and serves. {@link #close} refuses new
 * calls, lets those under way end within the shutdown timeout, and closes everything.
 */
public final class DeviceService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceService.class);

    /** How long the outcome of a look at the database counts as the service's health. */
    private static final Duration HEALTH_CHECK_INTERVAL = Duration.ofSeconds(2);

    /**
     * The server counts as drained when no call was under way for this long. Zero would mean: do
     * not drain.
     */
    private static final Duration QUIET_PERIOD = Duration.ofMillis(100);

    private final Database database;
    private final Server server;
    private final PrometheusMeterRegistry metrics;
    private final JvmGcMetrics gcMetrics;

    private DeviceService(
            Database database,
            Server server,
            PrometheusMeterRegistry metrics,
            JvmGcMetrics gcMetrics) {
        this.database = database;
        this.server = server;
        this.metrics = metrics;
        this.gcMetrics = gcMetrics;
    }

    /**
     * Starts the service with the packaged migrations; see {@link #start(DeviceServiceSettings,
     * Optional)}.
     */
    public static DeviceService start(DeviceServiceSettings settings) {
        return start(settings, Optional.empty());
    }

    /**
     * Starts the service.
     *
     * @param migrations a folder of migrations to use in place of the packaged ones
     * @throws DeviceServiceException when the database cannot be reached within the startup timeout
     *     or does not let the service in, when a migration fails, or when a port cannot be opened;
     *     the message names the setting
     */
    public static DeviceService start(DeviceServiceSettings settings, Optional<Path> migrations) {
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Database database = new Database(settings, metrics);
        try {
            awaitDatabase(settings, database);
            migrate(settings, migrations);
            Server server = server(settings, database, metrics);
            JvmGcMetrics gcMetrics = bindJvmMetrics(metrics);
            start(settings, server);
            DeviceService service = new DeviceService(database, server, metrics, gcMetrics);
            LOG.info(
                    "Serving gRPC on port {} and HTTP on port {}",
                    service.grpcPort(),
                    service.httpPort());
            return service;
        } catch (RuntimeException exception) {
            database.close();
            throw exception;
        }
    }

    private static void awaitDatabase(DeviceServiceSettings settings, Database database) {
        try {
            database.awaitReachable(settings.postgresStartupTimeout());
        } catch (SQLException exception) {
            String state = exception.getSQLState() == null ? "" : exception.getSQLState();
            String variables =
                    switch (state) {
                        case "28P01", "28000" ->
                                "PONIX_POSTGRES_USERNAME and PONIX_POSTGRES_PASSWORD";
                        case "3D000" -> "PONIX_POSTGRES_DATABASE";
                        default -> "PONIX_POSTGRES_HOST and PONIX_POSTGRES_PORT";
                    };
            throw new DeviceServiceException(
                    "Cannot connect to Postgres at "
                            + settings.postgresHost()
                            + ":"
                            + settings.postgresPort()
                            + "/"
                            + settings.postgresDatabase()
                            + " (see "
                            + variables
                            + "): "
                            + exception.getMessage(),
                    exception);
        }
    }

    private static void migrate(DeviceServiceSettings settings, Optional<Path> migrations) {
        PostgresMigrations.Builder builder =
                PostgresMigrations.builder()
                        .jdbcUrl(settings.postgresJdbcUrl())
                        .username(settings.postgresUsername())
                        .password(settings.postgresPassword());
        migrations.ifPresent(builder::directory);
        try {
            builder.build().up();
        } catch (MigrationException exception) {
            throw new DeviceServiceException(
                    "Cannot bring the database up to date: " + exception.getMessage(), exception);
        }
    }

    private static Server server(
            DeviceServiceSettings settings, Database database, PrometheusMeterRegistry metrics) {
        ShutdownGate shutdownGate = new ShutdownGate();
        RequestValidation validation = new RequestValidation();
        XidGenerator identifiers = new XidGenerator();
        ListenableHealthChecker databaseHealth = databaseHealth(database);
        List<BindableService> services =
                List.of(
                        new OrganizationGrpcService(database, identifiers),
                        new EndDeviceGrpcService(
                                database, identifiers, TransformCompiler.create()));
        var grpc =
                GrpcService.builder()
                        .addService(ProtoReflectionServiceV1.newInstance())
                        .addService(
                                GrpcHealthCheckService.builder().checkers(databaseHealth).build())
                        .exceptionHandler(new ErrorResponses())
                        .enableUnframedRequests(true)
                        // Armeria's own marshaller generates classes for every message: seconds of
                        // processor time.
                        .jsonMarshallerFactory(service -> GrpcJsonMarshaller.ofGson())
                        .unframedGrpcErrorHandler(DeviceService::jsonError)
                        // JDBC blocks, and an event loop must not.
                        .useBlockingTaskExecutor(true);
        services.forEach(
                service ->
                        grpc.addService(
                                ServerInterceptors.intercept(service, validation, shutdownGate)));
        ServerBuilder server =
                Server.builder()
                        .port(
                                new InetSocketAddress(settings.host(), settings.grpcPort()),
                                SessionProtocol.HTTP)
                        .port(
                                new InetSocketAddress(settings.host(), settings.httpPort()),
                                SessionProtocol.HTTP)
                        .service(
                                grpc.build(),
                                MetricCollectingService.newDecorator(
                                        GrpcMeterIdPrefixFunction.of("ponix.grpc")))
                        .service("/health", HealthCheckService.of(databaseHealth))
                        .service(
                                "/metrics",
                                (context, request) ->
                                        HttpResponse.of(
                                                MediaType.PLAIN_TEXT_UTF_8, metrics.scrape()))
                        .serviceUnder("/docs", new DocService())
                        .meterRegistry(metrics)
                        .gracefulShutdown(
                                GracefulShutdown.builder()
                                        .quietPeriod(QUIET_PERIOD)
                                        .timeout(settings.shutdownTimeout().plus(QUIET_PERIOD))
                                        .build())
                        .serverListener(
                                ServerListener.builder()
                                        .whenStopping(stopping -> shutdownGate.close())
                                        .build());
        return server.build();
    }

    /**
     * Armeria leaves the message percent-encoded, as gRPC transports it; a person should not see
     * that.
     */
    private static HttpResponse jsonError(
            ServiceRequestContext context, Status status, AggregatedHttpResponse response) {
        String message = status.getDescription();
        return UnframedGrpcErrorHandler.ofJson()
                .handle(
                        context,
                        message == null
                                ? status
                                : status.withDescription(
                                        URLDecoder.decode(
                                                message.replace("+", "%2B"),
                                                StandardCharsets.UTF_8)),
                        response);
    }

    private static ListenableHealthChecker databaseHealth(Database database) {
        return HealthChecker.of(
                () ->
                        CompletableFuture.supplyAsync(
                                () ->
                                        new HealthCheckStatus(
                                                database.isReachable(),
                                                HEALTH_CHECK_INTERVAL.toMillis())),
                HEALTH_CHECK_INTERVAL);
    }

    private static JvmGcMetrics bindJvmMetrics(PrometheusMeterRegistry metrics) {
        JvmGcMetrics gcMetrics = new JvmGcMetrics();
        gcMetrics.bindTo(metrics);
        new JvmMemoryMetrics().bindTo(metrics);
        new JvmThreadMetrics().bindTo(metrics);
        new ProcessorMetrics().bindTo(metrics);
        return gcMetrics;
    }

    private static void start(DeviceServiceSettings settings, Server server) {
        try {
            server.start().join();
        } catch (CompletionException exception) {
            server.close();
            if (!(rootCause(exception) instanceof IOException)) {
                throw exception;
            }
            // The server does not say which of its ports it could not open.
            for (var port : List.of(settings.grpcPort(), settings.httpPort())) {
                Optional<String> problem = problemWith(settings.host(), port);
                if (problem.isPresent()) {
                    throw new DeviceServiceException(
                            "Cannot listen on "
                                    + settings.host()
                                    + ":"
                                    + port
                                    + " (see PONIX_GRPC_HOST and "
                                    + (port == settings.grpcPort()
                                            ? "PONIX_GRPC_PORT"
                                            : "PONIX_HTTP_PORT")
                                    + "): "
                                    + problem.get(),
                            exception);
                }
            }
            throw new DeviceServiceException(
                    "Cannot listen on the ports "
                            + settings.grpcPort()
                            + " and "
                            + settings.httpPort()
                            + " (see PONIX_GRPC_PORT and PONIX_HTTP_PORT): "
                            + rootCause(exception).getMessage(),
                    exception);
        }
    }

    private static Optional<String> problemWith(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
            return Optional.empty();
        } catch (BindException exception) {
            return Optional.of(
                    exception.getMessage().contains("in use")
                            ? "the port is in use by another process"
                            : exception.getMessage());
        } catch (IOException exception) {
            return Optional.of(exception.toString());
        }
    }

    private static Throwable rootCause(Throwable throwable) {
        Throwable root = throwable;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** Returns the port on which the service is reached by gRPC. */
    public int grpcPort() {
        return port(0);
    }

    /** Returns the port on which the service is reached by HTTP. */
    public int httpPort() {
        return port(1);
    }

    private int port(int index) {
        return server.activePorts().keySet().stream()
                .skip(index)
                .findFirst()
                .orElseThrow()
                .getPort();
    }

    /** Refuses new calls, waits for those under way, and closes everything. */
    @Override
    public void close() {
        LOG.info("Shutting down: new calls are refused, calls under way may end");
        server.stop().join();
        database.close();
        gcMetrics.close();
        metrics.close();
        LOG.info("Shut down");
    }
}
