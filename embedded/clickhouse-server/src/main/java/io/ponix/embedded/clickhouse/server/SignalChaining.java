package io.ponix.embedded.clickhouse.server;

import com.sun.jna.LastErrorException;
import com.sun.jna.StringArray;
import io.ponix.embedded.clickhouse.server.engine.LibC;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Keeps libchdb from taking the JVM's signal handlers. Both install handlers for SIGSEGV and the
 * like; a JVM that loses its own dies at the next null check. The JDK's libjsig.so, preloaded, puts
 * the library's handlers behind the JVM's.
 */
final class SignalChaining {

    static final String PRELOAD = "LD_PRELOAD";

    /** Set for the program that this one becomes, so that it does not try for ever. */
    private static final String ALREADY_TRIED = "PONIX_CLICKHOUSE_REEXECUTED";

    private SignalChaining() {}

    /** The JDK's library for signal chaining. */
    static Path library() {
        return Path.of(System.getProperty("java.home"), "lib", "libjsig.so");
    }

    /**
     * Returns where libjsig.so is preloaded; else starts this program again with it, in the same
     * process: its number, its working directory and its open files stay.
     */
    static void ensure() throws IOException {
        if (Files.readString(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)
                .contains("/libjsig.so")) {
            return;
        }
        if (System.getenv(ALREADY_TRIED) != null || !Files.exists(library())) {
            throw new IOException(
                    "The ClickHouse engine needs the JDK's libjsig.so preloaded: start with"
                            + " LD_PRELOAD="
                            + library());
        }
        Map<String, String> environment = new TreeMap<>(System.getenv());
        environment.merge(PRELOAD, library().toString(), (present, added) -> added + ":" + present);
        environment.put(ALREADY_TRIED, "1");
        String[] variables =
                environment.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .toArray(String[]::new);
        String[] arguments = Files.readString(Path.of("/proc/self/cmdline")).split("\0", -1);
        // The last argument ends with a zero too.
        String[] whole = Arrays.copyOf(arguments, arguments.length - 1);
        String program = Files.readSymbolicLink(Path.of("/proc/self/exe")).toString();
        try {
            LibC.INSTANCE.execve(program, new StringArray(whole), new StringArray(variables));
        } catch (LastErrorException e) {
            throw new IOException(
                    "Cannot start again with LD_PRELOAD=" + library() + ": " + e.getMessage(), e);
        }
    }
}
