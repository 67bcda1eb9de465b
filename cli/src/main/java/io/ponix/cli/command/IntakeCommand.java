package io.ponix.cli.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.intake.IntakeCompiler;
import io.ponix.intake.IntakeException;
import io.ponix.intake.IntakeExpression;
import io.ponix.intake.IntakeMessage;
import io.ponix.intake.IntakePreset;
import io.ponix.intake.Uplink;
import io.ponix.transforms.TransformCompilationException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ponix intake}: tries an intake expression on a message of a network server or broker. */
@Command(
        name = "intake",
        description = {
            "Try what a message of a network server or a broker means.",
            "Prints a line of JSON for each uplink, null for what is no reading, or the error."
        },
        customSynopsis = {
            "ponix intake --preset=NAME FILE [OPTIONS]",
            "       ponix intake --expression=FILE FILE [OPTIONS]",
            "       ponix intake --preset=NAME --show"
        },
        footer = {
            "",
            "Examples:",
            "  ./ponix intake --preset the-things-stack uplink.json",
            "  ./ponix intake --preset chirpstack --topic '?event=up' uplink.json",
            "  ./ponix intake --preset chirpstack --show > mine.cel",
            "  ./ponix intake --expression mine.cel uplink.json"
        })
public final class IntakeCommand implements Runnable {

    private static final String STANDARD_INPUT = "-";

    @Spec private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    private Source source;

    private static final class Source {
        @Option(
                names = "--preset",
                paramLabel = "NAME",
                description =
                        "the-things-stack, chirpstack, chirpstack-protobuf, helium, thingpark, raw"
                                + " or json.")
        private String preset;

        @Option(
                names = "--expression",
                paramLabel = "FILE",
                description = "A file that holds the expression.")
        private Path file;
    }

    @Option(names = "--show", description = "Print the expression.")
    private boolean show;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            defaultValue = "",
            description =
                    "MQTT topic, or what follows uplinks in the target of an HTTP request: topic.")
    private String topic;

    @Option(
            names = "--header",
            paramLabel = "NAME=VALUE",
            description =
                    "An HTTP header, its name in lower case, or an MQTT user property; may be"
                            + " repeated.")
    private Map<String, String> headers = Map.of();

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "The message as it was sent; - reads it from standard input.")
    private String message;

    @Override
    public void run() {
        String text = source.preset != null ? preset(source.preset) : expression(source.file);
        PrintWriter out = spec.commandLine().getOut();
        if (show) {
            out.print(text);
            out.flush();
            return;
        }
        if (message == null) {
            throw new ParameterException(
                    spec.commandLine(), "FILE is missing, the message as it was sent");
        }
        IntakeCompiler compiler = IntakeCompiler.create();
        compiler.warnings(text)
                .forEach(
                        warning ->
                                spec.commandLine()
                                        .getErr()
                                        .println(
                                                "warning: "
                                                        + warning.line()
                                                        + ":"
                                                        + warning.column()
                                                        + " "
                                                        + TerminalText.escaped(warning.message())));
        IntakeExpression expression;
        try {
            expression = compiler.compile(text);
        } catch (TransformCompilationException e) {
            throw new CommandException("the expression does not compile\n" + e.getMessage());
        }
        print(uplinks(expression, message(message)), out);
    }

    private List<Uplink> uplinks(IntakeExpression expression, byte[] payload) {
        try {
            return expression.evaluate(new IntakeMessage(topic, payload, headers, Instant.now()));
        } catch (IntakeException e) {
            // Lines are of the source, where it is shown.
            throw new CommandException(
                    e.issue().isPresent() ? e.explain() : TerminalText.escaped(e.explain()));
        }
    }

    private static void print(List<Uplink> uplinks, PrintWriter out) {
        if (uplinks.isEmpty()) {
            out.println("null");
        }
        for (Uplink uplink : uplinks) {
            ObjectNode object = new ObjectMapper().createObjectNode();
            uplink.organizationId().ifPresent(id -> object.put("organization_id", id));
            uplink.deviceId().ifPresent(id -> object.put("device_id", id));
            uplink.externalId().ifPresent(id -> object.put("external_id", id));
            object.put("payload_hex", HexFormat.of().formatHex(uplink.payload()));
            object.put("f_port", uplink.fPort());
            object.put("occurred_at", uplink.occurredAt().toString());
            uplink.messageId().ifPresent(id -> object.put("message_id", id));
            ObjectNode attributes = object.putObject("attributes");
            uplink.attributes().forEach(attributes::put);
            out.println(TerminalText.escaped(object.toString()));
        }
    }

    private static String preset(String name) {
        return IntakePreset.named(name)
                .orElseThrow(
                        () ->
                                CommandException.calledWrongly(
                                        "--preset knows "
                                                + Arrays.stream(IntakePreset.values())
                                                        .map(IntakePreset::presetName)
                                                        .collect(Collectors.joining(", "))
                                                + ", not "
                                                + name))
                .expression();
    }

    private static String expression(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw CommandException.calledWrongly(
                    "--expression " + file + " cannot be read: " + FileProblem.of(e));
        }
    }

    private static byte[] message(String file) {
        try {
            return file.equals(STANDARD_INPUT)
                    ? System.in.readAllBytes()
                    : Files.readAllBytes(Path.of(file));
        } catch (IOException e) {
            throw CommandException.calledWrongly(
                    "the message " + file + " cannot be read: " + FileProblem.of(e));
        }
    }
}
