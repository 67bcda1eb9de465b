package io.ponix.deviceservice;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.grpc.GrpcMeterIdPrefixFunction;
import com.linecorp.armeria.server.GracefulShutdown;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerListener;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import com.linecorp.armeria.server.grpc.GrpcHealthCheckService;
import com.linecorp.armeria.server.grpc.GrpcService;
import com.linecorp.armeria.server.grpc.UnframedGrpcErrorHandler;
import com.linecorp.armeria.server.healthcheck.HealthCheckService;
import com.linecorp.armeria.server.healthcheck.HealthCheckStatus;
import com.linecorp.armeria.server.healthcheck.HealthChecker;
import com.linecorp.armeria.server.healthcheck.ListenableHealthChecker;
import com.linecorp.armeria.server.metric.MetricCollectingService;
import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.ponix.deviceservice.access.Access;
import io.ponix.deviceservice.charging.certificate.CertificateGrpcService;
import io.ponix.deviceservice.charging.location.LocationGrpcService;
import io.ponix.deviceservice.charging.ocpi.OcpiGrpcService;
import io.ponix.deviceservice.charging.session.SessionGrpcService;
import io.ponix.deviceservice.charging.station.ChargeStationGrpcService;
import io.ponix.deviceservice.charging.token.TokenGrpcService;
import io.ponix.deviceservice.charging.transaction.TransactionGrpcService;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.definition.EndDeviceDefinitionGrpcService;
import io.ponix.deviceservice.definition.EndDeviceDefinitionRepository;
import io.ponix.deviceservice.enddevice.EndDeviceGrpcService;
import io.ponix.deviceservice.enddevice.EndDeviceRepository;
import io.ponix.deviceservice.gateway.GatewayGrpcService;
import io.ponix.deviceservice.gateway.GatewayRepository;
import io.ponix.deviceservice.history.HistoryGrpcService;
import io.ponix.deviceservice.host.HostGrpcService;
import io.ponix.deviceservice.http.BrowserGuard;
import io.ponix.deviceservice.http.DocsPage;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.intake.IntakeGrpcService;
import io.ponix.deviceservice.organization.OrganizationGrpcService;
import io.ponix.deviceservice.page.TransformPage;
import io.ponix.deviceservice.request.CallLog;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.ConcurrentEvaluations;
import io.ponix.deviceservice.request.ErrorResponses;
import io.ponix.deviceservice.request.JsonRequests;
import io.ponix.deviceservice.request.PeerAddress;
import io.ponix.deviceservice.request.RequestRate;
import io.ponix.deviceservice.request.RequestValidation;
import io.ponix.deviceservice.request.ShutdownGate;
import io.ponix.deviceservice.request.SlowSenders;
import io.ponix.deviceservice.snapshot.SnapshotGrpcService;
import io.ponix.deviceservice.telemetry.TelemetryGrpcService;
import io.ponix.deviceservice.tls.ReloadedTls;
import io.ponix.deviceservice.transform.TransformGrpcService;
import io.ponix.intake.IntakeCompiler;
import io.ponix.transforms.TransformCompiler;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** What the server offers, and where. */
final class ServiceServer {

    /** How long the outcome of a look at the database counts as the service's health. */
    private static final Duration HEALTH_CHECK_INTERVAL = Duration.ofSeconds(2);

    /**
     * The server counts as drained when no call was under way for this long. Zero would mean: do
     * not drain.
     */
    private static final Duration QUIET_PERIOD = Duration.ofMillis(100);

    private static final String OLDER_REFLECTION = "/grpc.reflection.v1alpha.ServerReflection";

    private ServiceServer() {}

