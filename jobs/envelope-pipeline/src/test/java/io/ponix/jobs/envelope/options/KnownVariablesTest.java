package io.ponix.jobs.envelope.options;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.deviceservice.DeviceServiceSettings;
import io.ponix.environment.FormerVariable;
import io.ponix.environment.UnreadVariables;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds the list of variables that the programs share to what they read: the job's options and the
 * service's settings are asked, the others are read where their sources name them.
 */
class KnownVariablesTest {

    private static final Path ROOT = Path.of(System.getProperty("ponix.root"));
    private static final Path LIST =
            Path.of("environment/src/main/resources/io/ponix/environment/variables.txt");

    /** A literal that is a name, or the default of an option. */
    private static final Pattern IN_SOURCE =
            Pattern.compile("\"(PONIX_[A-Z0-9_]*[A-Z0-9])\"|\\$\\{env:(PONIX_[A-Z0-9_]*[A-Z0-9])");

    @Test
    void theListIsWhatTheProgramsRead() throws IOException {
        Set<String> read = new TreeSet<>(PipelineOptions.variables());
        read.addAll(DeviceServiceSettings.variables());
        for (Path source : sources()) {
            Matcher names = IN_SOURCE.matcher(Files.readString(source));
            while (names.find()) {
                read.add(names.group(1) != null ? names.group(1) : names.group(2));
            }
        }

        assertThat(read).contains("PONIX_NATS_URL", "PONIX_HOME", "PONIX_GRPC_PORT");
        assertThat(Files.readAllLines(ROOT.resolve(LIST)))
                .as("the lines of %s, which are all of these:%n%s", LIST, String.join("\n", read))
                .containsExactlyElementsOf(read);
        assertThat(UnreadVariables.known()).containsExactlyInAnyOrderElementsOf(read);
    }

    @Test
    void theReadmeSaysWhatBecameOfTheVariablesOfTheSystemBefore() throws IOException {
        List<String> lines = Files.readAllLines(ROOT.resolve("README.md"));

        assertThat(Arrays.stream(FormerVariable.values()))
                .allSatisfy(
                        former ->
                                assertThat(lines)
                                        .contains("| " + former + " | " + former.reason() + " |"));
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        Files.walkFileTree(
                ROOT,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(
                            Path folder, BasicFileAttributes attributes) {
                        boolean other =
                                Stream.of("target", "node_modules", ".git", ".ponix", "test")
                                        .anyMatch(folder::endsWith);
                        return other ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                        if (file.toString().endsWith(".java")) {
                            sources.add(file);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
        return sources;
    }
}
