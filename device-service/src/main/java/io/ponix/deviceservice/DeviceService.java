package io.ponix.deviceservice;

import com.linecorp.armeria.server.Server;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.ponix.client.postgres.PostgresVariable;
import io.ponix.deviceservice.access.AccessMode;
import io.ponix.deviceservice.access.FirstKeys;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.enddevice.EndDeviceRepository;
import io.ponix.deviceservice.telemetry.TelemetryGrpcService;
import io.ponix.deviceservice.tls.ReloadedTls;
import io.ponix.deviceservice.upkeep.RegistryUpkeep;
import io.ponix.migrations.MigrationException;
import io.ponix.migrations.PostgresMigrations;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gRPC service that manages organizations, devices and gateways, and the page on which the
 * devices' transforms are tried. One server listens on two ports, and both give the same: gRPC with
 * reflection and health, the same methods as HTTP/JSON ({@code POST /<service>/<method>}), the page
 * ({@code /transforms/}), {@code /docs}, {@code /metrics} (Prometheus) and {@code /health}.
 *
 * <p>{@link #start} waits for the database, migrates it and serves. {@link #close} refuses new
 * calls, lets those under way end within the shutdown timeout, and closes everything.
 */
public final class DeviceService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceService.class);

    private final Database database;
    private final TelemetryGrpcService telemetry;
    private final Server server;
    private final RegistryUpkeep upkeep;
    private final PrometheusMeterRegistry metrics;
    private final JvmGcMetrics gcMetrics;

    private DeviceService(
            Database database,
            TelemetryGrpcService telemetry,
            Server server,
            RegistryUpkeep upkeep,
            PrometheusMeterRegistry metrics,
            JvmGcMetrics gcMetrics) {
        this.database = database;
        this.telemetry = telemetry;
        this.server = server;
        this.upkeep = upkeep;
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
        metrics.config().meterFilter(ReloadedTls.withoutTheFirst());
        Database database =
                new Database(
                        settings.postgres(),
                        settings.postgresMaxLifetime(),
                        settings.postgresStatementTimeout(),
                        metrics);
        TelemetryGrpcService telemetry =
                new TelemetryGrpcService(new EndDeviceRepository(database), settings.telemetry());
        try {
            awaitDatabase(settings, database);
            migrate(settings, migrations);
            settings.firstKeysFile().ifPresent(file -> makeFirstKeys(database, file));
            warnOfNoKey(settings, database);
            Server server = ServiceServer.create(settings, database, telemetry, metrics);
            JvmGcMetrics gcMetrics = bindJvmMetrics(metrics);
            start(settings, server);
            RegistryUpkeep upkeep = RegistryUpkeep.start(database, settings.upkeep(), metrics);
            DeviceService service =
                    new DeviceService(database, telemetry, server, upkeep, metrics, gcMetrics);
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

    /**
     * Makes the key that makes all others, in the database of the settings, which has to be
     * reachable; its tables are made or migrated first.
     *
     * @param name what people call the key
     * @return the whole key, which nobody is shown again
     * @throws DeviceServiceException as {@link #start}, and when there is a key already
     */
    public static String createFirstKey(
            DeviceServiceSettings settings, Optional<Path> migrations, String name) {
        try (Database database =
                new Database(
                        settings.postgres(),
                        settings.postgresMaxLifetime(),
                        settings.postgresStatementTimeout(),
                        new SimpleMeterRegistry())) {
            awaitDatabase(settings, database);
            migrate(settings, migrations);
            return new FirstKeys(database)
                    .create(name)
                    .orElseThrow(
                            () ->
                                    new DeviceServiceException(
                                            "There is a key already: make others with one of the role"
                                                    + " ROLE_OPERATOR (./ponix key create)"));
        }
    }

    private static void makeFirstKeys(Database database, Path file) {
        if (new FirstKeys(database).createFrom(file)) {
            LOG.info("There was no key yet: made those of {}", file);
        }
    }

    private static void warnOfNoKey(DeviceServiceSettings settings, Database database) {
        switch (settings.accessMode()) {
            case REQUIRED -> {
                if (!new FirstKeys(database).isThereAny()) {
                    LOG.warn(
                            "There is no key, and nobody can call without one: make the first with"
                                    + " './ponix key create --first', or name a file in {}",
                            FirstKeys.FILE_VARIABLE);
                }
            }
            case OPTIONAL, OFF_ON_THE_NETWORK ->
                    LOG.warn(
                            "{}={}: whoever reaches {} may alter everything without a key",
                            AccessMode.VARIABLE,
                            settings.accessMode(),
                            settings.host());
            case OFF -> LOG.debug("Only this machine reaches the service: no keys are asked for");
        }
    }

    private static void awaitDatabase(DeviceServiceSettings settings, Database database) {
        try {
            database.awaitReachable(settings.postgresStartupTimeout());
        } catch (SQLException exception) {
            throw new DeviceServiceException(
                    "Cannot connect to Postgres at "
                            + settings.postgres().address()
                            + " (see "
                            + settings.postgres().toBlame(exception).stream()
                                    .map(PostgresVariable::variable)
                                    .collect(Collectors.joining(", "))
                            + "): "
                            + exception.getMessage(),
                    exception);
        }
    }

    private static void migrate(DeviceServiceSettings settings, Optional<Path> migrations) {
        PostgresMigrations.Builder builder =
                PostgresMigrations.builder().settings(settings.postgres());
        migrations.ifPresent(builder::directory);
        try {
            builder.build().up();
        } catch (MigrationException exception) {
            throw new DeviceServiceException(
                    "Cannot bring the database up to date: " + exception.getMessage(), exception);
        }
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
        telemetry.close();
        upkeep.close();
        database.close();
        gcMetrics.close();
        metrics.close();
        LOG.info("Shut down");
    }
}
