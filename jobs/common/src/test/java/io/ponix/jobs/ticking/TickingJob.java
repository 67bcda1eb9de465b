package io.ponix.jobs.ticking;

import io.ponix.jobs.descriptor.JobDescriptor;
import io.ponix.jobs.environment.JobEnvironment;
import io.ponix.jobs.options.JobCommandLine;
import io.ponix.jobs.preflight.SavepointCheck;
import java.time.Duration;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/** Counts, slowly and for ever; after a savepoint it goes on where it was. */
public final class TickingJob {

    static final JobDescriptor DESCRIPTOR = JobDescriptor.of(TickingJob.class);

    /** The number that was counted last. */
    static final String TICK = "tick";

    private TickingJob() {}

    public static void main(String[] args) throws Exception {
        Optional<TickingOptions> options =
                JobCommandLine.parse(new TickingOptions(), args, System.getenv(), System.out);
        if (options.isEmpty()) {
            return;
        }
        StreamExecutionEnvironment environment = JobEnvironment.create(Optional.empty());
        build(environment, options.get());
        new SavepointCheck(environment.getStreamGraph(false)).check();
        environment.execute(DESCRIPTOR.name());
    }

    static void build(StreamExecutionEnvironment environment, TickingOptions options) {
        environment.setParallelism(1);
        environment
                .fromSource(
                        new NumberSequenceSource(1, Long.MAX_VALUE),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .uid("numbers")
                .map(new Tick(options.tick()))
                .uid("ticks")
                .sinkTo(new DiscardingSink<>())
                .uid("nowhere");
    }

    private static final class Tick extends RichMapFunction<Long, Long> {

        private static final long serialVersionUID = 1L;

        private final Duration tick;
        private transient volatile long latest;

        Tick(Duration tick) {
            this.tick = tick;
        }

        @Override
        public void open(OpenContext context) {
            getRuntimeContext().getMetricGroup().gauge(TICK, () -> latest);
        }

        @Override
        public Long map(Long number) throws InterruptedException {
            Thread.sleep(tick.toMillis());
            latest = number;
            return number;
        }
    }
}
