package io.ponix.embedded.process;

import java.nio.file.Path;

/** The {@code java} that runs this JVM, for processes that are JVMs too. */
public final class JavaProgram {

    private JavaProgram() {}

    /** The path of the program. */
    public static String path() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }
}
