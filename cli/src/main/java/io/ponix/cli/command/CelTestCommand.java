package io.ponix.cli.command;

import io.ponix.cli.command.CelTestFile.Decoder;
import io.ponix.cli.command.CelTestFile.Example;
import io.ponix.cli.command.CelTestFile.UnusableException;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.transforms.JsonDifference;
import io.ponix.transforms.StoredForm;
import io.ponix.transforms.Transform;
import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformExample;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ponix cel test}: runs the examples of a file, with the code that the job runs. */
@Command(
        name = "test",
        mixinStandardHelpOptions = true,
        description = {
            "Run every example of a file: a line per decoder, the differences of those that fail.",
            "Exit status: 0 all pass, 1 some fail, 2 the file cannot be used."
        },
        footer = {
            "",
            "The file is JSON:",
            "  {",
            "    \"tolerance\": 1e-6,               how far numbers may be off (default 0)",
            "    \"decoders\": [{",
            "      \"vendor\": \"…\", \"codec\": \"…\",   its name (optional)",
            "      \"cel\": \"…\",                  the transform",
            "      \"examples\": [{",
            "        \"hex\": \"0110\",             the payload",
            "        \"fPort\": 2,                LoRaWAN FPort, or f_port (default 0)",
            "        \"attributes\": {\"k\": \"v\"},  also occurred_at (\"2026-11-21T09:00:00Z\")"
                    + " and",
            "                                   device: id, name, organization (optional)",
            "        \"expected\": {\"celsius\": 27.2}  or a list, of which each is a row; with the",
            "                                   occurred_at that the transform gives them",
            "      }]",
            "    }]",
            "  }",
            "Other keys are for people. 25 and 25.0 are the same number."
        })
public final class CelTestCommand implements Callable<Integer> {

    private static final int PASSED = 0;
    private static final int FAILED = 1;
    private static final int UNUSABLE_FILE = 2;

    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "Decoders with their examples.")
    private Path path;

    // Made by the call: every command line has an instance of every command, and this takes a
    // quarter of the time that a command needs to start.
    private TransformCompiler compiler;
    private PrintWriter out;

    @Override
    public Integer call() {
        CelTestFile file;
        try {
            file = CelTestFile.read(path);
        } catch (UnusableException e) {
            spec.commandLine().getErr().println("ponix: " + e.getMessage());
            return UNUSABLE_FILE;
        }
        compiler = TransformCompiler.create();
        out = spec.commandLine().getOut();
        int width = file.decoders().stream().mapToInt(d -> d.name().length()).max().orElse(0);
        int examples = 0;
        int passed = 0;
        for (Decoder decoder : file.decoders()) {
            examples += decoder.examples().size();
            passed += run(decoder, file.tolerance(), width);
        }
        out.printf(
                "%n%d of %d examples of %d decoders pass%n",
                passed, examples, file.decoders().size());
        return passed == examples ? PASSED : FAILED;
    }

    /** Runs the examples of a decoder and returns how many pass. */
    private int run(Decoder decoder, double tolerance, int width) {
        Transform transform;
        try {
            transform = compiler.compile(decoder.expression());
        } catch (TransformCompilationException e) {
            summarize(decoder, 0, width);
            out.println("  does not compile");
            TerminalText.escapedLines(e.getMessage())
                    .lines()
                    .forEach(line -> out.println("    " + line));
            return 0;
        }
        List<TransformExample.Outcome> outcomes =
                decoder.examples().stream()
                        .map(example -> example.example().run(transform, tolerance))
                        .toList();
        int passed = (int) outcomes.stream().filter(TransformExample.Outcome::passed).count();
        summarize(decoder, passed, width);
        for (int i = 0; i < outcomes.size(); i++) {
            if (!outcomes.get(i).passed()) {
                explain(decoder.examples().get(i), outcomes.get(i));
            }
            warn(decoder.examples().get(i), outcomes.get(i));
        }
        return passed;
    }

    private void summarize(Decoder decoder, int passed, int width) {
        int examples = decoder.examples().size();
        out.printf(
                "%-4s  %-" + width + "s  %d of %d%n",
                passed == examples ? "ok" : "FAIL",
                TerminalText.escaped(decoder.name()),
                passed,
                examples);
    }

    private void warn(Example example, TransformExample.Outcome outcome) {
        if (outcome.json() == null) {
            return;
        }
        for (String change : StoredForm.changes(outcome.json())) {
            out.println("  " + TerminalText.escaped(example.title()));
            out.println("    warning: " + TerminalText.escaped(change));
        }
    }

    private void explain(Example example, TransformExample.Outcome outcome) {
        out.println("  " + TerminalText.escaped(example.title()));
        if (outcome.error() != null) {
            out.println("    " + TerminalText.escaped(outcome.error()));
        }
        for (JsonDifference difference : outcome.differences()) {
            out.println("    " + TerminalText.escaped(difference.toString()));
        }
    }
}
