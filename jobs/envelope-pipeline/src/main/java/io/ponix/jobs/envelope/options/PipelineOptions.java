package io.ponix.jobs.envelope.options;

import io.ponix.environment.SecretFiles;
import io.ponix.jobs.options.JobCommandLine;
import io.ponix.jobs.options.JobOptions;
import io.ponix.jobs.options.Problems;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.client.program.ProgramParametrizationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Everything that can be set of the job. An option that is not given is taken from the environment
 * of the process that submits the job, {@code --nats-url} from {@code PONIX_NATS_URL}, and else has
 * its default.
 */
@Command(
        name = "flink run ponix-envelope-pipeline.jar",
        showDefaultValues = true,
        sortOptions = false,
        usageHelpWidth = 110,
        header =
                "Turns raw device payloads from NATS JetStream into rows of ClickHouse, exactly once.",
        description = {
            "",
            "Every option can be given in the environment instead: --nats-url as PONIX_NATS_URL."
                    + " Parallelism, state backend and restarts are Flink's own settings.",
            SecretFiles.MEANING,
            ""
        })
public final class PipelineOptions implements JobOptions {

    @Mixin private NatsOptions nats;

    @Mixin private PostgresOptions postgres;

    @Mixin private ClickHouseOptions clickHouse;

    @Mixin private ProcessingOptions processing;

    @Option(
            names = "--take-over",
            paramLabel = "true|false",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            description =
                    "Replace the job that reads this stream into this table, which else refuses the"
                            + " submission: it stores nothing more, and fails. PONIX_TAKE_OVER")
    private boolean takeOver;

    private PipelineOptions() {}

    /** Whether a job that is active for the same stream and table is replaced. */
    public boolean takeOver() {
        return takeOver;
    }

    /** Where envelopes come from, and where dead letters go. */
    public NatsOptions nats() {
        return nats;
    }

    /** Where devices and organizations come from. */
    public PostgresOptions postgres() {
        return postgres;
    }

    /** Where rows go. */
    public ClickHouseOptions clickHouse() {
        return clickHouse;
    }

    /** What happens in between. */
    public ProcessingOptions processing() {
        return processing;
    }

    /**
     * Reads the options.
     *
     * @param arguments the command line
     * @param environment the environment variables
     * @param out takes the help text, and a line for every variable that nothing reads
     * @return nothing if help was asked for
     * @throws ProgramParametrizationException if an option is unknown or cannot be used: Flink's
     *     client shows its message alone and ends with status 1
     */
    public static Optional<PipelineOptions> parse(
            String[] arguments, Map<String, String> environment, PrintStream out) {
        return JobCommandLine.parse(new PipelineOptions(), arguments, environment, out);
    }

    /** Returns the names of the variables that stand for options. */
    public static Set<String> variables() {
        return JobCommandLine.variables(new PipelineOptions());
    }

    @Override
    public void validate(Problems problems) {
        nats.validate(problems);
        postgres.validate(problems);
        clickHouse.validate(problems);
        processing.validate(problems);
    }
}
