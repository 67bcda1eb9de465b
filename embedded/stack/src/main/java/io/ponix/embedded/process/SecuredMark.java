package io.ponix.embedded.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether a process that was started speaks TLS: who looks at it later need not have the variables
 * of who started it.
 */
public final class SecuredMark {

    private final Path file;

    /**
     * @param home of the process
     * @param name of the process
     */
    public SecuredMark(Path home, String name) {
        file = home.resolve("run").resolve(name + ".tls");
    }

    /** Remembers it of the process that is being started. */
    public void set(boolean isSecured) throws IOException {
        if (isSecured) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, "");
        } else {
            Files.deleteIfExists(file);
        }
    }

    /** Whether the process that was started last speaks TLS. */
    public boolean isSet() {
        return Files.exists(file);
    }
}
