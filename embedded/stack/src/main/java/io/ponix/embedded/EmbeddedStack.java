package io.ponix.embedded;

import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.embedded.flink.EmbeddedFlinkCluster;
import io.ponix.embedded.nats.EmbeddedNats;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.embedded.process.Concurrently;
import io.ponix.embedded.process.EmbeddedProcess;
import io.ponix.embedded.process.EmbeddedProcessBuilder;
import io.ponix.embedded.process.EmbeddedProcessException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The whole stack in one home: NATS, Postgres, ClickHouse and Flink, started and stopped at once.
 * Each part stays usable on its own: a test kills one with {@code stack.nats().kill()}.
 *
 * <p>A second instance with the same home, in this JVM or another, speaks of the same processes.
 */
public final class EmbeddedStack implements AutoCloseable {

    private final EmbeddedNats nats;
    private final EmbeddedPostgres postgres;
    private final EmbeddedClickHouse clickHouse;
    private final EmbeddedFlinkCluster flink;

    private EmbeddedStack(Builder builder) {
        this.nats = builder.nats.build();
        this.postgres = builder.postgres.build();
        this.clickHouse = builder.clickHouse.build();
        this.flink = builder.flink.build();
    }

    /** A builder; {@link Builder#home} is required. Ports are free ones unless set. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts all parts at once; returns when all serve. What runs already is left alone.
     *
     * @throws EmbeddedProcessException if a part cannot be started; the others keep running, {@link
     *     #stop} ends them
     */
    public void start() {
        Concurrently.run(List.of(nats::start, postgres::start, clickHouse::start, flink::start));
    }

    /** Stops all parts: Flink first, so that its jobs do not see their servers go. */
    public void stop() {
        flink.stop();
        Concurrently.run(List.of(nats::stop, postgres::stop, clickHouse::stop));
    }

    /** The same as {@link #stop}. */
    @Override
    public void close() {
        stop();
    }

    /** NATS with JetStream. */
    public EmbeddedNats nats() {
        return nats;
    }

    /** Postgres. */
    public EmbeddedPostgres postgres() {
        return postgres;
    }

    /** ClickHouse. */
    public EmbeddedClickHouse clickHouse() {
        return clickHouse;
    }

    /** Flink. */
    public EmbeddedFlinkCluster flink() {
        return flink;
    }

    /** Every process of the stack. */
    public List<EmbeddedProcess> processes() {
        List<EmbeddedProcess> processes = new ArrayList<>(List.of(nats, postgres, clickHouse));
        processes.addAll(flink.processes());
        return processes;
    }

    /**
     * Builds an {@link EmbeddedStack}. What is special to one part is set on that part's builder.
     */
    public static final class Builder {

        private final EmbeddedNats.Builder nats = EmbeddedNats.builder();
        private final EmbeddedPostgres.Builder postgres = EmbeddedPostgres.builder();
        private final EmbeddedClickHouse.Builder clickHouse = EmbeddedClickHouse.builder();
        private final EmbeddedFlinkCluster.Builder flink = EmbeddedFlinkCluster.builder();

        private Builder() {}

        /** Required: the folder below which every part keeps data, logs and pid files. */
        public Builder home(Path folder) {
            parts().forEach(part -> part.home(folder));
            return this;
        }

        /** Whether the processes outlive this JVM. Default: false. */
        public Builder detached(boolean outlivesThisJvm) {
            parts().forEach(part -> part.detached(outlivesThisJvm));
            return this;
        }

        /** Is told what happens, one line at a time; by several threads, one at a time. */
        public Builder progress(Consumer<String> listener) {
            Consumer<String> oneAtATime =
                    message -> {
                        synchronized (listener) {
                            listener.accept(message);
                        }
                    };
            parts().forEach(part -> part.progress(oneAtATime));
            return this;
        }

        /** How long the start of each part may take; default 90 s. */
        public Builder startTimeout(Duration timeout) {
            parts().forEach(part -> part.startTimeout(timeout));
            return this;
        }

        /** The builder of NATS: port, partitions. */
        public EmbeddedNats.Builder nats() {
            return nats;
        }

        /** The builder of Postgres: port, credentials. */
        public EmbeddedPostgres.Builder postgres() {
            return postgres;
        }

        /** The builder of ClickHouse: port, credentials. */
        public EmbeddedClickHouse.Builder clickHouse() {
            return clickHouse;
        }

        /** The builder of the Flink cluster: port, TaskManagers, slots, memory. */
        public EmbeddedFlinkCluster.Builder flink() {
            return flink;
        }

        /** Builds the stack without starting it. */
        public EmbeddedStack build() {
            return new EmbeddedStack(this);
        }

        private Stream<EmbeddedProcessBuilder<?>> parts() {
            return Stream.of(nats, postgres, clickHouse, flink);
        }
    }
}
