package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.registry.DeviceRegistry;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.deviceservice.EmbeddedDeviceService;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.migrations.ClickHouseMigrations;
import io.ponix.migrations.MigrationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The stack on this machine: NATS, Postgres, ClickHouse, a Flink cluster, the device service and
 * the job, as processes that outlive the command that started them. Every instance with the same
 * home speaks of the same stack.
 */
public final class LocalStack {

    private static final String FIRST_ORGANIZATION = "org-001";

    private static final long POLL_MILLIS = 100;

    /**
     * A part that has just been started by another command may take as long to answer: a JobManager
     * waits until the ZooKeeper session of a killed one before it has ended.
     */
    private static final Duration HANGING_AFTER = Duration.ofSeconds(30);

    /** On a busy machine the first probe may be in vain. */
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(3);

    private final StackSettings settings;
    private final boolean detached;
    private final Consumer<String> progress;
    private final Optional<EmbeddedNats> nats;
    private final Optional<EmbeddedPostgres> postgres;
    private final Optional<EmbeddedClickHouse> clickHouse;
    private final EmbeddedFlinkCluster flink;

    /** What was waited for in vain is not waited for again by each question of one command. */
    private final Set<String> silent = ConcurrentHashMap.newKeySet();

    /**
     * A stack that outlives this JVM.
     *
     * @param progress told what happens, a line at a time, from several threads
     */
    public LocalStack(StackSettings settings, Consumer<String> progress) {
        this(settings, true, Map.of(), progress);
    }

    /**
     * A stack that ends with this JVM, even when that is killed.
     *
     * @param flinkConfiguration entries in place of those of {@code flink-conf/config.yaml}
     * @param progress told what happens, a line at a time, from several threads
     */
    public static LocalStack temporary(
            StackSettings settings,
            Map<String, String> flinkConfiguration,
            Consumer<String> progress) {
        return new LocalStack(settings, false, flinkConfiguration, progress);
    }

    private LocalStack(
            StackSettings settings,
            boolean detached,
            Map<String, String> flinkConfiguration,
            Consumer<String> progress) {
        this.settings = settings;
        this.detached = detached;
        this.progress = line -> progress.accept("  " + line);
        StackSettings.Ports ports = settings.ports();
        nats =
                settings.externalNatsUrl().isPresent()
                        ? Optional.empty()
                        : Optional.of(common(EmbeddedNats.builder()).port(ports.nats()).build());
        postgres =
                settings.externalPostgresHost().isPresent()
                        ? Optional.empty()
                        : Optional.of(
                                common(EmbeddedPostgres.builder()).port(ports.postgres()).build());
        clickHouse =
                settings.externalClickHouseUrl().isPresent()
                        ? Optional.empty()
                        : Optional.of(
                                common(EmbeddedClickHouse.builder())
                                        .port(ports.clickHouse())
                                        .build());
        EmbeddedFlinkCluster.Builder cluster =
                common(EmbeddedFlinkCluster.builder())
                        .portOption("--dashboard-port")
                        .port(ports.dashboard())
                        .taskManagers(settings.taskManagers());
        flinkConfiguration.forEach(cluster::configuration);
        flink = cluster.build();
    }

    /**
     * A part of the stack as it is now.
     *
     * @param name as its log is named; its role where it is run elsewhere
     * @param state {@link #RUNNING}, {@code stopped}, {@code does not answer} or {@code elsewhere}
     * @param pid of the process, where it is ours and runs
     * @param address where it answers, or null
     */
    public record Part(String name, String state, OptionalLong pid, String address) {

        static final String RUNNING = "running";

        /** Whether the part does what it should, as far as can be told from here. */
        public boolean isWell() {
            return state.equals(RUNNING) || state.equals("elsewhere");
        }
    }

    /**
     * Starts what does not run, migrates both databases, seeds the first organization and submits
     * the job where it is not active. Returns once all the job's tasks run.
     */
    public StackAddresses up() {
        StackAddresses addresses = startServers();
        startJob(addresses);
        return addresses;
    }

