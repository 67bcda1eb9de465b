package io.ponix.embedded.deviceservice;

import io.ponix.embedded.install.ProjectFiles;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.embedded.process.HttpProbe;
import io.ponix.embedded.process.JavaProgram;
import io.ponix.embedded.process.Ports;
import io.ponix.embedded.process.ProcessSpecification;
import io.ponix.embedded.process.SecuredMark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The device service in a JVM of its own, from its jar in the checkout. Its port is that of gRPC;
 * it has a second one for HTTP. Both are of 127.0.0.1 unless {@code PONIX_GRPC_HOST} is in the
 * environment.
 *
 * <p>It keeps no data: everything is in Postgres.
 */
public final class EmbeddedDeviceService extends EmbeddedProcess {

    private static final String CERTIFICATE = "PONIX_GRPC_TLS_CERTIFICATE_FILE";

    private final Supplier<Map<String, String>> environment;
    private final int requestedHttpPort;
    private final Path httpPortFile;
    private final SecuredMark secured;

    private EmbeddedDeviceService(Builder builder) {
        super(builder);
        this.environment = builder.environment;
        this.requestedHttpPort = builder.httpPort;
        this.httpPortFile = home().resolve("run").resolve(name() + ".http-port");
        this.secured = new SecuredMark(home(), name());
    }

    /** A builder; {@link Builder#home} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /** {@code 127.0.0.1:<port>} of the gRPC server, with TLS {@code https://127.0.0.1:<port>}. */
    public String grpcAddress() {
        return (secured.isSet() ? "https://" : "") + "127.0.0.1:" + port();
    }

    /** {@code http://127.0.0.1:<port>} of the HTTP server, with TLS {@code https://}. */
    public String httpUrl() {
        return (secured.isSet() ? "https" : "http") + "://127.0.0.1:" + httpPort();
    }

    private int httpPort() {
        try {
            return requestedHttpPort != 0
                    ? requestedHttpPort
                    : Integer.parseInt(Files.readString(httpPortFile).trim());
        } catch (IOException | NumberFormatException e) {
            throw new IllegalStateException(
                    title() + " has no HTTP port yet: it was never started in " + home(), e);
        }
    }

    @Override
    public void checkPort() {
        super.checkPort();
        if (!isRunning()) {
            checkHttpPort();
        }
    }

    private void checkHttpPort() {
        if (requestedHttpPort != 0) {
            Ports.requireFree(
                    requestedHttpPort, "the HTTP server of the device service", "--http-port");
        }
    }

    @Override
    protected ProcessSpecification prepare(int port) throws IOException {
        Path jar =
                ProjectFiles.runnableCopy(
                        ProjectFiles.require(
                                "device-service/target/ponix-device-service.jar",
                                "build it with mvn package"),
                        home());
        checkHttpPort();
        if (requestedHttpPort == 0) {
            Files.writeString(httpPortFile, Ports.free() + "\n");
        }
        Map<String, String> complete = new HashMap<>(environment.get());
        // Whoever else is on the network has no business here, unless it is said.
        if (System.getenv("PONIX_GRPC_HOST") == null) {
            complete.putIfAbsent("PONIX_GRPC_HOST", "127.0.0.1");
        }
        // Its process has the variables of this one, too.
        secured.set(
                !complete.getOrDefault(CERTIFICATE, System.getenv().getOrDefault(CERTIFICATE, ""))
                        .isBlank());
        complete.put("PONIX_GRPC_PORT", Integer.toString(port));
        complete.put("PONIX_HTTP_PORT", Integer.toString(httpPort()));
        return new ProcessSpecification(
                List.of(
                        JavaProgram.path(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        jar.toString()),
                complete,
                home());
    }

    @Override
    protected void checkServing(long pid, int port) throws IOException {
        if (secured.isSet()) {
            HttpProbe.getOfAnyone(httpUrl() + "/health");
        } else {
            HttpProbe.get(httpUrl() + "/health");
        }
    }

    /** Builds an {@link EmbeddedDeviceService}. */
    public static final class Builder extends EmbeddedProcessBuilder<Builder> {

        private Supplier<Map<String, String>> environment = Map::of;
        private int httpPort;

        private Builder() {
            super("device-service", "the device service", "--grpc-port");
        }

        @Override
        protected Builder self() {
            return this;
        }

        /**
         * The PONIX_* settings that name its servers; asked for at every start, as the ports of
         * those may be known only then.
         */
        public Builder environment(Supplier<Map<String, String>> settings) {
            this.environment = settings;
            return this;
        }

        /**
         * The port of its HTTP server; 0 (the default) takes a free one, which is another one at
         * every start.
         */
        public Builder httpPort(int portOrZero) {
            this.httpPort = portOrZero;
            return this;
        }

        /** Builds the service without starting it. */
        public EmbeddedDeviceService build() {
            validatedHome();
            if (httpPort < 0 || httpPort > 65_535) {
                throw new IllegalArgumentException(
                        "httpPort: must be 0 (free) to 65535, is " + httpPort);
            }
            return new EmbeddedDeviceService(this);
        }
    }
}
