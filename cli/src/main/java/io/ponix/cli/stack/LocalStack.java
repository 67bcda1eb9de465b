package io.ponix.cli.stack;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import io.ponix.cli.registry.DeviceRegistry;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.embedded.EmbeddedStack;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.migrations.ClickHouseMigrations;
import io.ponix.migrations.MigrationException;
import io.ponix.proto.gateway.v1.Gateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The stack on this machine: NATS, Postgres, ClickHouse, a Flink cluster, the device service, an
 * MQTT broker with a bridge, and the job, as processes that outlive the command that started them.
 * Every instance with the same home speaks of the same stack.
 */
public final class LocalStack {

    /** The organization that every stack has, and whose the stack's own gateway is. */
    public static final String FIRST_ORGANIZATION = "org-001";

    /** The name of the gateways of the stack's own broker. */
    public static final String GATEWAY = "The MQTT broker of ./ponix up";

    /** On a busy machine the first probe may be in vain. */
    private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(3);

    private final StackSettings settings;
    private final boolean detached;
    private final boolean withBridge;

    /** The variable of Flink's own images, for the same. */
    private static final String FLINK_PROPERTIES = "FLINK_PROPERTIES";

    private final Consumer<String> progress;
    private final EmbeddedStack stack;
    private final JobCatalog catalog = JobCatalog.ofThisCheckout();

    /** What was waited for in vain is not waited for again by each question of one command. */
    private final Set<String> silent = ConcurrentHashMap.newKeySet();

    /**
     * A stack that outlives this JVM.
     *
     * @param progress told what happens, a line at a time, from several threads
     */
    public LocalStack(StackSettings settings, Consumer<String> progress) {
        this(settings, true, true, Map.of(), progress);
    }

    /**
     * A stack that ends with this JVM, even when that is killed.
     *
     * @param withBridge whether it has an MQTT broker and a bridge
     * @param flinkConfiguration entries in place of those of {@code flink-conf/config.yaml}
     * @param progress told what happens, a line at a time, from several threads
     */
    public static LocalStack temporary(
            StackSettings settings,
            boolean withBridge,
            Map<String, String> flinkConfiguration,
            Consumer<String> progress) {
        return new LocalStack(settings, false, withBridge, flinkConfiguration, progress);
    }

