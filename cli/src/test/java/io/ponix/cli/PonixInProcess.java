package io.ponix.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.ponix.cli.PonixProcess.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import picocli.CommandLine;

/**
 * Runs the command line in the JVM of a test, which takes none of the time that a JVM needs to
 * start. Its environment is that of the test.
 */
public final class PonixInProcess {

    private PonixInProcess() {}

    /** How a command ends. */
    public static Outcome run(String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        PrintStream outputBefore = System.out;
        PrintStream errorsBefore = System.err;
        System.setOut(new PrintStream(output, true, UTF_8));
        System.setErr(new PrintStream(errors, true, UTF_8));
        try {
            CommandLine commandLine = PonixCommand.commandLineFor(arguments);
            commandLine.setOut(new PrintWriter(System.out, true, UTF_8));
            commandLine.setErr(new PrintWriter(System.err, true, UTF_8));
            int status = commandLine.execute(arguments);
            return new Outcome(status, output.toString(UTF_8), errors.toString(UTF_8));
        } finally {
            System.setOut(outputBefore);
            System.setErr(errorsBefore);
        }
    }
}
