package io.ponix.bench.stack;

import io.ponix.cli.program.AtInterrupt;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.PipelineNames;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackLock;
import io.ponix.cli.stack.StackSettings;
import io.ponix.cli.terminal.ProgressLine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** The stack of a benchmark, on free ports, with everything on this machine. */
public final class BenchStack {

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = {
                "Where the benchmark's stack has its data; deleted when it ends, kept when it"
                        + " fails.",
                "Default: .ponix/bench in the checkout."
            })
    private Path home;

    /**
     * What is measured.
     *
     * @param <T> the result
     */
    public interface Measurement<T> {

        /**
         * Measures.
         *
         * @param stack its servers are up, its jobs are not
         * @param home of the stack
         */
        T measure(LocalStack stack, StackAddresses addresses, Path home, ProgressLine progress);
    }

    /**
     * Starts a stack, measures, stops it and deletes its data.
     *
     * @param withBridge whether it has an MQTT broker and a bridge
     * @param flink entries of Flink's configuration
     */
    public <T> T with(boolean withBridge, Map<String, String> flink, Measurement<T> measurement)
            throws Exception {
        return StackLock.holding(directory(), () -> locked(withBridge, flink, measurement));
    }

    // try: what it does at Ctrl-C needs no reference.
    @SuppressWarnings("try")
    private <T> T locked(
            boolean withBridge, Map<String, String> flink, Measurement<T> measurement) {
        // Beside the lock, which must not go with the data.
        Path folder = directory().resolve("stack");
        int free = 0;
        StackSettings settings =
                new StackSettings(
                        folder,
                        new StackSettings.Ports(free, free, free, free, free, free, free, free),
                        1,
                        Map.of(),
                        PipelineNames.DEFAULT,
                        false);
        T result;
        try (ProgressLine progress = new ProgressLine()) {
            LocalStack stack = LocalStack.temporary(settings, withBridge, flink, progress::note);
            // What an earlier run that failed has left for its reader.
            if (Files.exists(folder)) {
                stack.deleteData();
            }
            try (AtInterrupt atInterrupt =
                    AtInterrupt.say("its stack ends with it, its data and logs are in " + folder)) {
                StackAddresses addresses = stack.startServers();
                result = measurement.measure(stack, addresses, folder, progress);
            }
            stack.down();
            stack.deleteData();
        }
        return result;
    }

    private Path directory() {
        Path chosen =
                home != null ? home : Path.of(System.getProperty("ponix.root"), ".ponix", "bench");
        return chosen.toAbsolutePath().normalize();
    }
}
