package io.ponix.cli;

import static io.ponix.cli.PonixInProcess.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.cli.PonixProcess.Outcome;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackSettings;
import io.ponix.embedded.process.EmbeddedProcess;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

class PonixCommandTest {

    private static final int TERMINAL_WIDTH = 80;

    @Test
    void celPrintsTheJson() {
        Outcome outcome = run("cel", "cayenne_lpp_decode(input)", "--hex", "01 67 01 10 02:68:64");

        assertThat(outcome.output()).isEqualTo("{\"temperature_1\":27.2,\"humidity_2\":50.0}\n");
        assertThat(outcome.status()).isZero();
    }

    @Test
    void celPointsAtWhatDoesNotCompile() {
        Outcome outcome = run("cel", "{\"a\": inptu}", "--hex", "00");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors()).contains("{\"a\": inptu}").contains("      ^").contains("1:7");
    }

    @Test
    void celNamesTheOptionThatIsNotHexadecimal() {
        Outcome outcome = run("cel", "{}", "--hex", "0g");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors()).contains("--hex");
    }

    @Test
    void celShowsWhatItDoesNotUnderstandAsItWasWritten() {
        assertThat(run("cel", "input %", "--hex", "00").errors()).doesNotContain("%%");
        assertThat(run("cel", "{'a': 100 %% 2}", "--hex", "00").errors())
                .contains("'%'")
                .contains("{'a': 100 %% 2}");
    }

    @Test
    void aRangeIsWrittenAsAPersonWritesIt() {
        assertThat(run("simulate", "--rate", "-0.5").errors())
                .contains("--rate is -0.5; it may be 0 to 1,000,000");
        assertThat(run("simulate", "--help").output().replaceAll("\\s+", " "))
                .contains("Default: 0, without limit");
    }

    @Test
    void celTellsWhatFailedInTheEvaluation() {
        Outcome outcome = run("cel", "cayenne_lpp_decode(input)", "--hex", "0167");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors()).contains("ponix: ").doesNotContain("\tat ");
    }

    @Test
    void aFolderThatCannotBeIsNamed() {
        for (String home : List.of("/dev/null", "/dev/null/home", "/proc/home")) {
            Outcome outcome = run("up", "--home", home);

            assertThat(outcome.status()).as("%s", outcome).isEqualTo(1);
            assertThat(outcome.errors().lines())
                    .singleElement()
                    .asString()
                    .startsWith("ponix: ")
                    .contains(home)
                    .doesNotContain("Exception", "java.");
        }
    }

    @Test
    void anUnknownOptionIsAUsageError() {
        Outcome outcome = run("up", "--grpc-prot", "1");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors().lines())
                .singleElement()
                .asString()
                .contains("--grpc-prot", "--grpc-port", "./ponix up --help");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "simulate --rate -1",
                "simulate --rate NaN",
                "simulate --rate fast",
                "simulate --devices 0",
                "simulate --devices 2147483647",
                "simulate --devices 99999999999",
                "simulate --envelopes -1",
                "simulate --interval 0",
                "simulate --via carrier-pigeon",
                "simulate --interval 86400 --devices 1 --envelopes 1000000",
                "demo --devices 0",
                "demo --envelopes 3000000000",
                "demo --patience 0",
                "chaos --minutes 0",
                "chaos --minutes Infinity",
                "chaos --rate NaN",
                "chaos --devices -1",
                "chaos --fault kill-natz",
                "up --task-managers 0",
                "up --task-managers 100000",
                "up --grpc-port 70000",
                "up --nats-port one",
                "up --home=",
                "status --home=",
                "dead-letters --device d8k2v replay --reason NO_CONVERSION",
                "cel --hex 00 test decoders.json",
                "status extra",
                "dead-letters --limit 0",
                "dead-letters --reason NO_REASON",
                "dead-letters --since yesterday",
                "dead-letters show",
                "dead-letters show first",
                "dead-letters show 0",
                "dead-letters replay --dry-run",
                "logs nats --lines -1",
                "logs nats --lines many",
                "query",
                "registry",
                "registry verify --limit 0",
                "devices list",
                "devices create --organization acme",
                "devices update d --name",
                "devices update d",
                "devices update d --transform-file no-such-file",
                "devices update d --transform-file roof.cel --no-transform",
                "devices history",
                "devices history d --limit 0",
                "devices restore d",
                "devices restore d --version first",
                "definitions",
                "definitions create --organization acme --name N",
                "definitions create --organization acme --name N --file no-such-file",
                "definitions update d --file no-such-file",
                "definitions update d --descriptors no-such-file",
                "definitions update d --descriptors a --no-descriptors",
                "definitions update d",
                "gateways",
                "gateways create",
                "gateways update g",
                "gateways update g --mqtt-version 4",
                "gateways update g --session-expiry long",
                "gateways update g --status broken",
                "gateways update g --status-reason why",
                "gateways update g --enrol-per-hour 0",
                "gateways update g --intake-preset raw --intake-file raw.cel",
                "gateways update g --intake-file no-such-file",
                "hosts",
                "hosts create --organization acme --name a",
                "hosts update h",
                "hosts import --organization acme",
                "hosts import --organization acme no-such-file",
                "hosts import --organization acme --format xml hosts",
                "hosts export",
                "organizations",
                "organizations create",
                "organizations update o",
                "snapshots",
                "snapshots restore s",
                "snapshots restore s --yes --validate-only",
                "snapshots import",
                "migrate up",
                "migrate up oracle",
                "migrate sideways postgres",
                "cel {} --hex 0g",
                "cel {} --hex 00 --f-port 256",
                "cel {} --hex 00 --occurred-at yesterday",
                "cel {} --hex 00 --attribute colour",
                "cel {} --hex 00 --f-port ten",
                "cel {}",
                "intake uplink.json",
                "intake --preset ttn uplink.json",
                "intake --preset raw --expression raw.cel uplink.json",
                "intake --preset raw",
                "intake --preset raw no-such-file",
                "intake --expression no-such-file uplink.json",
                "intake --preset raw --header colour uplink.json",
                "simulat",
                "up --grpc"
            })
    void whatIsCalledWronglyIsToldSoInOneLine(String line) {
        Outcome outcome = run(line.split(" "));

        assertThat(outcome.errors().lines())
                .singleElement()
                .asString()
                .startsWith("ponix: ")
                .hasSizeGreaterThan(20)
                // What only who has written the program understands.
                .doesNotContain("java.", "Exception", "class ", "an int", "option option");
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.output()).isEmpty();
    }

    @Test
    void aFileThatIsNoDefinitionIsNamed(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("meter.json");
        for (String text : List.of("{\"contract\": []}", "{\"contracts\": [", "[]", "")) {
            Files.writeString(file, text);

            Outcome outcome = run("definitions", "update", "d", "--file", file.toString());

            assertThat(outcome.status()).as("%s", outcome).isEqualTo(2);
            assertThat(outcome.errors().lines())
                    .singleElement()
                    .asString()
                    .startsWith("ponix: --file: " + file + " is no definition: ")
                    .doesNotContain("Exception", "java.");
        }
        Files.writeString(file, "{\"contracts\": [{\"transform_expression\": \"{}\"}]}");
        assertThat(
                        run(
                                        "definitions",
                                        "create",
                                        "--organization",
                                        "o",
                                        "--file",
                                        file.toString())
                                .errors())
                .contains("--name is missing");
    }

    @Test
    void everyLineOfTheHelpFitsATerminalAndEndsWhatItBegins() {
        List<CommandLine> commands = new ArrayList<>();
        collect(PonixCommand.commandLine(), commands);
        for (CommandLine command : commands) {
            String name = command.getCommandSpec().qualifiedName();
            if (command.getCommand() instanceof HelpCommand) {
                // picocli's own words.
                continue;
            }
            UsageMessageSpec usage = command.getCommandSpec().usageMessage();
            assertThat(command.getUsageMessage().lines())
                    .as(name)
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(TERMINAL_WIDTH));
            for (String sentence : usage.description()) {
                assertThat(sentence).as(name).matches("(?s)|.*[.:]");
            }
            for (OptionSpec option : command.getCommandSpec().options()) {
                assertThat(String.join(" ", option.description()))
                        .as(name + " " + option.longestName())
                        .matches("device\\.[a-z]+|.*[.:]");
            }
        }
    }

    /**
     * picocli complains there about a description that it cannot format, and shows it all the same.
     */
    @Test
    void helpWritesNothingToStandardError() {
        List<CommandLine> commands = new ArrayList<>();
        collect(PonixCommand.commandLine(), commands);
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        try {
            commands.forEach(CommandLine::getUsageMessage);
        } finally {
            System.setErr(before);
        }
        assertThat(errors.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void theListOfCommandsDescribesEachInWholeSentences() {
        String list = PonixCommand.commandLine().getUsageMessage().replaceAll("\\s+", " ");

        Map<String, CommandLine> commands =
                new TreeMap<>(PonixCommand.commandLine().getSubcommands());
        commands.remove("help");
        commands.forEach(
                (name, command) -> {
                    String description = command.getCommandSpec().usageMessage().description()[0];
                    assertThat(description).as(name).endsWith(".").hasSizeLessThan(90);
                    assertThat(list).contains(" " + name + " " + description);
                });
    }

    @Test
    void aCommandThatIsCalledAloneIsTheOneOfTheHelp() {
        PonixCommand.commandLine()
                .getSubcommands()
                .forEach(
                        (name, command) -> {
                            assertThat(command.getCommandSpec().name()).isEqualTo(name);
                            assertThat(
                                            PonixCommand.commandLineFor(name)
                                                    .getSubcommands()
                                                    .get(name)
                                                    .getUsageMessage())
                                    .isEqualTo(command.getUsageMessage());
                        });
    }

    @Test
    void everyPartThatTheHelpNamesExists(@TempDir Path home) {
        List<String> parts =
                new LocalStack(StackSettings.asStarted(home), line -> {})
                        .processes().stream().map(EmbeddedProcess::name).toList();
        CommandLine logs = PonixCommand.commandLine().getSubcommands().get("logs");

        List<String> named =
                Pattern.compile("\\./ponix logs ([a-z][-a-z0-9]*)")
                        .matcher(logs.getUsageMessage())
                        .results()
                        .map(match -> match.group(1))
                        .toList();

        assertThat(named).isNotEmpty();
        assertThat(parts).containsAll(named);
    }

    private static void collect(CommandLine command, List<CommandLine> commands) {
        commands.add(command);
        command.getSubcommands().values().forEach(subcommand -> collect(subcommand, commands));
    }

    @Test
    void aReplayWithoutAFilterIsAUsageError() {
        Outcome outcome = run("dead-letters", "replay", "--dry-run");

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors()).contains("--reason", "--device", "--since");
    }

    @Test
    void anOptionThatWouldBeLeftOutOfAccountIsRefused() {
        assertThat(run("dead-letters", "--device", "d", "replay", "--since", "1h").errors())
                .contains("--device goes behind replay");
        assertThat(run("dead-letters", "--help", "replay").status()).isZero();
    }

    @Test
    void withoutACommandTheCommandsAreListed() {
        Outcome outcome = run();

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.errors())
                .contains("a command is missing")
                .contains("demo")
                .contains("dead-letters");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "up",
                "down",
                "status",
                "demo",
                "chaos",
                "simulate",
                "query",
                "dead-letters",
                "cel",
                "intake",
                "logs",
                "flink",
                "organizations",
                "devices",
                "definitions",
                "gateways",
                "hosts",
                "snapshots",
                "registry",
                "migrate"
            })
    void everyCommandExplainsItself(String command) {
        Outcome outcome = run(command, "--help");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.output()).startsWith("Usage: ponix " + command);
    }

    @Test
    void intakePrintsTheUplinks(@TempDir Path folder) throws Exception {
        Path message = Files.writeString(folder.resolve("uplink"), "on");

        Outcome outcome =
                run("intake", "--preset", "raw", "--topic", "org-001/d1", message.toString());

        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.output())
                .startsWith(
                        "{\"organization_id\":\"org-001\",\"device_id\":\"d1\","
                                + "\"payload_hex\":\"6f6e\",\"f_port\":0,\"occurred_at\":\"")
                .endsWith("\"attributes\":{}}\n");
        assertThat(outcome.status()).isZero();
    }

    @Test
    void intakePrintsNullForWhatIsNoReading(@TempDir Path folder) throws Exception {
        Path message = Files.writeString(folder.resolve("uplink"), "on");

        Outcome outcome = run("intake", "--preset", "raw", message.toString());

        assertThat(outcome.output()).isEqualTo("null\n");
        assertThat(outcome.status()).isZero();
    }

    @Test
    void aPresetThatIsShownCanBeTriedAsAFile(@TempDir Path folder) throws Exception {
        Path expression =
                Files.writeString(
                        folder.resolve("mine.cel"),
                        run("intake", "--preset", "thingpark", "--show").output());
        Path message =
                Files.writeString(
                        folder.resolve("uplink.json"),
                        "{\"DevEUI_uplink\": {\"DevEUI\": \"402C765000000074\", \"FPort\": 2,"
                                + " \"payload_hex\": \"01FF\"}}");

        Outcome outcome = run("intake", "--expression", expression.toString(), message.toString());

        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.output())
                .contains("\"external_id\":\"402C765000000074\"", "\"payload_hex\":\"01ff\"");
    }

    @Test
    void intakePointsAtWhatIsWrong(@TempDir Path folder) throws Exception {
        Path message = Files.writeString(folder.resolve("uplink.json"), "{\"end_device_ids\":");
        Path expression = Files.writeString(folder.resolve("mine.cel"), "{'device_id': topics}");

        Outcome malformed = run("intake", "--preset", "the-things-stack", message.toString());
        assertThat(malformed.status()).isEqualTo(1);
        assertThat(malformed.errors())
                .contains("json_decode: Unexpected end-of-input")
                .contains("cel.bind(m, json_decode(payload),")
                .contains("^");

        Outcome wrong = run("intake", "--expression", expression.toString(), message.toString());
        assertThat(wrong.status()).isEqualTo(1);
        assertThat(wrong.errors())
                .contains("does not compile")
                .contains("1:15 undeclared reference to 'topics'");
    }
}
