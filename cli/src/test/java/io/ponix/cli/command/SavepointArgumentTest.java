package io.ponix.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.cli.program.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SavepointArgumentTest {

    @TempDir private Path folder;

    @BeforeEach
    void takeSavepoint() throws IOException {
        Files.createDirectory(folder.resolve("savepoint-1"));
        Files.write(metadata(), HexFormat.of().parseHex("4960672d0000000600000000"));
    }

    private Path metadata() {
        return folder.resolve("savepoint-1/_metadata");
    }

    @Test
    void aPathThatTheJobManagerWouldTakeFromItsOwnFolderIsMadeWhole() {
        Path relative = Path.of("").toAbsolutePath().relativize(folder.resolve("savepoint-1"));
        String whole = "file:" + folder.resolve("savepoint-1");

        assertThat(completed("run", "-d", "-s", relative.toString()))
                .containsExactly("run", "-d", "-s", whole);
        assertThat(completed("run", "--fromSavepoint", relative.toString(), "job.jar", "-s", "1"))
                .containsExactly("run", "--fromSavepoint", whole, "job.jar", "-s", "1");
        assertThat(completed("run", "--fromSavepoint=" + relative))
                .containsExactly("run", "--fromSavepoint=" + whole);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "file:", "file://"})
    void aWholePathMayHaveItsScheme(String scheme) {
        assertThat(completed("run", "-s", scheme + folder + "/savepoint-1/_metadata"))
                .containsExactly("run", "-s", "file:" + folder + "/savepoint-1/_metadata");
    }

    @Test
    void aPathIsNoUri() throws IOException {
        Files.move(folder.resolve("savepoint-1"), folder.resolve("100% of it"));

        assertThat(completed("run", "-s", folder + "/100% of it"))
                .containsExactly("run", "-s", "file:" + folder + "/100% of it");
    }

    @Test
    void whatIsElsewhereIsLeftToFlink() {
        assertThat(completed("run", "-s", "s3://bucket/savepoint-1"))
                .containsExactly("run", "-s", "s3://bucket/savepoint-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nope", "nope", "file:///nope", "/no\u0000pe"})
    void aMistypedOneIsRefused(String path) {
        assertThatThrownBy(() -> completed("run", "-d", "-s", path))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("-s: ");
        assertThatThrownBy(() -> completed("run", "-s", "/nope"))
                .hasMessageContaining("there is no savepoint /nope")
                .hasMessageContaining(folder.resolve("flink/savepoints").toString());
        assertThatThrownBy(() -> completed("run", "-s", folder.toString()))
                .hasMessageContaining("the folder holds no _metadata");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "49", "4960672d", "4960672d000000", "504b030414000000"})
    void whatIsNoSavepointOrOnlyItsBeginningIsRefused(String content) throws IOException {
        Files.write(metadata(), HexFormat.of().parseHex(content));

        assertThatThrownBy(() -> completed("run", "-s", folder + "/savepoint-1"))
                .isInstanceOf(CommandException.class)
                .hasMessage(
                        "-s: "
                                + metadata()
                                + " is not what Flink writes of a savepoint, or was cut short");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void anEmptyOneIsNamed(String path) {
        assertThatThrownBy(() -> completed("run", "-s", path))
                .hasMessage("-s is empty; a savepoint's folder is wanted");
    }

    private List<String> completed(String... arguments) {
        List<String> completed = new ArrayList<>(List.of(arguments));
        SavepointArgument.complete(completed, folder);
        return completed;
    }
}
