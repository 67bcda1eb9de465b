package io.ponix.cli;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import picocli.CommandLine;

/** The jar of a second job, which only tests have: that of {@code jobs/common}'s tests. */
public final class TickingJobJar {

    private TickingJobJar() {}

    /** Puts it together as the build does the product's: what it needs and Flink lacks is in it. */
    public static Path createIn(Path folder) throws IOException, URISyntaxException {
        Path jar = folder.resolve("ticking.jar");
        Path checkout = Path.of(System.getProperty("ponix.root"));
        Path common = checkout.resolve("jobs/common/target");
        Set<String> written = new HashSet<>();
        try (JarOutputStream output = new JarOutputStream(Files.newOutputStream(jar));
                FileSystem picocli =
                        FileSystems.newFileSystem(
                                Path.of(
                                        CommandLine.class
                                                .getProtectionDomain()
                                                .getCodeSource()
                                                .getLocation()
                                                .toURI()))) {
            for (Path root :
                    List.of(
                            common.resolve("test-classes"),
                            common.resolve("classes"),
                            checkout.resolve("environment/target/classes"),
                            picocli.getPath("/"))) {
                write(root, output, written);
            }
        }
        return jar;
    }

    private static void write(Path root, JarOutputStream output, Set<String> written)
            throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = root.relativize(file).toString();
                // Its main class is told by the descriptor.
                if (!name.equals("META-INF/MANIFEST.MF") && written.add(name)) {
                    output.putNextEntry(new ZipEntry(name));
                    Files.copy(file, output);
                }
            }
        }
    }
}
