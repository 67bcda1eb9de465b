package io.ponix.embedded.bridge;

import io.ponix.embedded.install.ProjectFiles;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.embedded.process.HttpProbe;
import io.ponix.embedded.process.JavaProgram;
import io.ponix.embedded.process.ProcessSpecification;
import io.ponix.embedded.process.SecuredMark;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The bridge in a JVM of its own, from its jar in the checkout. Its port is that of metrics and
 * health.
 *
 * <p>It keeps no data: what is not stored in JetStream yet is the brokers'.
 */
public final class EmbeddedBridge extends EmbeddedProcess {

    private static final String KEYSTORE = "PONIX_BRIDGE_TLS_KEYSTORE";

    private final Supplier<Map<String, String>> environment;
    private final SecuredMark secured;

    private EmbeddedBridge(Builder builder) {
        super(builder);
        this.environment = builder.environment;
        this.secured = new SecuredMark(home(), name());
    }

    /** A builder; {@link Builder#home} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /** {@code http://127.0.0.1:<port>} of uplinks, metrics and health, or {@code https://}. */
    public String url() {
        return (secured.isSet() ? "https" : "http") + "://127.0.0.1:" + port();
    }

    @Override
    protected ProcessSpecification prepare(int port) throws IOException {
        Path jar =
                ProjectFiles.runnableCopy(
                        ProjectFiles.require(
                                "bridge/target/ponix-bridge.jar", "build it with mvn package"),
                        home());
        Map<String, String> complete = new HashMap<>(environment.get());
        // Its process has the variables of this one, too.
        secured.set(
                !complete.getOrDefault(KEYSTORE, System.getenv().getOrDefault(KEYSTORE, ""))
                        .isBlank());
        complete.put("PONIX_BRIDGE_PORT", Integer.toString(port));
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
            HttpProbe.getOfAnyone("https://127.0.0.1:" + port + "/health");
        } else {
            HttpProbe.get("http://127.0.0.1:" + port + "/health");
        }
    }

    /** Builds an {@link EmbeddedBridge}. */
    public static final class Builder extends EmbeddedProcessBuilder<Builder> {

        private Supplier<Map<String, String>> environment = Map::of;

        private Builder() {
            super("bridge", "the bridge", "--bridge-port");
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

        /** Builds the bridge without starting it. */
        public EmbeddedBridge build() {
            validatedHome();
            return new EmbeddedBridge(this);
        }
    }
}
