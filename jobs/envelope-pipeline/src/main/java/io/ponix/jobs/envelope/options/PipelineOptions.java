package io.ponix.jobs.envelope.options;

import io.ponix.environment.UnreadVariables;
import io.ponix.jobs.options.Converters;
import io.ponix.jobs.options.EnvironmentDefaults;
import io.ponix.jobs.options.Problems;
import io.ponix.jobs.options.Retention;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

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
            ""
        })
public final class PipelineOptions {

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

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            showDefaultValue = CommandLine.Help.Visibility.NEVER,
            description = "Show this help and submit nothing.")
    private boolean help;

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
        PipelineOptions options = new PipelineOptions();
        CommandLine commandLine = commandLine(options, environment);
        try {
            commandLine.parseArgs(arguments);
        } catch (UnmatchedArgumentException e) {
            throw refuse(e.getMessage() + suggestions(e));
        } catch (ParameterException e) {
            throw refuse(e.getMessage() + variableHint(e));
        }
        if (options.help) {
            commandLine.usage(out, CommandLine.Help.Ansi.OFF);
            return Optional.empty();
        }
        Problems problems = new Problems();
        options.nats.validate(problems);
        options.postgres.validate(problems);
        options.clickHouse.validate(problems);
        options.processing.validate(problems);
        if (!problems.messages().isEmpty()) {
            throw refuse(String.join(System.lineSeparator(), problems.messages()));
        }
        UnreadVariables.warnings(environment).forEach(out::println);
        return Optional.of(options);
    }

    /** Returns the names of the variables that stand for options. */
    public static Set<String> variables() {
        return commandLine(new PipelineOptions(), Map.of()).getCommandSpec().options().stream()
                .filter(option -> !option.usageHelp())
                .map(EnvironmentDefaults::variable)
                .collect(Collectors.toSet());
    }

    static CommandLine commandLine(PipelineOptions options, Map<String, String> environment) {
        return new CommandLine(options)
                .setDefaultValueProvider(new EnvironmentDefaults(environment))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Duration.class, new Converters.DurationConverter())
                .registerConverter(Retention.class, new Converters.RetentionConverter())
                .registerConverter(MemorySize.class, new Converters.MemorySizeConverter());
    }

    private static String suggestions(UnmatchedArgumentException e) {
        StringWriter text = new StringWriter();
        UnmatchedArgumentException.printSuggestions(e, new PrintWriter(text, true));
        return text.toString().isEmpty() ? "" : System.lineSeparator() + text.toString().strip();
    }

    private static String variableHint(ParameterException e) {
        return e.getArgSpec() instanceof OptionSpec option
                ? ". Set it by "
                        + option.longestName()
                        + " or "
                        + EnvironmentDefaults.variable(option)
                : "";
    }

    private static ProgramParametrizationException refuse(String message) {
        return new ProgramParametrizationException(
                message + System.lineSeparator() + "All options: --help");
    }
}