    /** The first part of {@link #up}: everything but the job. */
    public StackAddresses startServers() {
        // Of a stack that cannot come up nothing is started.
        processes().forEach(EmbeddedProcess::checkPort);
        StackAddresses.ofEnvironment(settings.environment()).requireElsewhere(StackServer.values());
        ExecutorService executor = Executors.newCachedThreadPool();
        try {
            CompletableFuture<Void> natsStarted =
                    CompletableFuture.runAsync(() -> nats.ifPresent(this::start), executor);
            CompletableFuture<Void> flinkStarted =
                    CompletableFuture.runAsync(this::startFlink, executor);
            CompletableFuture<Void> clickHouseReady =
                    CompletableFuture.runAsync(this::startClickHouse, executor);
            CompletableFuture<EmbeddedDeviceService> serviceReady =
                    CompletableFuture.supplyAsync(
                            () -> {
                                postgres.ifPresent(this::start);
                                // It looks at their ports, which they may have taken only now.
                                CompletableFuture.allOf(natsStarted, clickHouseReady).join();
                                return startDeviceService();
                            },
                            executor);
            CompletableFuture.allOf(natsStarted, flinkStarted, clickHouseReady, serviceReady)
                    .join();
            StackAddresses addresses = addresses(serviceReady.join());
            addresses.write(settings.home());
            try (DeviceRegistry registry = new DeviceRegistry(addresses.grpcAddress())) {
                registry.ensureOrganization(FIRST_ORGANIZATION, "First organization");
            }
            return addresses;
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        } catch (IOException e) {
            throw new CommandException("cannot write to " + settings.home() + ": " + e, e);
        } finally {
            executor.shutdownNow();
        }
    }

    /** The second part of {@link #up}: the job, unless it is active. */
    public void startJob(StackAddresses addresses) {
        job(addresses).ensureRunning();
    }

