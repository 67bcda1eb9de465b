package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.ponix.cli.PonixProcess;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.JobCatalog;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackSettings;
import io.ponix.client.deviceservice.ApiKey;
import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.client.deviceservice.DeviceServiceChannel;
import io.ponix.client.tls.TlsSettings;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.Folders;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The whole stack, as a person uses it: by commands, in separate processes. It is a secured one:
 * what all parts and commands do is what their keys and users may do, over TLS.
 */
final class RunningStack {

    /** A wait for what the stack does. */
    static final Duration SOON = Duration.ofSeconds(90);

    private final Path home;
    private final PonixProcess ponix;
    private final Map<String, String> logsOfTheStart = new TreeMap<>();
    private final PonixProcess.Outcome statusAfterTheStart;

    private RunningStack(Path home) throws Exception {
        this.home = home;
        this.ponix = new PonixProcess(home);
        assertThat(run(PonixProcess.upOnFreePorts("--secure")).output())
                .contains("gRPC", "dashboard", "NATS", "Postgres", "ClickHouse");
        statusAfterTheStart = ponix.run("status");
        try (Stream<Path> logs = Files.list(home.resolve("logs"))) {
            for (Path log : logs.toList()) {
                logsOfTheStart.put(log.getFileName().toString(), Files.readString(log));
            }
        }
    }

    /** With what its device service is trusted. */
    Map<String, String> trust() {
        return Map.of("PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE", certificate());
    }

    /** The device service, for its operator. */
    ManagedChannel deviceService() {
        return DeviceServiceChannel.open(
                DeviceServiceAddress.parse(addresses().grpcAddress(), trust()),
                Optional.of(ApiKey.ofFile(Path.of(addresses().operatorKeyFile()))));
    }

    private String certificate() {
        return addresses().security().orElseThrow().certificate();
    }

    /** A client that trusts the device service and the bridge. */
    HttpClient httpClient() throws IOException {
        return HttpClient.newBuilder()
                .sslContext(TlsSettings.DEFAULT.withTruststore(certificate(), "").context())
                .build();
    }

    Path home() {
        return home;
    }

    StackAddresses addresses() {
        return StackAddresses.read(home);
    }

    /** The commands, whatever comes of them. */
    PonixProcess ponix() {
        return ponix;
    }

    /** A command that does what it should. */
    PonixProcess.Outcome run(String... arguments) throws Exception {
        PonixProcess.Outcome outcome = ponix.run(arguments);
        assertThat(outcome.status())
                .as("ponix %s: %s", String.join(" ", arguments), outcome)
                .isZero();
        return outcome;
    }

    /** By file name, when {@code up} had just ended. */
    Map<String, String> logsOfTheStart() {
        return logsOfTheStart;
    }

    PonixProcess.Outcome statusAfterTheStart() {
        return statusAfterTheStart;
    }

    /** A part by its name. */
    EmbeddedProcess process(String part) {
        return localStack().processes().stream()
                .filter(process -> process.name().equals(part))
                .findFirst()
                .orElseThrow();
    }

    String jobId() {
        return flink().activeJob(job()).orElseThrow().id();
    }

    String rows() {
        return query("SELECT count() FROM processed_envelopes");
    }

    String rowsAndUniqueRows() {
        return query(
                "SELECT count(), uniqExact(stream, stream_sequence, received_at, row_index) FROM"
                        + " processed_envelopes");
    }

    void awaitRows(String before, long more) {
        long expected = Long.parseLong(before) + more;
        await().atMost(SOON).until(this::rows, rows -> Long.parseLong(rows) >= expected);
    }

    /** The only row of a result, its columns separated by tabs. */
    private String query(String sql) {
        return new ClickHouseQueries(addresses()).lines(sql)[0];
    }

    private LocalStack localStack() {
        return new LocalStack(StackSettings.asStarted(home), line -> {});
    }

    private FlinkRest flink() {
        return new FlinkRest(addresses().dashboardUrl());
    }

    private static String job() {
        return JobCatalog.ofThisCheckout().envelopePipeline().name();
    }

    private boolean isWell() {
        return localStack().processes().stream().allMatch(EmbeddedProcess::isHealthy)
                && flink().activeJob(job()).isPresent();
    }

    /**
     * One stack for all classes of a JVM that take it as a parameter. Each test finds it running,
     * with its job; what the tests before have sent is there too. It ends after the last class, and
     * leaves its logs in {@code target}.
     */
    static final class Shared implements ParameterResolver {

        private static final Namespace NAMESPACE = Namespace.create(RunningStack.class);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == RunningStack.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            // A JVM that takes class after class executes a request for each, but in one session.
            OfJvm ofJvm =
                    context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
                            .getOrComputeIfAbsent(OfJvm.class, key -> new OfJvm(), OfJvm.class);
            try {
                return ofJvm.running();
            } catch (Exception e) {
                throw new IllegalStateException("There is no stack that classes could share", e);
            }
        }

        /** Closed with the store, after the last class. */
        private static final class OfJvm implements AutoCloseable {

            /** Of a name that is written otherwise in a URI. */
            private static final String FOLDER = "my 100% stäck";

            private Path folder;
            private RunningStack stack;

            private RunningStack running() throws Exception {
                if (stack == null) {
                    folder = Files.createTempDirectory("ponix-usage-");
                    stack = new RunningStack(folder.resolve(FOLDER));
                } else if (!stack.isWell()) {
                    // A test that failed has left it like this.
                    stack.run("up");
                }
                return stack;
            }

            @Override
            public void close() throws IOException {
                if (folder == null) {
                    return;
                }
                Path home = folder.resolve(FOLDER);
                try {
                    PonixProcess.Outcome outcome = new PonixProcess(home).run("down");
                    if (outcome.status() != 0) {
                        System.err.println("The shared stack did not end well: " + outcome);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                if (Files.exists(home.resolve("logs"))) {
                    Path target = Files.createDirectories(Path.of("target").toAbsolutePath());
                    Folders.copy(
                            home.resolve("logs"), target.resolve(folder.getFileName() + "logs"));
                }
                Folders.delete(folder);
            }
        }
    }
}
