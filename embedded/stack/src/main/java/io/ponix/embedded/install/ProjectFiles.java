package io.ponix.embedded.install;

import io.ponix.embedded.process.EmbeddedProcessException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Files of the project itself: configuration, and what its build made. */
public final class ProjectFiles {

    private static final String ROOT_PROPERTY = "ponix.root";

    private ProjectFiles() {}

    /**
     * A file or folder below the project's root, which the system property {@code ponix.root}
     * names.
     *
     * @param path relative to the root
     * @param remedy what to do where it is missing
     */
    public static Path require(String path, String remedy) {
        String root = System.getProperty(ROOT_PROPERTY);
        if (root == null) {
            throw new EmbeddedProcessException(
                    "The system property "
                            + ROOT_PROPERTY
                            + " does not say where the project is: start with ./ponix, or with -D"
                            + ROOT_PROPERTY
                            + "=<folder of the script ponix>");
        }
        Path file = Path.of(root).toAbsolutePath().normalize().resolve(path);
        if (!Files.exists(file)) {
            throw new EmbeddedProcessException("There is no " + file + ": " + remedy);
        }
        return file;
    }

    /**
     * A copy of a jar in a stack's home, for a process to run from: a build replaces the jar
     * itself, and the JVM that runs from it could load no further class.
     *
     * @param jar as {@link #require} found it
     * @param home the stack's folder
     */
    public static Path runnableCopy(Path jar, Path home) throws IOException {
        Path folder = Files.createDirectories(home.resolve("programs"));
        Path fresh = Files.createTempFile(folder, jar.getFileName().toString(), ".new");
        Files.copy(jar, fresh, StandardCopyOption.REPLACE_EXISTING);
        Path copy = folder.resolve(jar.getFileName());
        Files.move(fresh, copy, StandardCopyOption.ATOMIC_MOVE);
        return copy;
    }
}
