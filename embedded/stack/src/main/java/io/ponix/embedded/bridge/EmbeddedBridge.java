package io.ponix.embedded.bridge;

import io.ponix.embedded.install.RunnableJar;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.embedded.process.HttpProbe;
import io.ponix.embedded.process.ProcessSpecification;
import java.io.IOException;
import java.net.Socket;
import java.util.HashMap;
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

    private final RunnableJar program;
    private final Supplier<Map<String, String>> environment;

    private EmbeddedBridge(Builder builder) {
        super(builder);
        this.program = new RunnableJar("bridge/target/ponix-bridge.jar", home(), name());
        this.environment = builder.environment;
    }

    /** A builder; {@link Builder#home} is required. */
    public static Builder builder() {
        return new Builder();
    }

    /** {@code http://127.0.0.1:<port>} of uplinks, metrics and health, or {@code https://}. */
    public String url() {
        return (isSecured() ? "https" : "http") + "://127.0.0.1:" + port();
    }

    /** Its process has the variables of this one, too. */
    private boolean isSecured() {
        Map<String, String> complete = new HashMap<>(System.getenv());
        complete.putAll(environment.get());
        return !complete.getOrDefault(KEYSTORE, "").isBlank();
    }

    @Override
    protected ProcessSpecification prepare(int port) throws IOException {
        Map<String, String> complete = new HashMap<>(environment.get());
        complete.put("PONIX_BRIDGE_PORT", Integer.toString(port));
        return new ProcessSpecification(
                program.command("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                complete,
                home());
    }

    @Override
    protected void afterStop() {
        program.keepClassArchive();
    }

    @Override
    protected void checkServing(long pid, int port) throws IOException {
        if (isSecured()) {
            // Whom its certificate is from, and for which name, is nobody's matter here.
            new Socket("127.0.0.1", port).close();
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
