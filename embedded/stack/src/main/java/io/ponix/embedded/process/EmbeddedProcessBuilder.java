package io.ponix.embedded.process;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What all processes of the stack have in common.
 *
 * @param <B> the concrete builder
 */
public abstract class EmbeddedProcessBuilder<B extends EmbeddedProcessBuilder<B>> {

    final String name;
    final String title;
    String portOption;
    Path home;
    int port;
    boolean detached;
    SmallDisk disk;
    Duration startTimeout = Duration.ofSeconds(90);
    Duration stopTimeout = Duration.ofSeconds(20);
    Consumer<String> progress = message -> {};

    protected EmbeddedProcessBuilder(String name, String title, String portOption) {
        this.name = name;
        this.title = title;
        this.portOption = portOption;
    }

    protected abstract B self();

    /**
     * Required: the folder for data, logs and pid files. Created where it is missing. Several parts
     * share one home.
     */
    public B home(Path folder) {
        this.home = folder;
        return self();
    }

    /** The TCP port on 127.0.0.1; 0 (the default) takes a free one and keeps it across restarts. */
    public B port(int portOrZero) {
        this.port = portOrZero;
        return self();
    }

    /**
     * How a person changes the port, for the error that says it is in use. The default is the
     * option of {@code ./ponix up}.
     */
    public B portOption(String option) {
        this.portOption = option;
        return self();
    }

    /** Whether the process outlives this JVM. Default: false. */
    public B detached(boolean outlivesThisJvm) {
        this.detached = outlivesThisJvm;
        return self();
    }

    /** Runs the process where it sees this disk. Default: it sees the machine's alone. */
    public B disk(SmallDisk smallDisk) {
        this.disk = smallDisk;
        return self();
    }

    /** How long a start may take before it fails; default 90 s. Installing does not count. */
    public B startTimeout(Duration timeout) {
        this.startTimeout = timeout;
        return self();
    }

    /** How long a stop waits before it kills; default 20 s. */
    public B stopTimeout(Duration timeout) {
        this.stopTimeout = timeout;
        return self();
    }

    /**
     * Is told what happens, one line at a time ("starting NATS on port 4222"), on the thread that
     * starts or stops.
     */
    public B progress(Consumer<String> listener) {
        this.progress = listener;
        return self();
    }

    protected static void requireText(String property, String value) {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(property + ": must not be empty");
        }
    }

    protected final Path validatedHome() {
        if (home == null) {
            throw new IllegalArgumentException(
                    "home: a folder for data, logs and pid files is required");
        }
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port: must be 0 (free) to 65535, is " + port);
        }
        if (startTimeout.isNegative() || startTimeout.isZero()) {
            throw new IllegalArgumentException(
                    "startTimeout: must be positive, is " + startTimeout);
        }
        if (stopTimeout.isNegative()) {
            throw new IllegalArgumentException(
                    "stopTimeout: must not be negative, is " + stopTimeout);
        }
        Objects.requireNonNull(progress, "progress");
        home = home.toAbsolutePath().normalize();
        return home;
    }
}