    /** Returns the server, not started yet. It does not close what it is given. */
    static Server create(
            DeviceServiceSettings settings,
            Database database,
            TelemetryGrpcService telemetry,
            PrometheusMeterRegistry metrics) {
        ShutdownGate shutdownGate = new ShutdownGate();
        RequestValidation validation = new RequestValidation();
        RequestRate rate = new RequestRate(settings.limits(), ServiceServer::caller);
        ConcurrentEvaluations evaluations =
                new ConcurrentEvaluations(settings.limits(), ServiceServer::caller);
        XidGenerator identifiers = new XidGenerator();
        TransformCompiler compiler = TransformCompiler.create(settings.transformLimits());
        IntakeCompiler intakeCompiler = IntakeCompiler.create(settings.transformLimits());
        ListenableHealthChecker databaseHealth = databaseHealth(database);
        Access access =
                new Access(settings.accessMode(), settings.oidc(), database, identifiers, metrics);
        List<ServerServiceDefinition> services =
                Stream.of(
                                new OrganizationGrpcService(database, identifiers),
                                new EndDeviceGrpcService(database, identifiers, compiler),
                                new EndDeviceDefinitionGrpcService(database, identifiers, compiler),
                                new GatewayGrpcService(database, identifiers, intakeCompiler),
                                new HostGrpcService(database, identifiers),
                                new SnapshotGrpcService(database, identifiers),
                                new HistoryGrpcService(database),
                                new TransformGrpcService(
                                        new EndDeviceRepository(database),
                                        new EndDeviceDefinitionRepository(database),
                                        compiler),
                                new IntakeGrpcService(
                                        new GatewayRepository(database),
                                        intakeCompiler,
                                        settings.transformLimits()),
                                telemetry,
                                new ChargeStationGrpcService(database),
                                new TransactionGrpcService(database),
                                new TokenGrpcService(database),
                                new CertificateGrpcService(database),
                                new OcpiGrpcService(database),
                                new LocationGrpcService(database),
                                new SessionGrpcService(database),
                                access.service())
                        .map(BindableService::bindService)
                        .toList();
        ServerInterceptor guard = access.guard(services);
        List<ServerServiceDefinition> guarded =
                services.stream()
                        .map(
                                service ->
                                        // The last is the first to be called.
                                        ServerInterceptors.intercept(
                                                service,
                                                evaluations,
                                                validation,
                                                rate,
                                                guard,
                                                shutdownGate))
                        .toList();
        GrpcHealthCheckService health =
                GrpcHealthCheckService.builder().checkers(databaseHealth).build();
        GrpcService grpc =
                GrpcService.builder()
                        .addService(ProtoReflectionServiceV1.newInstance())
                        .addService(health)
                        .addServiceDefinitions(guarded)
                        .exceptionHandler(new ErrorResponses())
                        .enableUnframedRequests(true)
                        .jsonMarshallerFactory(service -> JsonRequests.marshaller())
                        .unframedGrpcErrorHandler(ServiceServer::jsonError)
                        // JDBC blocks, and an event loop must not.
                        .useBlockingTaskExecutor(true)
                        .build();
        // Many clients still ask for reflection by its older name; the messages are the same. Only
        // that one method of this second service is reachable, the others are here to be listed.
        GrpcService olderReflection =
                GrpcService.builder()
                        .addService(OLDER_REFLECTION, ProtoReflectionServiceV1.newInstance())
                        .addService(health)
                        .addServiceDefinitions(guarded)
                        .build();
        SessionProtocol protocol =
                settings.tls().isPresent() ? SessionProtocol.HTTPS : SessionProtocol.HTTP;
        ServerBuilder server =
                Server.builder()
                        .port(new InetSocketAddress(settings.host(), settings.grpcPort()), protocol)
                        .port(new InetSocketAddress(settings.host(), settings.httpPort()), protocol)
                        .service(
                                grpc,
                                MetricCollectingService.newDecorator(
                                        GrpcMeterIdPrefixFunction.of("ponix.grpc")),
                                CallLog::new,
                                service -> new JsonRequests(service, ServiceServer::jsonError))
                        .service(
                                OLDER_REFLECTION + "/ServerReflectionInfo",
                                withoutRoutes(olderReflection))
                        .service("/session", access.signIn())
                        .service("/health", HealthCheckService.of(databaseHealth))
                        .service(
                                "/metrics",
                                (context, request) ->
                                        HttpResponse.of(
                                                MediaType.PLAIN_TEXT_UTF_8, metrics.scrape()))
                        .serviceUnder("/docs", DocsPage.service())
                        .decorator(SlowSenders::new)
                        .meterRegistry(metrics)
                        // Also that of a connection whose client says half of a request.
                        .idleTimeout(settings.limits().idleTimeout())
                        // Longer than all that may fail on the way, so that the caller learns what
                        // did.
                        .requestTimeout(
                                settings.postgres()
                                        .pool()
                                        .acquireTimeout()
                                        .plus(settings.postgresStatementTimeout())
                                        .plusSeconds(5))
                        .gracefulShutdown(
                                GracefulShutdown.builder()
                                        .quietPeriod(QUIET_PERIOD)
                                        .timeout(settings.shutdownTimeout().plus(QUIET_PERIOD))
                                        .build())
                        .serverListener(
                                ServerListener.builder()
                                        .whenStopping(stopping -> shutdownGate.close())
                                        .build());
        settings.tls().ifPresent(files -> ReloadedTls.addTo(server, files, metrics));
        TransformPage.addTo(server);
        BrowserGuard.addTo(server, settings.allowedHosts());
        return server.build();
    }

    /** Whose calls are counted together: those with a key, or else those from an address. */
    private static String caller() {
        String key = Caller.current().keyId();
        return key.isEmpty() ? PeerAddress.current() : key;
    }

    /** Hides the routes of a service that is to be reached by another one only. */
    private static HttpService withoutRoutes(HttpService service) {
        return new SimpleDecoratingHttpService(service) {
            @Override
            public HttpResponse serve(ServiceRequestContext context, HttpRequest request)
                    throws Exception {
                return unwrap().serve(context, request);
            }
        };
    }

    /**
     * Armeria leaves the message percent-encoded, as gRPC transports it; a person should not see
     * that.
     */
    private static HttpResponse jsonError(
            ServiceRequestContext context, Status status, AggregatedHttpResponse response) {
        String message = status.getDescription();
        HttpResponse error =
                UnframedGrpcErrorHandler.ofJson()
                        .handle(
                                context,
                                message == null
                                        ? status
                                        : status.withDescription(
                                                URLDecoder.decode(
                                                        message.replace("+", "%2B"),
                                                        StandardCharsets.UTF_8)),
                                response);
        // RFC 9110, 11.6.1: an answer of 401 says what it asks for.
        return status.getCode() == Status.Code.UNAUTHENTICATED
                ? error.mapHeaders(
                        headers ->
                                headers.toBuilder()
                                        .set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer")
                                        .build())
                : error;
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
}
