package io.ponix.embedded.install;

import java.nio.file.Path;

/** Where what was downloaded or unpacked once is kept for every later start. */
public final class CacheDirectory {

    private CacheDirectory() {}

    /**
     * The directory named by the environment variable {@code PONIX_CACHE_DIR}; else {@code
     * .ponix/cache} below the system property {@code ponix.root}; else {@code .cache/ponix} in the
     * user's home.
     */
    public static Path resolve() {
        String configured = System.getenv("PONIX_CACHE_DIR");
        if (configured != null && !configured.isBlank()) {
            return Path.of(configured).toAbsolutePath();
        }
        String root = System.getProperty("ponix.root");
        if (root != null) {
            return Path.of(root, ".ponix", "cache").toAbsolutePath();
        }
        return Path.of(System.getProperty("user.home"), ".cache", "ponix").toAbsolutePath();
    }
}
