package io.ponix.embedded.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.embedded.install.ProjectFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassArchiveITCase {

    private static final String FROM_ARCHIVE = "source: shared objects file (top)";

    @TempDir private Path folder;
    private Path libraries;
    private Path archives;

    @BeforeEach
    void folders() throws IOException {
        libraries = ProjectFiles.require("embedded/flink-distribution/target/flink/lib", "build");
        archives = folder.resolve("archives");
    }

    @Test
    void whatTheFirstRunWroteTheNextOnesMap() throws Exception {
        ClassArchive archive = archive("first");
        assertThat(archive.optionsForOthers()).isEmpty();
        assertThat(flinkVersion(archive.options())).doesNotContain(FROM_ARCHIVE);
        archive.keep();

        ClassArchive next = archive("next");
        assertThat(flinkVersion(next.options())).contains(FROM_ARCHIVE);
        next.keep();
        assertThat(flinkVersion(next.optionsForOthers())).contains(FROM_ARCHIVE);
        assertThat(files(archives)).hasSize(1);
        assertThat(files(folder)).as("what the runs wrote").containsExactly(archives);
    }

    @Test
    void anArchiveTakesThePlaceOfThatOfOtherJars() throws Exception {
        Files.createDirectory(archives);
        Path old = Files.createFile(archives.resolve("client-0123456789abcdef.jsa"));
        Path ofAnother = Files.createFile(archives.resolve("client-stop-0123456789abcdef.jsa"));
        ClassArchive archive = archive("run");
        flinkVersion(archive.options());
        archive.keep();
        assertThat(old).doesNotExist();
        assertThat(files(archives)).hasSize(2).contains(ofAnother);
    }

    @Test
    void halfAnArchiveAndNoneAreNotKept() throws Exception {
        ClassArchive archive = archive("run");
        String option = archive.options().get(0);
        archive.keep();

        archive.options();
        // The JVM writes the header last.
        Files.write(Path.of(option.substring(option.indexOf('=') + 1)), new byte[100_000]);
        archive.keep();

        assertThat(archives).doesNotExist();
        assertThat(archive.options().get(0)).isEqualTo(option);
    }

    @Test
    void otherJarsHaveAnotherArchive() throws Exception {
        libraries = Files.createDirectory(folder.resolve("lib"));
        Path jar = Files.writeString(libraries.resolve("a.jar"), "1");
        Files.setLastModifiedTime(jar, FileTime.fromMillis(1_000));
        List<String> before = archive("run").options();
        assertThat(archive("run").options()).isEqualTo(before);

        Files.setLastModifiedTime(jar, FileTime.fromMillis(2_000));
        assertThat(archive("run").options()).isNotEqualTo(before);
        Files.setLastModifiedTime(jar, FileTime.fromMillis(1_000));
        Files.writeString(libraries.resolve("b.jar"), "1");
        assertThat(archive("run").options()).isNotEqualTo(before);
    }

    private ClassArchive archive(String run) throws IOException {
        return new ClassArchive(
                files(libraries).stream().sorted().toList(),
                archives,
                folder.resolve(run),
                "client");
    }

    private String flinkVersion(List<String> options) {
        List<String> command = new ArrayList<>(List.of(JavaProgram.path()));
        command.addAll(options);
        command.addAll(List.of("-Xlog:class+load", "-cp", libraries + "/*"));
        command.addAll(List.of("org.apache.flink.client.cli.CliFrontend", "--version"));
        CommandRunner.Result result = CommandRunner.run(folder, command);
        assertThat(result.output()).contains("org.apache.flink.client.cli.CliFrontend source:");
        return result.output();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
