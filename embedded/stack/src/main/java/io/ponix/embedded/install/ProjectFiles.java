package io.ponix.embedded.install;

import io.ponix.embedded.process.EmbeddedProcessException;
import java.nio.file.Files;
import java.nio.file.Path;

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
}
