package io.ponix.cli.command;

import io.ponix.cli.command.CelTestFile.Decoder;
import io.ponix.cli.command.CelTestFile.Example;
import io.ponix.cli.command.CelTestFile.UnusableException;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.transforms.ContractCompilationException;
import io.ponix.transforms.ContractExample;
import io.ponix.transforms.JsonDifference;
import io.ponix.transforms.PayloadContracts;
import io.ponix.transforms.StoredForm;
import io.ponix.transforms.TransformCompiler;
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
            "      \"cel\": \"…\",                  the transform; or, as a definition has them:",
            "      \"contracts\": [{\"match_expression\": \"…\", \"transform_expression\": \"…\",",
            "                     \"json_schema\": \"…\"}],",
            "      \"descriptors\": \"…\",          what protoc --include_imports",
            "                                   --descriptor_set_out made, beside this file (optional)",
            "      \"examples\": [{",
            "        \"hex\": \"0110\",             the payload, or in base64 as \"payload\"",
            "        \"fPort\": 2,                LoRaWAN FPort, or f_port (default 0)",
            "        \"attributes\": {\"k\": \"v\"},  also occurred_at (\"2026-11-21T09:00:00Z\")"
                    + " and",
            "                                   device: id, name, organization (optional)",
            "        \"previous\": {\"json\": \"{...}\"}  what the envelope before became, with its",
            "                                   occurred_at and f_port (optional)",
            "        \"expected\": {\"celsius\": 27.2}  or a list, of which each is a row; with the",
            "                                   occurred_at that the transform gives them; or",
            "                                   \"expected_error\": a part of the message, or",
            "                                   \"expected_no_match\": true, where no contract matches;",
            "                                   \"expected_warnings\": all that it notes (optional)",
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
        PayloadContracts contracts;
        try {
            contracts = compiler.withDescriptors(decoder.messages()).compile(decoder.contracts());
        } catch (ContractCompilationException e) {
            summarize(decoder, 0, width);
            out.println("  does not compile");
            // The one contract of a transform has one expression that can be wrong.
            String message = decoder.alone() ? e.problems().get(0).message() : e.getMessage();
            TerminalText.escapedLines(message).lines().forEach(line -> out.println("    " + line));
            return 0;
        }
        List<ContractExample.Outcome> outcomes =
                decoder.examples().stream()
                        .map(example -> example.example().run(contracts, tolerance))
                        .toList();
        int passed = (int) outcomes.stream().filter(ContractExample.Outcome::passed).count();
        summarize(decoder, passed, width);
        for (int i = 0; i < outcomes.size(); i++) {
            if (!outcomes.get(i).passed()) {
                explain(decoder, decoder.examples().get(i), outcomes.get(i));
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

    private void warn(Example example, ContractExample.Outcome outcome) {
        if (outcome.json() == null) {
            return;
        }
        for (String change : StoredForm.changes(outcome.json())) {
            out.println("  " + TerminalText.escaped(example.title()));
            out.println("    warning: " + TerminalText.escaped(change));
        }
    }

    private void explain(Decoder decoder, Example example, ContractExample.Outcome outcome) {
        out.println("  " + TerminalText.escaped(example.title()));
        if (outcome.differences().isEmpty()) {
            out.println(
                    "    "
                            + TerminalText.escaped(
                                    decoder.alone() && outcome.error() != null
                                            ? outcome.error()
                                            : outcome.failure()));
        }
        for (JsonDifference difference : outcome.differences()) {
            out.println("    " + TerminalText.escaped(difference.toString()));
        }
    }
}
