package io.ponix.bench.micro;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.OptionRange;
import io.ponix.cli.terminal.TextTable;
import io.ponix.transforms.TransformException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ponix bench micro}: nanoseconds of what is done once per envelope, by JMH. */
@Command(
        name = "micro",
        description = {
            "Measure the transforms, the envelope's parser and the row encoder by JMH.",
            "That is in one thread of JVMs of their own, on an envelope with a payload of 15 bytes that holds four Cayenne LPP"
                    + " readings. The transforms are compared with a decoder written by hand for just these readings: the aim is"
                    + " at most 2.5 times its time for cayenne_lpp_decode(input), and 5 times for an object of three fields that"
                    + " each decode. Of a list the figure is of all ten rows. Shown is the median of short batches, which a busy machine disturbs little."
        })
public final class MicroCommand implements Runnable {

    private static final int MOST = 1_000;

    /** How many are measured, to say how long it takes. */
    private static final int BENCHMARKS = 7;

    private static final String BY_HAND = "byHand";
    private static final Map<String, Double> AIMS =
            Map.of("simpleExpression", 2.5, "threeFieldExpression", 5.0);

    @Option(
            names = "--forks",
            paramLabel = "N",
            defaultValue = "2",
            description =
                    "How many JVMs measure each, one after the other. Default: ${DEFAULT-VALUE}.")
    private int forks;

    @Option(
            names = "--iterations",
            paramLabel = "N",
            defaultValue = "5",
            description = {
                "How many times a second each JVM measures, after as many to warm up. Default: ${DEFAULT-VALUE}."
            })
    private int iterations;

    @Override
    public void run() {
        OptionRange.check("--forks", forks, 1, MOST);
        OptionRange.check("--iterations", iterations, 1, MOST);
        Map<String, Double> nanos = new TreeMap<>();
        Map<String, Double> best = new TreeMap<>();
        try {
            String[] outputs = TransformBenchmark.outputs();
            if (!outputs[0].equals(outputs[1])) {
                throw new IllegalStateException(
                        "by hand " + outputs[0] + ", by expression " + outputs[1]);
            }
            for (RunResult result : measure()) {
                String name = result.getPrimaryResult().getLabel();
                Statistics batches = result.getPrimaryResult().getStatistics();
                nanos.put(name, batches.getPercentile(50));
                best.put(name, batches.getPercentile(1));
            }
        } catch (RunnerException | TransformException e) {
            throw new CommandException("the benchmarks failed: " + e.getMessage(), e);
        }
        TextTable table = new TextTable("BENCHMARK", ">NS", ">BEST 1 %", ">BY HAND = 1", ">AIM");
        nanos.forEach(
                (name, score) ->
                        table.row(
                                name,
                                "%.0f".formatted(score),
                                "%.0f".formatted(best.get(name)),
                                AIMS.containsKey(name) || name.equals(BY_HAND)
                                        ? "%.2f".formatted(score / nanos.get(BY_HAND))
                                        : null,
                                AIMS.get(name)));
        table.print(System.out, "  ");
    }

    private Collection<RunResult> measure() throws RunnerException {
        Options options =
                new OptionsBuilder()
                        .include(MicroCommand.class.getPackageName() + ".")
                        .forks(forks)
                        // On a busy machine the compiler would not be done before it is measured.
                        .jvmArgsAppend("-Xbatch")
                        .warmupIterations(iterations)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(iterations)
                        .measurementTime(TimeValue.seconds(1))
                        .verbosity(VerboseMode.SILENT)
                        .shouldFailOnError(true)
                        .build();
        // JMH says nothing; a line before each second would be more than anybody reads.
        System.err.printf("measuring for about %d s%n", BENCHMARKS * forks * (2L * iterations + 1));
        return new Runner(options).run();
    }
}
