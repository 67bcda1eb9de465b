package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code ./ponix}, in a checkout that is built. */
class PonixScriptITCase {

    @TempDir private Path checkout;

    @BeforeEach
    void makeCheckout() throws IOException {
        Path root = Path.of(System.getProperty("ponix.root")).toAbsolutePath();
        Files.copy(root.resolve("ponix"), checkout.resolve("ponix"));
        Files.createDirectories(checkout.resolve("cli/target"));
        Files.createSymbolicLink(
                checkout.resolve("cli/target/ponix-cli.jar"),
                root.resolve("cli/target/ponix-cli.jar"));
        Files.createDirectories(checkout.resolve(".ponix/build"));
        Files.createFile(checkout.resolve(".ponix/build/stamp"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "POSIX", "C.UTF-8", ""})
    void argumentsAreReadAsTheyAreWrittenInAnyLocale(String locale) throws Exception {
        assertThat(run(locale, "./ponix cel '{\"größe\": \"温度\" + string(size(input))}' --hex 00"))
                .isEqualTo("{\"größe\":\"温度1\"}\n");
    }

    @Test
    void aVariableThatNothingReadsIsToldOnce() throws Exception {
        String told =
                "ponix: PONIX_CLICKHUOSE_URL is set, but nothing reads it; the nearest that is read is"
                        + " PONIX_CLICKHOUSE_URL\n";

        assertThat(run("C", "PONIX_CLICKHUOSE_URL=x ./ponix cel 'input' --hex 00 || true"))
                .containsOnlyOnce(told);
        // Here the migrations, which tell of it when they run by themselves.
        assertThat(
                        run(
                                "C",
                                "PONIX_CLICKHUOSE_URL=x PONIX_CLICKHOUSE_URL=http://127.0.0.1:1 ./ponix"
                                        + " migrate status clickhouse || true"))
                .containsOnlyOnce(told);
    }

    /** Every command would take the time: of CEL it is a quarter of what it needs to start. */
    @Test
    void whatOneCommandNeedsIsNotLoadedForAllOthers() throws Exception {
        run("C", "JDK_JAVA_OPTIONS=-Xlog:class+load:file=loaded ./ponix --help");

        assertThat(Files.readAllLines(checkout.resolve("loaded")))
                .anyMatch(line -> line.contains("io.ponix.cli.command.CelTestCommand"))
                .noneMatch(line -> line.contains("dev.cel."));
    }

    @Test
    void onlyTheOwnerEntersTheFolderOfTheCheckout() throws Exception {
        Path state = checkout.resolve(".ponix");
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxr-xr-x"));

        run("C", "./ponix cel '{\"size\": size(input)}' --hex 00");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state)))
                .isEqualTo("rwx------");
    }

    @Test
    void testsThatFailAreNamedAtTheEnd() throws Exception {
        program(
                "mvn",
                """
                mkdir -p cli/target/surefire-reports
                cat > cli/target/surefire-reports/TEST-io.ponix.SomeTest.xml <<'END'
                <testsuite name="io.ponix.SomeTest" time="0.1" tests="3" errors="1" skipped="0" failures="1">
                  <testcase name="works" classname="io.ponix.SomeTest" time="0.1"/>
                  <testcase name="differs" classname="io.ponix.SomeTest" time="0.1">
                    <failure message="[rows]&#10;expected: &quot;1 &amp; 2&quot;&#10; but was: &lt;3&gt;" type="x.Failed">at …</failure>
                  </testcase>
                  <testcase name="breaks[1]" classname="io.ponix.SomeTest" time="0.1">
                    <error type="java.lang.NullPointerException">at …</error>
                  </testcase>
                </testsuite>
                END
                exit 1
                """);

        assertThat(run("C", "PATH=$PWD/bin:$PATH ./ponix test || true"))
                .endsWith(
                        """
                        FAILED io.ponix.SomeTest.differs: [rows] expected: "1 & 2" but was: <3>
                        FAILED io.ponix.SomeTest.breaks[1]: java.lang.NullPointerException
                        1 passed, 2 failed, 0 skipped
                        """);
    }

    @Test
    void withoutDockerTheContainersAreSkippedInOneLine() throws Exception {
        program("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");

        assertThat(run("C", "PATH=$PWD/bin:$PATH ./ponix test --containers"))
                .isEqualTo(
                        "skipped: no Docker answers (docker info); the images of docker/compose.yaml"
                                + " were not tried\n");
    }

    /** In the place of one that the machine has, or has not. */
    private void program(String name, String script) throws IOException {
        Path program = Files.createDirectories(checkout.resolve("bin")).resolve(name);
        Files.writeString(program, "#!/usr/bin/env bash\n" + script);
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }

    /** In a file, as the locale of this JVM may be one of ASCII only, too. */
    private String run(String locale, String command) throws Exception {
        Path commands = Files.writeString(checkout.resolve("commands"), command);
        ProcessBuilder builder =
                new ProcessBuilder("bash", commands.toString())
                        .directory(checkout.toFile())
                        .redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("LC_"));
        builder.environment().remove("LANG");
        builder.environment().put("LC_ALL", locale);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
