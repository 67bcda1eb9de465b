package io.ponix.cli.command;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.OptionRange;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.transforms.PreviousResult;
import io.ponix.transforms.TransformCompilationException.Issue;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformInput;
import io.ponix.transforms.TransformTrial;
import io.ponix.transforms.functions.MessageDescriptors;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ponix cel}: tries a transform on a payload, with the code that the job runs. */
@Command(
        name = "cel",
        description = {
            "Try a transform on a payload.",
            "Prints the JSON, or the error with a caret; what it notes by warning(text) on standard error."
        },
        customSynopsis = {
            "ponix cel EXPRESSION --hex=BYTES [OPTIONS]",
            "       ponix cel test FILE"
        },
        subcommands = CelTestCommand.class,
        footer = {
            "",
            "Examples:",
            "  ./ponix cel 'cayenne_lpp_decode(input)' --hex '01 67 01 10 02 68 64'",
            "  ./ponix cel '{\"celsius\": cayenne_lpp_decode(input)[\"temperature_1\"], \"port\":"
                    + " f_port}' --hex 01670110 --f-port 2",
            "  ./ponix cel '{\"celsius\": double(input.i16be(0)) / 10.0}' --hex 0110"
        })
public final class CelCommand implements Runnable {

    @Spec private CommandSpec spec;

    // Neither this nor --hex is required by picocli, which would demand them of "cel test" too.
    @Parameters(arity = "0..1", paramLabel = "EXPRESSION", description = "The CEL expression.")
    private String expression;

    @Option(
            names = "--hex",
            paramLabel = "BYTES",
            description = "The payload in hexadecimal; spaces and colons are ignored.")
    private String hex;

    @Option(
            names = "--f-port",
            paramLabel = "N",
            defaultValue = "0",
            description = "LoRaWAN FPort, 0 to 255.")
    private int fPort;

    @Option(
            names = "--attribute",
            paramLabel = "KEY=VALUE",
            description = "An attribute of the envelope; may be repeated.")
    private Map<String, String> attributes = Map.of();

    @Option(
            names = "--occurred-at",
            paramLabel = "TIME",
            description = "When it was sent, for instance 2026-11-21T09:00:00Z: occurred_at.")
    private Instant occurredAt;

    @Option(
            names = "--previous",
            paramLabel = "JSON",
            description =
                    "What the device's envelope before became, for instance '{\"litres\": 42}':"
                            + " previous.result. Without it previous has no keys.")
    private String previous;

    @Option(
            names = "--previous-occurred-at",
            paramLabel = "TIME",
            defaultValue = "1970-01-01T00:00:00Z",
            description = "When that was sent: previous.occurred_at.")
    private Instant previousOccurredAt;

    @Option(
            names = "--previous-f-port",
            paramLabel = "N",
            description =
                    "The FPort that it came by, 0 to 255: previous.f_port. Default: that of --f-port.")
    private Integer previousFPort;

    @Option(names = "--device-id", paramLabel = "ID", description = "device.id")
    private String deviceId;

    @Option(names = "--device-name", paramLabel = "NAME", description = "device.name")
    private String deviceName;

    @Option(names = "--device-organization", paramLabel = "ID", description = "device.organization")
    private String deviceOrganization;

    @Option(
            names = "--descriptors",
            paramLabel = "FILE",
            description = {
                "The messages that protobuf_decode(input, \"package.Message\") decodes, as a definition has"
                        + " them for its contracts: what protoc --include_imports"
                        + " --descriptor_set_out=FILE makes."
            })
    private Path descriptors;

    @Override
    public void run() {
        if (expression == null) {
            throw new ParameterException(spec.commandLine(), "EXPRESSION is missing");
        }
        if (hex == null) {
            throw new ParameterException(spec.commandLine(), "--hex=BYTES is missing");
        }
        byte[] payload = payload(hex);
        OptionRange.check("--f-port", fPort, 0, 255);
        if (previousFPort != null) {
            OptionRange.check("--previous-f-port", previousFPort, 0, 255);
        }
        TransformInput input = new TransformInput();
        input.setPayload(payload)
                .setFPort(fPort)
                .setAttributes(attributes)
                .setDevice(deviceId, deviceName, deviceOrganization);
        if (occurredAt != null) {
            input.setOccurredAt(occurredAt.getEpochSecond(), occurredAt.getNano());
        }
        if (previous != null) {
            input.setPrevious(previousResult());
        }
        TransformTrial.Result result =
                new TransformTrial(
                                TransformCompiler.create().withDescriptors(messages(descriptors)))
                        .run(expression, input);
        result.warnings().forEach(warning -> warn(warning.issue()));
        result.rowWarnings().forEach(this::note);
        spec.commandLine()
                .getOut()
                .println(
                        result.json()
                                .map(TerminalText::escaped)
                                .orElseThrow(
                                        () -> new CommandException(text(result.failure().get()))));
    }

    private PreviousResult previousResult() {
        try {
            return PreviousResult.of(
                    previous, previousOccurredAt, previousFPort == null ? fPort : previousFPort);
        } catch (IllegalArgumentException e) {
            throw CommandException.calledWrongly("--previous: " + e.getMessage());
        }
    }

    private void warn(Issue warning) {
        spec.commandLine()
                .getErr()
                .println(
                        "warning: "
                                + warning.line()
                                + ":"
                                + warning.column()
                                + " "
                                + TerminalText.escaped(warning.message()));
    }

    /** What the expression says of the payload, not what is said of the expression. */
    private void note(String warning) {
        spec.commandLine().getErr().println("noted: " + TerminalText.escaped(warning));
    }

    /** Has lines only where the source is shown: a message of the payload's is on one. */
    private static String text(TransformTrial.Failure failure) {
        if (failure.stage() == TransformTrial.Stage.COMPILE) {
            return "the expression does not compile\n" + failure.message();
        }
        return failure.findings().isEmpty()
                ? TerminalText.escaped(failure.message())
                : failure.message();
    }

    private static MessageDescriptors messages(Path file) {
        if (file == null) {
            return MessageDescriptors.NONE;
        }
        try {
            return DescriptorFile.read(file);
        } catch (DescriptorFile.UnusableException e) {
            throw CommandException.calledWrongly("--descriptors: " + e.getMessage());
        }
    }

    private static byte[] payload(String hex) {
        String digits = hex.replaceAll("[\\s:]", "");
        if (digits.startsWith("0x") || digits.startsWith("0X")) {
            digits = digits.substring(2);
        }
        try {
            return HexFormat.of().parseHex(digits);
        } catch (IllegalArgumentException e) {
            throw CommandException.calledWrongly(
                    "--hex wants pairs of hexadecimal digits, for instance 01670110: "
                            + e.getMessage());
        }
    }
}