    /** Stops the job with a savepoint, where it runs, and then every part. */
    public void down() {
        if (StackAddresses.exist(settings.home()) && flink.jobManager().isHealthy()) {
            StackAddresses addresses = StackAddresses.read(settings.home());
            // A batch that cannot be inserted, or whose lease cannot be looked at, would hold it up
            // for ever.
            Optional<EmbeddedProcess> missing =
                    Stream.of(clickHouse, nats)
                            .<EmbeddedProcess>flatMap(Optional::stream)
                            .filter(part -> !part.isRunning() || problem(part).isPresent())
                            .findFirst();
            if (missing.isEmpty()) {
                new PipelineJob(addresses, flink, progress).stopWithSavepoint();
            } else {
                progress.accept(
                        "no savepoint, as "
                                + missing.get().title()
                                + " does not answer; the job will go on from its latest checkpoint");
            }
        }
        EmbeddedDeviceService service = deviceService();
        List<CompletableFuture<Void>> stops = new ArrayList<>();
        stops.add(CompletableFuture.runAsync(flink::stop));
        stops.add(
                CompletableFuture.runAsync(
                        () -> {
                            service.stop();
                            postgres.ifPresent(EmbeddedProcess::stop);
                        }));
        clickHouse.ifPresent(part -> stops.add(CompletableFuture.runAsync(part::stop)));
        nats.ifPresent(part -> stops.add(CompletableFuture.runAsync(part::stop)));
        try {
            CompletableFuture.allOf(stops.toArray(CompletableFuture[]::new)).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    /** Deletes the folder of a stopped stack. */
    public void deleteData() {
        try (Stream<Path> files = Files.walk(settings.home())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new CommandException("cannot delete " + settings.home() + ": " + e, e);
        }
    }

    /**
     * Looks whether servers answer, so that a command is refused at once and with the reason. Where
     * a server of the stack does not run, whatever answers at its address is another's.
     *
     * @param addresses the stack's own, or as the environment changes them
     * @throws CommandException when one does not; the message says what to do
     */
    public void require(StackAddresses addresses, StackServer... needed) {
        addresses.requireElsewhere(needed);
        for (StackServer server : needed) {
            if (!addresses.elsewhere().contains(server)) {
                require(server, addresses.address(server));
            }
        }
    }

    private void require(StackServer server, String address) {
        EmbeddedProcess process =
                processes().stream()
                        .filter(candidate -> candidate.name().equals(server.part()))
                        .findFirst()
                        .orElseThrow();
        Optional<String> problem = problem(process);
        if (!process.isRunning()) {
            throw new CommandException(
                    (isRunning() ? server.title() : "the stack")
                            + " is stopped"
                            + (isRunning() ? " (" + address + ")" : "")
                            + "; start it with ./ponix up --home "
                            + settings.home());
        }
        if (problem.isPresent()) {
            throw new CommandException(
                    server.title()
                            + " does not answer at "
                            + address
                            + " although it runs ("
                            + problem.get()
                            + "); ./ponix up --home "
                            + settings.home()
                            + " starts it anew, ./ponix logs "
                            + server.part()
                            + " may tell why");
        }
    }

    /** Why a process that runs does not answer; nothing where it does, or does not run. */
    private Optional<String> problem(EmbeddedProcess process) {
        long deadline = System.nanoTime() + ANSWERS_WITHIN.toNanos();
        Optional<String> problem = process.problem();
        while (problem.isPresent()
                && !silent.contains(process.name())
                && System.nanoTime() < deadline) {
            pause();
            problem = process.problem();
        }
        if (problem.isPresent()) {
            silent.add(process.name());
        }
        return problem;
    }

    /** Whether any part of the stack that is ours runs. */
    public boolean isRunning() {
        return processes().stream().anyMatch(EmbeddedProcess::isRunning);
    }

    /**
     * The parts as they are now.
     *
     * @param addresses as they were left by the start, or as the environment changes them
     */
    public List<Part> parts(StackAddresses addresses) {
        List<Part> parts = new ArrayList<>();
        parts.add(part(nats, StackServer.NATS, addresses));
        parts.add(part(postgres, StackServer.POSTGRES, addresses));
        parts.add(part(clickHouse, StackServer.CLICKHOUSE, addresses));
        for (EmbeddedProcess process : flink.processes()) {
            parts.add(
                    part(process, process == flink.jobManager() ? addresses.dashboardUrl() : null));
        }
        parts.add(part(deviceService(), addresses.grpcAddress() + ", " + addresses.httpUrl()));
        return parts;
    }

    /** The Flink cluster. */
    public EmbeddedFlinkCluster flink() {
        return flink;
    }

    /** The job on the stack's cluster. */
    public PipelineJob job(StackAddresses addresses) {
        return new PipelineJob(addresses, flink, progress);
    }

    /** The processes of the stack that are ours, running or not. */
    public List<EmbeddedProcess> processes() {
        List<EmbeddedProcess> processes = new ArrayList<>(flink.processes());
        nats.ifPresent(processes::add);
        postgres.ifPresent(processes::add);
        clickHouse.ifPresent(processes::add);
        processes.add(deviceService());
        return processes;
    }

    private Part part(EmbeddedProcess process, String address) {
        String state =
                problem(process).isPresent()
                        ? "does not answer"
                        : process.isRunning() ? Part.RUNNING : "stopped";
        return new Part(process.name(), state, process.pid(), address);
    }

    private Part part(
            Optional<? extends EmbeddedProcess> process,
            StackServer server,
            StackAddresses addresses) {
        String address = addresses.address(server);
        return process.isEmpty() || addresses.elsewhere().contains(server)
                ? new Part(server.part(), "elsewhere", OptionalLong.empty(), address)
                : part(process.get(), address);
    }

    private void startFlink() {
        if (flink.processes().stream().anyMatch(EmbeddedProcess::isRunning)) {
            // Each cannot answer without the one before it, and would be taken for hanging.
            start(flink.zooKeeper());
            start(flink.jobManager());
            flink.processes().forEach(this::endWhatHangs);
        }
        flink.start();
    }

    private void start(EmbeddedProcess process) {
        endWhatHangs(process);
        process.start();
    }

    /** What runs but does not answer will not be mended by waiting for it. */
    private void endWhatHangs(EmbeddedProcess process) {
        long deadline = System.nanoTime() + HANGING_AFTER.toNanos();
        Optional<String> problem = process.problem();
        while (problem.isPresent()) {
            if (System.nanoTime() > deadline) {
                progress.accept(
                        process.title()
                                + " runs but does not answer ("
                                + problem.get()
                                + "): starting it anew");
                process.stop();
                return;
            }
            pause();
            problem = process.problem();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
    }

    private void startClickHouse() {
        clickHouse.ifPresent(this::start);
        try {
            ClickHouseMigrations.Builder migrations =
                    ClickHouseMigrations.builder()
                            .settings(
                                    ClickHouseSettings.of(
                                            clickHouseUrl(),
                                            settings.variableOrPonix("PONIX_CLICKHOUSE_DATABASE"),
                                            settings.variableOrPonix("PONIX_CLICKHOUSE_USERNAME"),
                                            settings.variableOrPonix("PONIX_CLICKHOUSE_PASSWORD")))
                            .rowRetention(settings.environment().get("PONIX_ROW_RETENTION"));
            settings.clickHouseMigrations().ifPresent(migrations::directory);
            migrations
                    .build()
                    .up()
                    .forEach(migration -> progress.accept("ClickHouse: applied " + migration));
        } catch (MigrationException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    /** The service migrates Postgres before it serves. */
    private EmbeddedDeviceService startDeviceService() {
        EmbeddedDeviceService service = deviceService();
        start(service);
        return service;
    }

    private EmbeddedDeviceService deviceService() {
        return common(EmbeddedDeviceService.builder())
                .port(settings.ports().grpc())
                .httpPort(settings.ports().http())
                .environment(this::serviceEnvironment)
                .build();
    }

    private Map<String, String> serviceEnvironment() {
        Map<String, String> environment = new HashMap<>();
        environment.put("PONIX_POSTGRES_HOST", postgresHost());
        environment.put("PONIX_POSTGRES_PORT", Integer.toString(postgresPort()));
        environment.put("PONIX_CLICKHOUSE_URL", clickHouseUrl());
        environment.put("PONIX_NATS_URL", natsUrl());
        environment.putAll(settings.names().environment());
        for (String part : List.of("POSTGRES", "CLICKHOUSE")) {
            for (String setting : List.of("DATABASE", "USERNAME", "PASSWORD")) {
                String variable = "PONIX_" + part + "_" + setting;
                environment.put(variable, settings.variableOrPonix(variable));
            }
        }
        return environment;
    }

    private String natsUrl() {
        return nats.map(EmbeddedNats::url)
                .orElseGet(() -> settings.externalNatsUrl().orElseThrow());
    }

    private String postgresHost() {
        return postgres.map(EmbeddedPostgres::host)
                .orElseGet(() -> settings.externalPostgresHost().orElseThrow());
    }

    private int postgresPort() {
        return postgres.map(EmbeddedProcess::port).orElseGet(() -> settings.ports().postgres());
    }

    private String clickHouseUrl() {
        return clickHouse
                .map(EmbeddedClickHouse::url)
                .orElseGet(() -> settings.externalClickHouseUrl().orElseThrow());
    }

    private StackAddresses addresses(EmbeddedDeviceService service) {
        return new StackAddresses(
                natsUrl(),
                postgresHost(),
                postgresPort(),
                settings.variableOrPonix("PONIX_POSTGRES_DATABASE"),
                settings.variableOrPonix("PONIX_POSTGRES_USERNAME"),
                settings.variableOrPonix("PONIX_POSTGRES_PASSWORD"),
                clickHouseUrl(),
                settings.variableOrPonix("PONIX_CLICKHOUSE_DATABASE"),
                settings.variableOrPonix("PONIX_CLICKHOUSE_USERNAME"),
                settings.variableOrPonix("PONIX_CLICKHOUSE_PASSWORD"),
                service.grpcAddress(),
                service.httpUrl(),
                flink.restUrl(),
                detached ? StackAddresses.thisCheckout() : null,
                elsewhere(),
                settings.names());
    }

    private Set<StackServer> elsewhere() {
        Set<StackServer> elsewhere = EnumSet.noneOf(StackServer.class);
        if (nats.isEmpty()) {
            elsewhere.add(StackServer.NATS);
        }
        if (postgres.isEmpty()) {
            elsewhere.add(StackServer.POSTGRES);
        }
        if (clickHouse.isEmpty()) {
            elsewhere.add(StackServer.CLICKHOUSE);
        }
        return elsewhere;
    }

    private <B extends EmbeddedProcessBuilder<B>> B common(B builder) {
        return builder.home(settings.home()).detached(detached).progress(progress);
    }
}