    private LocalStack(
            StackSettings settings,
            boolean detached,
            boolean withBridge,
            Map<String, String> flinkConfiguration,
            Consumer<String> progress) {
        this.settings = settings;
        this.detached = detached;
        this.withBridge = withBridge;
        this.progress = line -> progress.accept("  " + line);
        StackSettings.Ports ports = settings.ports();
        EmbeddedStack.Builder builder =
                EmbeddedStack.builder()
                        .elsewhere(StackAddresses.serversNamedIn(settings.environment()))
                        .migrateClickHouse(this::migrate);
        builder.nats().port(ports.nats()).tokenOfTheHome();
        builder.postgres().port(ports.postgres()).passwordOfTheHome();
        builder.clickHouse().port(ports.clickHouse()).passwordOfTheHome();
        builder.flink().port(ports.dashboard()).taskManagers(settings.taskManagers());
        builder.flink()
                .configurationLines(
                        settings.environment().getOrDefault(FLINK_PROPERTIES, ""),
                        FLINK_PROPERTIES);
        flinkConfiguration.forEach(builder.flink()::configuration);
        // It migrates Postgres before it serves.
        builder.withDeviceService(serviceEnvironment()).port(ports.grpc()).httpPort(ports.http());
        if (withBridge) {
            builder.withBridge().port(ports.bridge());
            builder.broker().port(ports.mqtt());
        }
        if (settings.secured()) {
            builder.secured();
        }
        stack = builder.home(settings.home()).detached(detached).progress(this.progress).build();
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
     * the stack's jobs where they are not active. Returns once all their tasks run.
     */
    public StackAddresses up() {
        return up(jobs());
    }

    /** As {@link #up()}; from now on these are the stack's jobs. */
    public StackAddresses up(List<KnownJob> jobs) {
        StackAddresses addresses = startServers();
        startJobs(jobs, addresses);
        return addresses;
    }

    /** The first part of {@link #up}: everything but the jobs. */
    public StackAddresses startServers() {
        // Of a stack that cannot come up nothing is started.
        settings.requireDifferentPorts();
        migrations();
        stack.checkPorts();
        StackAddresses.ofEnvironment(settings.environment()).requireElsewhere(StackServer.values());
        try {
            keys().ensure();
        } catch (IOException e) {
            throw cannotWrite(e);
        }
        stack.start();
        StackAddresses addresses = addresses();
        write(addresses);
        try (DeviceRegistry registry = new DeviceRegistry(addresses.deviceService())) {
            registry.ensureOrganization(FIRST_ORGANIZATION, "First organization");
            if (withBridge) {
                addresses = ensureGateway(registry, addresses);
            }
        }
        return addresses;
    }

    private StackAddresses ensureGateway(DeviceRegistry registry, StackAddresses addresses) {
        Gateway gateway = registry.ensureGateway(FIRST_ORGANIZATION, GATEWAY, addresses.mqttUrl());
        GatewayKeyFile file = new GatewayKeyFile(settings.home());
        try {
            file.write(registry.ensureKey(gateway, "./ponix up", file.secret()));
        } catch (IOException e) {
            throw cannotWrite(e);
        }
        StackAddresses withGateway =
                addresses.withGateway(stack.bridge().url(), gateway.getGatewayId());
        write(withGateway);
        return withGateway;
    }

    private void write(StackAddresses addresses) {
        try {
            addresses.write(settings.home());
        } catch (IOException e) {
            throw cannotWrite(e);
        }
    }

    private CommandException cannotWrite(IOException problem) {
        return new CommandException(
                "cannot write to " + settings.home() + ": " + FileProblem.of(problem), problem);
    }

    /** The second part of {@link #up}: jobs, unless they are active. */
    public void startJobs(List<KnownJob> jobs, StackAddresses addresses) {
        StackJobs before = stackJobs();
        if (before.areFirstToRead(jobs)) {
            // Submitted again below, from there. Before the stack has the others: where this
            // command ends here, the next one does it again.
            job(catalog.envelopePipeline(), addresses)
                    .stopToBeginAnew("it publishes decoded envelopes from now on");
        }
        before.replaceBy(jobs);
        for (KnownJob job : jobs) {
            job(job, addresses).ensureRunning();
        }
    }

    /** Stops the stack's jobs with a savepoint each, where they run, and then every part. */
    public void down() {
        if (StackAddresses.exist(settings.home()) && flink().jobManager().isHealthy()) {
            StackAddresses addresses = StackAddresses.read(settings.home());
            // A batch that cannot be inserted, or whose lease cannot be looked at, would hold it up
            // for ever.
            Optional<EmbeddedProcess> missing =
                    Stream.of(StackServer.CLICKHOUSE, StackServer.NATS)
                            .flatMap(server -> stack.process(server.part()).stream())
                            .filter(part -> !part.isRunning() || problem(part).isPresent())
                            .findFirst();
            if (missing.isEmpty()) {
                // One whose jar is gone is no reason to leave the others without theirs.
                stackJobs()
                        .present(problem -> progress.accept("no savepoint, as " + problem))
                        .forEach(job -> job(job, addresses).stopWithSavepoint());
            } else {
                progress.accept(
                        "no savepoint, as "
                                + missing.get().title()
                                + " does not answer; the job will go on from its latest"
                                + " checkpoint");
            }
        }
        stack.stop();
    }

    /** Deletes the folder of a stopped stack. */
    public void deleteData() {
        try (Stream<Path> files = Files.walk(settings.home())) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new CommandException(
                    "cannot delete " + settings.home() + ": " + FileProblem.of(e), e);
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
        EmbeddedProcess process = stack.process(server.part()).orElseThrow();
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
            Polling.pause();
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
        for (StackServer server :
                List.of(StackServer.NATS, StackServer.POSTGRES, StackServer.CLICKHOUSE)) {
            parts.add(part(server, addresses));
        }
        for (EmbeddedProcess process : flink().processes()) {
            parts.add(
                    part(
                            process,
                            process == flink().jobManager() ? addresses.dashboardUrl() : null));
        }
        parts.add(
                part(stack.deviceService(), addresses.grpcAddress() + ", " + addresses.httpUrl()));
        if (withBridge) {
            parts.add(part(stack.broker(), addresses.mqttUrl()));
            parts.add(part(stack.bridge(), addresses.uplinksUrl()));
        }
        return parts;
    }

    /** The Flink cluster. */
    public EmbeddedFlinkCluster flink() {
        return stack.flink();
    }

    /** The stack's jobs: those that the last start was told. */
    public List<KnownJob> jobs() {
        return stackJobs().all();
    }

    /** The envelope pipeline on the stack's cluster. */
    public StackJob envelopePipeline(StackAddresses addresses) {
        return job(catalog.envelopePipeline(), addresses);
    }

    /** A job on the stack's cluster. */
    public StackJob job(KnownJob job, StackAddresses addresses) {
        Map<String, String> environment = new HashMap<>(addresses.environment());
        environment.putAll(stackJobs().environment(settings.environment()));
        return new StackJob(job, addresses, flink(), environment, progress);
    }

    private StackJobs stackJobs() {
        return new StackJobs(settings.home(), catalog);
    }

    /** The processes of the stack that are ours, running or not. */
    public List<EmbeddedProcess> processes() {
        return stack.processes();
    }

    private Part part(EmbeddedProcess process, String address) {
        String state =
                problem(process).isPresent()
                        ? "does not answer"
                        : process.isRunning() ? Part.RUNNING : "stopped";
        return new Part(process.name(), state, process.pid(), address);
    }

    private Part part(StackServer server, StackAddresses addresses) {
        String address = addresses.address(server);
        Optional<EmbeddedProcess> process = stack.process(server.part());
        return process.isEmpty() || addresses.elsewhere().contains(server)
                ? new Part(server.part(), "elsewhere", OptionalLong.empty(), address)
                : part(process.get(), address);
    }

    private void migrate(ClickHouseSettings clickHouse) {
        try {
            migrations()
                    .settings(ClickHouseSettings.fromEnvironment(clickHouse.environment()))
                    .build()
                    .up()
                    .forEach(migration -> progress.accept("ClickHouse: applied " + migration));
        } catch (MigrationException e) {
            throw new CommandException(e.getMessage(), e);
        }
    }

    /** What the environment says of them. */
    private ClickHouseMigrations.Builder migrations() {
        ClickHouseMigrations.Builder migrations = ClickHouseMigrations.builder();
        try {
            migrations.rowRetention(settings.environment().get("PONIX_ROW_RETENTION"));
        } catch (MigrationException e) {
            throw new CommandException(e.getMessage(), e);
        }
        settings.clickHouseMigrations().ifPresent(migrations::directory);
        return migrations;
    }

    private StackKeys keys() {
        return new StackKeys(settings.home());
    }

    /** Of the device service and the bridge. */
    private Map<String, String> serviceEnvironment() {
        Map<String, String> environment = new HashMap<>(settings.names().environment());
        environment.putAll(keys().environment(settings.environment()));
        return environment;
    }

    private StackAddresses addresses() {
        return new StackAddresses(
                stack.addresses(),
                stack.deviceService().grpcAddress(),
                stack.deviceService().httpUrl(),
                flink().restUrl(),
                withBridge ? stack.broker().url() : null,
                // Until there is a gateway, so that the bridge's port is known when that fails.
                withBridge ? stack.bridge().url() + "/v1/gateways" : null,
                detached ? StackAddresses.thisCheckout() : null,
                keys().operator().toString(),
                stack.certificate()
                        .map(
                                certificate ->
                                        new StackSecurity(
                                                certificate.certificate().toString(),
                                                stack.environmentOfJobs())),
                StackAddresses.ofEnvironment(settings.environment()).elsewhere(),
                settings.names());
    }
}
