package io.ponix.embedded.install;

import io.ponix.embedded.process.ClassArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The Flink that the build put together, as a downloaded one has it: {@code lib} and {@code
 * plugins}.
 *
 * @param path where it is
 */
public record FlinkFolder(Path path) {

    private static final String REMEDY =
            "it is made by the build (mvn package -pl embedded/flink-distribution); ./ponix does that";

    /**
     * Finds it.
     *
     * @throws io.ponix.embedded.process.EmbeddedProcessException where it is not built
     */
    public static FlinkFolder locate() {
        return new FlinkFolder(
                ProjectFiles.require("embedded/flink-distribution/target/flink", REMEDY));
    }

    /** The libraries. */
    public Path lib() {
        return path.resolve("lib");
    }

    /** The plugins, each in a folder of its own. */
    public Path plugins() {
        return path.resolve("plugins");
    }

    /** The libraries as the JVM's option takes them. */
    public String classpath() {
        return lib() + "/*";
    }

    /**
     * The archive of a program's classes, kept beside the distribution.
     *
     * @param program a name for the program
     * @param run a folder that no other process writes to at the same time
     */
    public ClassArchive classArchive(String program, Path run) throws IOException {
        List<Path> jars;
        try (Stream<Path> files = Files.list(lib())) {
            jars = files.sorted().toList();
        }
        return new ClassArchive(jars, path.resolveSibling("class-archives"), run, program);
    }
}
