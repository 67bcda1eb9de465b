package io.ponix.jobs.descriptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobDescriptorTest {

    private static final String WHOLE =
            """
            # Ünder test.
            id = two-words
            name = Äußerst, a job
            jar = a-job.jar
            main-class = com.example.Main
            uids = readings, sessions,\\
                   rows
            """;

    private static final JobDescriptor DESCRIPTOR =
            new JobDescriptor(
                    "two-words",
                    "Äußerst, a job",
                    "a-job.jar",
                    "com.example.Main",
                    Set.of("readings", "sessions", "rows"),
                    false);

    @TempDir private Path folder;

    @Test
    void aFileAndAJarSayWhatTheJobIs() throws IOException {
        assertThat(JobDescriptor.ofFile(Files.writeString(folder.resolve("job"), WHOLE)))
                .isEqualTo(DESCRIPTOR);
        assertThat(JobDescriptor.ofJar(jar(JobDescriptor.RESOURCE, WHOLE))).isEqualTo(DESCRIPTOR);
    }

    @Test
    void whatItReadsIsSaidOrNot() throws IOException {
        Path says =
                Files.writeString(
                        folder.resolve("says"), WHOLE + "reads-processed-envelopes = true\n");
        assertThat(JobDescriptor.ofFile(says).readsProcessedEnvelopes()).isTrue();
        Path mumbles =
                Files.writeString(
                        folder.resolve("mumbles"), WHOLE + "reads-processed-envelopes = yes\n");
        assertThatThrownBy(() -> JobDescriptor.ofFile(mumbles))
                .hasMessage(
                        "The job of " + mumbles + ": reads-processed-envelopes cannot be 'yes'");
    }

    @ParameterizedTest
    @CsvSource({
        "id, '', 'id is missing'",
        "id, Two Words, 'id cannot be ''Two Words'''",
        "name, '', 'name is missing'",
        "jar, ../a-job.jar, 'jar cannot be ''../a-job.jar'''",
        "main-class, 'a b', 'main-class cannot be ''a b'''",
        "uids, ', ', 'uids: there has to be at least one'",
    })
    void whatMeansNothingIsNamedWithItsFile(String key, String value, String message)
            throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("job"),
                        WHOLE.replaceAll("(?m)^       ", "")
                                .replaceAll("\\\\\n", "")
                                .replaceAll("(?m)^" + key + " = .*$", key + " = " + value));

        assertThatThrownBy(() -> JobDescriptor.ofFile(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The job of " + file + ": " + message);
    }

    @Test
    void aJarThatIsNoJobsIsNamed() throws IOException {
        Path jar = jar("META-INF/MANIFEST.MF", "");

        assertThatThrownBy(() -> JobDescriptor.ofJar(jar))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(jar + " is no job's jar");
        assertThatThrownBy(() -> JobDescriptor.ofJar(folder.resolve("none.jar")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("none.jar");
    }

    @Test
    void aClassWithoutADescriptorIsNamed() {
        assertThatThrownBy(() -> JobDescriptor.of(JobDescriptorTest.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("main-class " + JobDescriptorTest.class.getName());
    }

    @Test
    void aSavepointIsOfTheJobThatHasMostOfItsOperators() throws IOException {
        assertThat(DESCRIPTOR.isNamedIn(metadata("readings", "sessions", "rows"))).isTrue();
        // Of an earlier version, which had an operator less and one that is gone.
        assertThat(DESCRIPTOR.isNamedIn(metadata("readings", "rows", "gone"))).isTrue();
        assertThat(DESCRIPTOR.isNamedIn(metadata("raw-envelopes", "rows", "dead-letters")))
                .isFalse();
        assertThat(DESCRIPTOR.isNamedIn(metadata("all-readings", "some sessions", "rows")))
                .as("uids are whole words")
                .isFalse();
        assertThat(DESCRIPTOR.isNamedIn(new byte[0])).isFalse();
    }

    /** As Flink writes them, among bytes of any kind. */
    private static byte[] metadata(String... uids) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream output = new DataOutputStream(bytes);
        for (String uid : List.of(uids)) {
            output.writeUTF("name of " + uid);
            output.writeUTF(uid);
            output.writeLong(-1);
        }
        return bytes.toByteArray();
    }

    private Path jar(String entry, String content) throws IOException {
        Path jar = folder.resolve("a.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry(entry));
            zip.write(content.getBytes(StandardCharsets.UTF_8));
        }
        return jar;
    }
}
