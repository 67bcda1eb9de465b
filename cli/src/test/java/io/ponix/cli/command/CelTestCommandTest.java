package io.ponix.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class CelTestCommandTest {

    private record Outcome(int status, String output, String errors) {}

    @TempDir private Path folder;

    @Test
    void allPublishedDecodersPass() {
        Path file =
                Path.of(
                        System.getProperty("ponix.root"),
                        "transforms/src/test/resources/io/ponix/transforms/lorawan-decoders.json");

        Outcome outcome = run(file);

        assertThat(outcome.output())
                .startsWith("ok    bosch/tps110-0292-codec ")
                .contains("\nok    xignal/mousetrap-codec ")
                .endsWith("\n66 of 66 examples of 17 decoders pass\n")
                .doesNotContain("FAIL");
        // What is indented are warnings of nulls, which some of them give.
        assertThat(outcome.output().lines().filter(line -> !line.startsWith("  "))).hasSize(17 + 2);
        assertThat(outcome.status()).isZero();
    }

    @Test
    void eachFailureSaysWhichExampleAndWhatIsDifferent() throws IOException {
        Outcome outcome =
                run(
                        """
                        {"decoders": [
                          {"vendor": "acme", "codec": "good", "cel": "{'a': input.u8(0)}", "examples": [
                            {"hex": "07", "expected": {"a": 7}}]},
                          {"codec": "bad", "cel": "{'a': input.u8(0), 'p': f_port}", "examples": [
                            {"hex": "07", "fPort": 1, "expected": {"a": 7, "p": 1}},
                            {"hex": "07", "f_port": 2, "expected": {"a": 8, "b": [1]}},
                            {"hex": "", "expected": {"a": 8}}]},
                          {"cel": "{'a':\\n inptu}", "examples": [{"hex": "07", "expected": {}}]}]}
                        """);

        assertThat(outcome.output())
                .isEqualTo(
                        """
                        ok    acme/good    1 of 1
                        FAIL  bad          1 of 3
                          example 2 (port 2, 07)
                            $.a: expected 8, is 7
                            $.b: expected [1], is missing
                            $.p: not expected, is 2
                          example 3 (port 0, )
                            1:15 u8: 1 byte at offset 0 is outside of the 0 bytes there are
                        FAIL  decoders[2]  0 of 1
                          does not compile
                            2:2 undeclared reference to 'inptu' (in container '')
                               inptu}
                               ^

                        2 of 5 examples of 3 decoders pass
                        """);
        assertThat(outcome.status()).isEqualTo(1);
    }

    @Test
    void whatAPayloadSaysIsShownAndNotObeyed() throws IOException {
        Outcome outcome =
                run(
                        """
                        {"decoders": [
                          {"codec": "a\\u001b[2J", "cel": "{'a': string(input)}", "examples": [
                            {"hex": "1b5b324a", "expected": {"a": "b"}}]},
                          {"codec": "c", "cel": "{string(input): null}", "examples": [
                            {"hex": "1b5b324a", "expected": {"a": "b"}}]},
                          {"codec": "b", "cel": "error(string(input))", "examples": [
                            {"hex": "1b5b324a0a", "expected": {"a": "b"}}]}]}
                        """);

        assertThat(outcome.output())
                .contains(
                        "a\\u001b[2J",
                        "warning: $[\"\\u001b[2J\"] is null",
                        "is \"\\u001b[2J\"",
                        "    \\u001b[2J\\n\n");
        assertThat(
                        outcome.output()
                                .chars()
                                .filter(c -> c != '\n')
                                .noneMatch(Character::isISOControl))
                .isTrue();
    }

    @Test
    void whatClickHouseDoesNotKeepIsAWarning() throws IOException {
        Outcome outcome =
                run(
                        """
                        {"decoders": [
                          {"codec": "nulls", "cel": "{'a': input.u8(0), 'b': null}", "examples": [
                            {"hex": "07", "expected": {"a": 7, "b": null}}]}]}
                        """);

        assertThat(outcome.output())
                .isEqualTo(
                        """
                        ok    nulls  1 of 1
                          example 1 (port 0, 07)
                            warning: $.b is null, and no key with null is stored: it will be missing

                        1 of 1 examples of 1 decoders pass
                        """);
        assertThat(outcome.status()).isZero();
    }

    @Test
    void contractsAndTheirExamplesAreAsADefinitionHasThem() throws IOException {
        Outcome outcome =
                run(
                        """
                        {"decoders": [
                          {"codec": "meter", "contracts": [
                            {"match_expression": "f_port == 1", "transform_expression": "[{'n': input.u8(0)}]",
                             "json_schema": "{\\"properties\\": {\\"n\\": {\\"maximum\\": 9}}}"},
                            {"match_expression": "f_port == 2", "transform_expression": "{'d': device.id}"}],
                           "examples": [
                            {"hex": "07", "f_port": 1, "expected_json": "[{\\"n\\": 7}]"},
                            {"payload": "Cg==", "f_port": 1, "expected_error": "must have a maximum value of 9"},
                            {"hex": "", "f_port": 2, "device_id": "d1", "expected": {"d": "d1"}},
                            {"hex": "", "f_port": 3, "expected_no_match": true},
                            {"hex": "07", "f_port": 1, "expected": [{"n": 8}]},
                            {"hex": "0a", "f_port": 1, "expected": [{"n": 10}]},
                            {"hex": "07", "f_port": 1, "expected_error": "outside"},
                            {"hex": "07", "f_port": 1, "expected_no_match": true},
                            {"payload": "Bw==", "f_port": 3, "expected": {}}]},
                          {"codec": "alone", "cel": "error('no ' + string(f_port))", "examples": [
                            {"hex": "", "expected_error": "no 0"},
                            {"hex": "", "expected_error": "no 1"}]},
                          {"codec": "bad", "contracts": [
                            {"transform_expression": "nope"}, {"transform_expression": "{}", "json_schema": "7"}],
                           "examples": [{"hex": "", "expected": {}}]}]}
                        """);

        assertThat(outcome.output())
                .isEqualTo(
                        """
                        FAIL  meter  4 of 9
                          example 5 (port 1, 07)
                            $[0].n: expected 8, is 7
                          example 6 (port 1, 0a)
                            contract 1, json_schema: $[0].n: must have a maximum value of 9
                          example 7 (port 1, 07)
                            expected the error "outside", is [{"n":7}]
                          example 8 (port 1, 07)
                            expected no match, is [{"n":7}]
                          example 9 (port 3, 07)
                            no contract matches
                        FAIL  alone  1 of 2
                          example 2 (port 0, )
                            no 0
                        FAIL  bad    0 of 1
                          does not compile
                            contract 1, transform_expression:
                            1:1 undeclared reference to 'nope' (in container '')
                              nope
                              ^
                            contract 2, json_schema:
                            a schema is a JSON object, true or false

                        5 of 12 examples of 3 decoders pass
                        """);
        assertThat(outcome.status()).isEqualTo(1);
    }

    @Test
    void messagesAreThoseOfAFileBesideIt() throws IOException {
        Files.copy(
                Path.of(
                        System.getProperty("ponix.root"),
                        "transforms/src/test/resources/io/ponix/transforms/messages/weather.binpb"),
                folder.resolve("weather.binpb"));
        Outcome outcome =
                run(
                        """
                        {"decoders": [
                          {"cel": "{'t': protobuf_decode(input, 'example.Weather').decicelsius}",
                           "descriptors": "weather.binpb",
                           "examples": [{"hex": "102b", "expected": {"t": -22}}]}]}
                        """);

        assertThat(outcome.output()).endsWith("1 of 1 examples of 1 decoders pass\n");
        assertThat(
                        run("{\"decoders\": [{\"cel\": \"{}\", \"descriptors\": \"none.binpb\","
                                        + " \"examples\": [{\"hex\": \"\", \"expected\": {}}]}]}")
                                .errors())
                .contains("decoders[0].descriptors: " + folder.resolve("none.binpb"))
                .contains("does not exist");
    }

    @Test
    void anExampleHasAllThatATransformSees() throws IOException {
        Outcome outcome =
                run(
                        """
                        {"tolerance": 0.01, "decoders": [{
                          "cel": "{'t': occurred_at, 'd': device, 'k': attributes.k, 'v': 1.001}",
                          "examples": [{
                            "hex": "00:01 02", "occurred_at": "2026-11-21T10:00:00+01:00",
                            "attributes": {"k": "v"},
                            "device": {"id": "d1", "name": "Alpha", "organization": "org-001"},
                            "expected": {
                              "t": "2026-11-21T09:00:00Z", "k": "v", "v": 1,
                              "d": {"id": "d1", "name": "Alpha", "organization": "org-001"}}}]}]}
                        """);

        assertThat(outcome.output()).endsWith("1 of 1 examples of 1 decoders pass\n");
        assertThat(outcome.status()).isZero();
    }

    @Test
    void whatCameBeforeAndWhatIsNotedArePartOfAnExample() throws IOException {
        String file =
                """
                {"decoders": [{"cel": "{'step': warning('low', input.u8(0) - previous.result.n)}",
                  "examples": [{"hex": "07", "previous": {"json": "{\\"n\\": 3}"},
                    "expected": {"step": 4}, "expected_warnings": ["%s"]}]}]}
                """;

        assertThat(run(file.formatted("low")).output())
                .endsWith("1 of 1 examples of 1 decoders pass\n");
        assertThat(run(file.formatted("high")).output())
                .contains("low")
                .contains("0 of 1 examples");
        Outcome wrong = run(file.formatted("low").replace("{\\\"n\\\": 3}", "[3]"));
        assertThat(wrong.errors())
                .contains(
                        "decoders[0].examples[0].previous.json: it is not a JSON object or a list of objects");
        assertThat(wrong.status()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{|is not JSON: Unexpected end-of-input",
                "{} {}|is not JSON: Trailing token",
                "{}|decoders is not a list of at least one",
                "[]|decoders is not a list of at least one",
                "{\"decoders\": []}|decoders is not a list of at least one",
                "{\"decoders\": [1]}|decoders[0].cel is not a string",
                "{\"decoders\": [{\"cel\": \"{}\"}]}|decoders[0].examples is not a list of at least"
                        + " one",
                "{\"decoders\": [{\"cel\": \"{}\", \"contracts\": []}]}|decoders[0] has both cel and"
                        + " contracts",
                "{\"decoders\": [{\"contracts\": []}]}|decoders[0].contracts is not a list of at"
                        + " least one",
                "{\"decoders\": [{\"contracts\": [{}]}]}|decoders[0].contracts[0].transform_expression"
                        + " is not a string",
                "{\"tolerance\": -1, \"decoders\": [1]}|tolerance is not a number of 0 or more",
            })
    void aFileThatCannotBeUsedIsAnErrorOfItsOwn(String content, String message) throws IOException {
        Outcome outcome = run(content);

        assertThat(outcome.errors()).startsWith("ponix: ").contains(message);
        assertThat(outcome.output()).isEmpty();
        assertThat(outcome.status()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|.hex is not a string",
                "{\"hex\": \"0g\", \"expected\": {}}|.hex is not hexadecimal",
                "{\"hex\": \"00\"}|.expected is not an object or a list of objects",
                "{\"payload\": \"?\", \"expected\": {}}|.payload is not base64",
                "{\"hex\": \"00\", \"expected\": {}, \"expected_error\": \"\"}|` expects more than one`",
                "{\"hex\": \"00\", \"expected_error\": 1}|.expected_error is not a string",
                "{\"hex\": \"00\", \"expected_no_match\": false}|.expected_no_match is not true",
                "{\"hex\": \"00\", \"expected_json\": \"1\"}|.expected_json is not an object or a list",
                "{\"hex\": \"00\", \"expected\": [1]}|.expected is not an object or a list of objects",
                "{\"hex\": \"00\", \"fPort\": 256, \"expected\": {}}|.fPort is not an integer from"
                        + " 0 to 255",
                "{\"hex\": \"00\", \"fPort\": \"1\", \"expected\": {}}|.fPort is not an integer"
                        + " from 0 to 255",
                "{\"hex\": \"00\", \"attributes\": {\"k\": 1}, \"expected\": {}}|.attributes.k is"
                        + " not a string",
                "{\"hex\": \"00\", \"device\": 1, \"expected\": {}}|.device is not an object",
                "{\"hex\": \"00\", \"occurred_at\": \"today\", \"expected\": {}}|.occurred_at is"
                        + " not a time",
            })
    void anExampleThatCannotBeUsedIsNamed(String example, String message) throws IOException {
        Outcome outcome =
                run("{\"decoders\": [{\"cel\": \"{}\", \"examples\": [" + example + "]}]}");

        assertThat(outcome.errors()).contains("decoders[0].examples[0]" + message);
        assertThat(outcome.status()).isEqualTo(2);
    }

    @Test
    void aFileThatDoesNotExistIsNamed() {
        Outcome outcome = run(folder.resolve("none.json"));

        assertThat(outcome.errors())
                .isEqualTo("ponix: " + folder.resolve("none.json") + " does not exist\n");
        assertThat(outcome.status()).isEqualTo(2);
    }

    @Test
    void theHelpDescribesTheFile() {
        StringWriter output = new StringWriter();
        CommandLine command = new CommandLine(new CelCommand());
        command.setOut(new PrintWriter(output, true));

        assertThat(command.execute("test", "--help")).isZero();
        assertThat(output.toString()).contains("\"decoders\"").contains("\"expected\"");
    }

    private Outcome run(String content) throws IOException {
        return run(Files.writeString(folder.resolve("decoders.json"), content));
    }

    private static Outcome run(Path file) {
        StringWriter output = new StringWriter();
        StringWriter errors = new StringWriter();
        CommandLine command = new CommandLine(new CelCommand());
        command.setOut(new PrintWriter(output, true));
        command.setErr(new PrintWriter(errors, true));
        int status = command.execute("test", file.toString());
        return new Outcome(status, output.toString(), errors.toString());
    }
}
