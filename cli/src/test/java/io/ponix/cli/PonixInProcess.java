package io.ponix.cli;

import io.ponix.cli.PonixProcess.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;

/**
 * Runs the command line in the JVM of a test, which takes none of the time that a JVM needs to
 * start. Its environment is that of the test.
 */
public final class PonixInProcess {

    private PonixInProcess() {}

    /** How a command ends; of its errors, those that end it. */
    public static Outcome run(String... arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        StringWriter errors = new StringWriter();
        PrintStream before = System.out;
        System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
        try {
            CommandLine commandLine = PonixCommand.commandLine();
            commandLine.setErr(new PrintWriter(errors, true));
            commandLine.setOut(new PrintWriter(System.out, true));
            int status = commandLine.execute(arguments);
            return new Outcome(status, output.toString(StandardCharsets.UTF_8), errors.toString());
        } finally {
            System.setOut(before);
        }
    }
}
