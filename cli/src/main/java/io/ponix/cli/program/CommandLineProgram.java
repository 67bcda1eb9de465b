package io.ponix.cli.program;

import io.ponix.cli.terminal.TerminalText;
import io.ponix.embedded.process.EmbeddedProcessException;
import io.ponix.environment.SecretArguments;
import io.ponix.environment.UnreadVariables;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * What every command line of Ponix does alike: its output's encoding, its errors, its logs, and
 * that it tells of variables which nothing reads and of secrets among its arguments.
 */
public final class CommandLineProgram {

    /** What a shell calls a program that Ctrl-C has ended. */
    private static final int INTERRUPTED = 130;

    // Of a connection that fails it has a stack trace; the commands say it in a line. Whom nobody
    // holds loses its level.
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    private CommandLineProgram() {}

    /**
     * Runs a command and ends the JVM with its exit status.
     *
     * @param commandLine makes the command line, {@linkplain #prepare prepared}, once the JVM is
     *     ready for it
     */
    public static void run(Supplier<CommandLine> commandLine, String[] arguments) {
        // What libraries log is for who asks for it; the commands speak for themselves.
        String logLevel = System.getenv("PONIX_LOG_LEVEL");
        System.setProperty(
                "org.slf4j.simpleLogger.defaultLogLevel", logLevel == null ? "warn" : logLevel);
        // It logs every attempt with its stack; the migrations say it in a line.
        System.setProperty("org.slf4j.simpleLogger.log.com.clickhouse", "off");
        GRPC.setLevel(Level.OFF);
        // Numbers look the same on every machine, and as SQL has them.
        Locale.setDefault(Locale.ROOT);
        // The JVM of an unset locale would print question marks for what the terminal could show.
        System.setOut(new PrintStream(System.out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(System.err, true, StandardCharsets.UTF_8));
        UnreadVariables.warnings(System.getenv())
                .forEach(warning -> System.err.println("ponix: " + warning));
        SecretArguments.warnings(List.of(arguments))
                .forEach(warning -> System.err.println("ponix: " + warning));
        int status = commandLine.get().execute(arguments);
        // A disk that is full, say: what was written there is not all.
        if (System.out.checkError() && status == 0) {
            System.err.println("ponix: not all of the output could be written");
            status = 1;
        }
        System.exit(status);
    }

    /** Gives the command and its subcommands {@code --help}, and errors that are one message. */
    public static CommandLine prepare(CommandLine commandLine) {
        // picocli's own speak of Java's types.
        convert(commandLine, Integer::valueOf, "whole number", Integer.class, int.class);
        convert(commandLine, Long::valueOf, "whole number", Long.class, long.class);
        convert(commandLine, Double::valueOf, "number", Double.class, double.class);
        convert(
                commandLine,
                Instant::parse,
                "time, one such as 2026-11-21T09:00:00Z",
                Instant.class);
        commandLine
                .getSubcommands()
                .values()
                .forEach(command -> command.getCommandSpec().mixinStandardHelpOptions(true));
        return commandLine
                .setUsageHelpAutoWidth(true)
                .setExecutionStrategy(CommandLineProgram::execute)
                .setParameterExceptionHandler(CommandLineProgram::refuse)
                .setExecutionExceptionHandler(CommandLineProgram::report);
    }

    /**
     * @param wanted what the text is to be, for the message where it is not
     * @param types of fields, by both of their names
     */
    @SafeVarargs
    private static <T> void convert(
            CommandLine commandLine, Function<String, T> parse, String wanted, Class<T>... types) {
        for (Class<T> type : types) {
            commandLine.registerConverter(
                    type,
                    text -> {
                        try {
                            return parse.apply(text);
                        } catch (NumberFormatException | DateTimeException e) {
                            throw new TypeConversionException("'" + text + "' is no " + wanted);
                        }
                    });
        }
    }

    /**
     * An option before a subcommand is the outer command's, which does not run: it would be left
     * out of account in silence.
     */
    private static int execute(CommandLine.ParseResult parsed) {
        CommandLine.ParseResult outer = parsed;
        while (outer.hasSubcommand()) {
            boolean asksForHelp = outer.isUsageHelpRequested() || outer.isVersionHelpRequested();
            if (!outer.matchedOptions().isEmpty() && !asksForHelp) {
                throw new ParameterException(
                        outer.subcommand().commandSpec().commandLine(),
                        outer.matchedOptions().get(0).longestName()
                                + " goes behind "
                                + outer.subcommand().commandSpec().name());
            }
            outer = outer.subcommand();
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** One line, not the whole of the help, in which it would not be found. */
    private static int refuse(ParameterException exception, String[] arguments) {
        CommandLine called = exception.getCommandLine();
        StringBuilder line = new StringBuilder("ponix: ").append(message(exception));
        if (exception instanceof UnmatchedArgumentException unmatched) {
            List<String> suggestions = unmatched.getSuggestions();
            if (!suggestions.isEmpty()) {
                line.append(" (did you mean ")
                        .append(String.join(" or ", suggestions))
                        .append("?)");
            }
        }
        called.getErr()
                .println(
                        line.append("; ./")
                                .append(called.getCommandSpec().qualifiedName())
                                .append(" --help tells how it is called"));
        return called.getCommandSpec().exitCodeOnInvalidInput();
    }

    /** picocli says some of it twice, and repeats what it does not know. */
    private static String message(ParameterException exception) {
        if (exception instanceof UnmatchedArgumentException unmatched
                && !SecretArguments.warnings(unmatched.getUnmatched()).isEmpty()) {
            return "Unknown argument: " + SecretArguments.shown(unmatched.getUnmatched());
        }
        return exception.getMessage().replace("option option", "option");
    }

    /** What is wrong may be told in the words of a payload, a server or whoever else. */
    private static String shown(String message) {
        return message == null ? "" : TerminalText.escapedLines(message);
    }

    private static int report(
            Exception exception, CommandLine commandLine, CommandLine.ParseResult parsed)
            throws Exception {
        if (AtInterrupt.isEnding()) {
            // It fails as what it works with is stopped; that was said.
            return INTERRUPTED;
        }
        if (exception instanceof CommandException
                || exception instanceof EmbeddedProcessException) {
            commandLine.getErr().println("ponix: " + shown(exception.getMessage()));
            if ("debug".equals(System.getenv("PONIX_LOG_LEVEL"))) {
                exception.printStackTrace(commandLine.getErr());
            }
            return exception instanceof CommandException known
                    ? known.exitStatus()
                    : commandLine.getCommandSpec().exitCodeOnExecutionException();
        }
        if (exception instanceof UncheckedIOException || exception instanceof FileSystemException) {
            commandLine.getErr().println("ponix: " + FileProblem.of(exception));
            return commandLine.getCommandSpec().exitCodeOnExecutionException();
        }
        throw exception;
    }
}
