package io.ponix.embedded.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.embedded.process.CommandRunner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunnableJarITCase {

    private static final String FROM_ARCHIVE =
            Program.class.getName() + " source: shared objects file (top)";

    @TempDir private Path folder;

    /** What the jar runs. */
    static final class Program {

        public static void main(String[] arguments) {
            System.out.println("it runs with " + String.join(" ", arguments));
        }
    }

    @Test
    void theFirstRunWritesItsClassesAndThoseInAnyOtherFolderMapThem() throws Exception {
        Path jar = build(1_000);
        RunnableJar first = new RunnableJar(() -> jar, folder.resolve("first"), "program");
        assertThat(run(first)).contains("it runs with x").doesNotContain(FROM_ARCHIVE);
        first.keepClassArchive();

        RunnableJar second = new RunnableJar(() -> jar, folder.resolve("second"), "program");
        assertThat(run(second)).contains("it runs with x").contains(FROM_ARCHIVE);
        second.keepClassArchive();
        assertThat(files(folder.resolve("first"))).isEmpty();
        assertThat(files(folder.resolve("second"))).isEmpty();
    }

    @Test
    void anotherBuildIsAnotherCopyAndThatOfTheOneBeforeIsGone() throws Exception {
        Path jar = build(1_000);
        RunnableJar program = new RunnableJar(() -> jar, folder.resolve("home"), "program");
        assertThat(run(program)).contains("it runs");
        program.keepClassArchive();
        Path before = program.copy();
        assertThat(program.copy()).as("of the same build").isEqualTo(before);

        build(2_000);
        assertThat(run(program)).contains("it runs").doesNotContain(FROM_ARCHIVE);
        assertThat(program.copy()).isNotEqualTo(before).hasSameBinaryContentAs(jar);
        assertThat(before.getParent()).doesNotExist();
    }

    @Test
    void whatARunOfAnotherBuildLeftBehindIsDeletedByTheNext() throws Exception {
        Path jar = build(1_000);
        RunnableJar program = new RunnableJar(() -> jar, folder.resolve("home"), "program");
        run(program);

        // Ended by nobody who would have kept what it wrote.
        build(2_000);
        run(program);
        program.keepClassArchive();
        assertThat(files(folder.resolve("home"))).isEmpty();
    }

    private Path build(long modified) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Program.class.getName());
        Path jar = folder.resolve("program.jar");
        String name = Program.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream output = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            output.putNextEntry(new ZipEntry(name));
            output.write(Program.class.getClassLoader().getResourceAsStream(name).readAllBytes());
        }
        Files.setLastModifiedTime(jar, FileTime.fromMillis(modified));
        return jar;
    }

    private String run(RunnableJar program) throws IOException {
        List<String> command = new ArrayList<>(program.command("-Xlog:class+load"));
        command.add("x");
        CommandRunner.Result result = CommandRunner.run(folder, command);
        assertThat(result.succeeded()).as(result.output()).isTrue();
        return result.output();
    }

    private static List<Path> files(Path home) throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
