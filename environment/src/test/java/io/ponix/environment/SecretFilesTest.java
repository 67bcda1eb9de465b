package io.ponix.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SecretFilesTest {

    private static final String VARIABLE = "PONIX_NATS_TOKEN";
    private static final String FILE = "PONIX_NATS_TOKEN_FILE";

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource
    void everySecretMayBeInAFile(Secret secret) throws Exception {
        String file = file("s3cret");
        assertThat(SecretFiles.resolve(Map.of(secret.name() + "_FILE", file, "PATH", "/bin")))
                .containsOnly(
                        Map.entry(secret.name(), "s3cret"),
                        Map.entry(secret.name() + "_FILE", file),
                        Map.entry("PATH", "/bin"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "s3cret, s3cret",
                "s3cret~n, s3cret",
                "s3cret~r~n, s3cret",
                // Who ends a secret with a line end ends the file with two.
                "s3cret~n~n, s3cret~n",
                "\" s3 cret \", \" s3 cret \"",
                "sécret~n, sécret",
            })
    void oneLineEndAtTheEndIsTheFiles(String content, String secret) throws Exception {
        assertThat(SecretFiles.resolve(Map.of(FILE, file(lines(content)))))
                .containsEntry(VARIABLE, lines(secret));
    }

    private static String lines(String text) {
        return text.replace("~r", "\r").replace("~n", "\n");
    }

    @Test
    void anEmptyVariableNamesNoFile() {
        Map<String, String> environment = Map.of(FILE, " ", VARIABLE, "s3cret");
        assertThat(SecretFiles.resolve(environment)).isEqualTo(environment);
    }

    @Test
    void whatIsNoSecretIsNotReadFromFiles() {
        Map<String, String> environment = Map.of("PONIX_NATS_USERNAME_FILE", "/nowhere");
        assertThat(SecretFiles.resolve(environment)).isEqualTo(environment);
    }

    @Test
    void theVariableMayBeSetToTheSame() throws Exception {
        assertThat(SecretFiles.resolve(Map.of(FILE, file("s3cret\n"), VARIABLE, "s3cret")))
                .containsEntry(VARIABLE, "s3cret");
        assertThatThrownBy(
                        () -> SecretFiles.resolve(Map.of(FILE, file("s3cret"), VARIABLE, "other")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        VARIABLE
                                + " and "
                                + FILE
                                + " are both set, and not to the same: leave one out");
    }

    @Test
    void aFileThatCannotBeUsedIsNamedAndNotShown() throws Exception {
        refused(folder.resolve("none").toString(), "is not there");
        refused(folder.toString(), "is a folder");
        refused(file(""), "is empty");
        refused(file("\n"), "is empty");
        refused(file("s3cret\0"), "has a NUL in it");
        refused(file("s3cret" + "x".repeat(64 * 1024)), "has more than 64 KiB");
        Path latin =
                Files.write(
                        folder.resolve("latin"), "s3crét".getBytes(StandardCharsets.ISO_8859_1));
        refused(latin.toString(), "is not UTF-8");
        refused(file("s3cret") + "/below", "cannot be read (FileSystemException)");
        refused("nul\0", "cannot be read (InvalidPathException)");
    }

    private void refused(String file, String problem) {
        assertThatThrownBy(() -> SecretFiles.resolve(Map.of(FILE, file)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(FILE + " names " + file + ", which " + problem)
                .hasMessageNotContaining("s3cret")
                .hasNoCause();
    }

    @Test
    void aChildReadsTheFileThatThisProcessRead() throws Exception {
        Path relative = Path.of("").toAbsolutePath().relativize(Path.of(file("s3cret")));
        Map<String, String> child =
                new HashMap<>(Map.of(FILE, relative.toString(), "PATH", "/bin"));
        SecretFiles.addToChild(child, Map.of(VARIABLE, "s3cret", "PONIX_NATS_USERNAME", "me"));
        assertThat(child)
                .doesNotContainKey(VARIABLE)
                .containsEntry("PATH", "/bin")
                .containsEntry("PONIX_NATS_USERNAME", "me");
        assertThat(Path.of(child.get(FILE))).isAbsolute();
        assertThat(SecretFiles.resolve(child)).containsEntry(VARIABLE, "s3cret");
    }

    @Test
    void anotherSecretOfAChildIsNotContradictedByTheFile() throws Exception {
        for (String other : new String[] {"other", ""}) {
            Map<String, String> child = new HashMap<>(Map.of(FILE, file("s3cret")));
            SecretFiles.addToChild(child, Map.of(VARIABLE, other));
            assertThat(SecretFiles.resolve(child)).containsEntry(VARIABLE, other);
        }
        Map<String, String> child = new HashMap<>(Map.of(FILE, file("s3cret")));
        SecretFiles.addToChild(child, Map.of(FILE, file("other")));
        assertThat(SecretFiles.resolve(child)).containsEntry(VARIABLE, "other");
    }

    private String file(String content) throws Exception {
        return Files.writeString(Files.createTempFile(folder, "secret", null), content).toString();
    }
}
