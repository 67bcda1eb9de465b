package io.ponix.jobs.options;

import io.ponix.environment.SecretArguments;
import io.ponix.environment.SecretFiles;
import io.ponix.environment.UnreadVariables;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.apache.flink.configuration.MemorySize;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line of a job, the same for each: an option that is not given is taken from the
 * environment of the process that submits the job, {@code --nats-url} from {@code PONIX_NATS_URL},
 * and else has its default.
 */
public final class JobCommandLine {

    private JobCommandLine() {}

    /**
     * Reads the options of a job.
     *
     * @param options whose fields are filled; {@code --help} is added to them
     * @param arguments the command line
     * @param environment the environment variables, or files with what is secret of them
     * @param out takes the help text, a line for every variable that nothing reads, and one for
     *     every secret among the arguments
     * @return nothing if help was asked for
     * @throws ProgramParametrizationException if an option is unknown or cannot be used: Flink's
     *     client shows its message alone and ends with status 1
     */
    public static <O extends JobOptions> Optional<O> parse(
            O options, String[] arguments, Map<String, String> environment, PrintStream out) {
        SecretArguments.warnings(List.of(arguments)).forEach(out::println);
        CommandLine commandLine = of(options, withSecrets(environment));
        try {
            commandLine.parseArgs(arguments);
        } catch (UnmatchedArgumentException e) {
            throw refuse(unknown(e) + suggestions(e));
        } catch (ParameterException e) {
            throw refuse(e.getMessage() + variableHint(e));
        }
        if (commandLine.isUsageHelpRequested()) {
            commandLine.usage(out, CommandLine.Help.Ansi.OFF);
            return Optional.empty();
        }
        Problems problems = new Problems();
        options.validate(problems);
        if (!problems.messages().isEmpty()) {
            throw refuse(String.join(System.lineSeparator(), problems.messages()));
        }
        UnreadVariables.warnings(environment).forEach(out::println);
        return Optional.of(options);
    }

    private static Map<String, String> withSecrets(Map<String, String> environment) {
        try {
            return SecretFiles.resolve(environment);
        } catch (IllegalArgumentException e) {
            throw refuse(e.getMessage());
        }
    }

    /** The names of the variables that stand for options. */
    public static Set<String> variables(JobOptions options) {
        return of(options, Map.of()).getCommandSpec().options().stream()
                .filter(option -> !option.usageHelp())
                .map(EnvironmentDefaults::variable)
                .collect(Collectors.toSet());
    }

    private static CommandLine of(JobOptions options, Map<String, String> environment) {
        CommandLine commandLine = new CommandLine(options);
        commandLine.getCommandSpec().addOption(help());
        return commandLine
                .setDefaultValueProvider(new EnvironmentDefaults(environment))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .registerConverter(Duration.class, new Converters.DurationConverter())
                .registerConverter(Retention.class, new Converters.RetentionConverter())
                .registerConverter(MemorySize.class, new Converters.MemorySizeConverter());
    }

    private static OptionSpec help() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .showDefaultValue(CommandLine.Help.Visibility.NEVER)
                .description("Show this help and submit nothing.")
                .build();
    }

    /** picocli's own words repeat what it does not know. */
    private static String unknown(UnmatchedArgumentException e) {
        return SecretArguments.warnings(e.getUnmatched()).isEmpty()
                ? e.getMessage()
                : "Unknown option: " + SecretArguments.shown(e.getUnmatched());
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
