package io.ponix.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Runs the packaged command line as a person does: a process with arguments, two outputs and an
 * exit status.
 */
public final class PonixProcess {

    private static final long TIMEOUT_MINUTES = 5;

    // A job of a test ends before code that was optimized for it is worth its compilation.
    private static final String QUICK_TASK_MANAGERS =
            "env.java.opts.taskmanager: -XX:TieredStopAtLevel=1";

    private final Path root;
    private final Map<String, String> environment;

    /**
     * @param home the stack's folder for every command
     */
    public PonixProcess(Path home) {
        this(
                Path.of(System.getProperty("ponix.root")),
                Map.of("PONIX_HOME", home.toString(), "FLINK_PROPERTIES", QUICK_TASK_MANAGERS));
    }

    private PonixProcess(Path root, Map<String, String> environment) {
        this.root = root;
        this.environment = environment;
    }

    /**
     * The command line in a checkout of its own, where nobody else's stacks are: one that is built,
     * and shares all but its {@code .ponix} with this one. Nothing says which stack is meant.
     */
    public static PonixProcess inCheckout(Path folder) throws IOException {
        Path root = Path.of(System.getProperty("ponix.root")).toAbsolutePath();
        try (Stream<Path> entries = Files.list(root)) {
            for (Path entry : entries.toList()) {
                if (!entry.getFileName().toString().startsWith(".")) {
                    Files.createSymbolicLink(folder.resolve(entry.getFileName()), entry);
                }
            }
        }
        Files.createDirectory(folder.resolve(".ponix"));
        String cache = System.getenv("PONIX_CACHE_DIR");
        Files.createSymbolicLink(
                folder.resolve(".ponix/cache"),
                cache == null ? root.resolve(".ponix/cache") : Path.of(cache).toAbsolutePath());
        return new PonixProcess(folder, Map.of("FLINK_PROPERTIES", QUICK_TASK_MANAGERS));
    }

    /** The same with another variable in the environment. */
    public PonixProcess with(String variable, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(variable, value);
        return new PonixProcess(root, more);
    }

    /**
     * How a command ended.
     *
     * @param status its exit status
     * @param output what it printed to standard output
     * @param errors what it printed to standard error
     */
    public record Outcome(int status, String output, String errors) {

        @Override
        public String toString() {
            return "exit status " + status + "\n" + output + "\n" + errors;
        }
    }

    public Outcome run(String... arguments) throws IOException, InterruptedException {
        return run(line -> false, arguments);
    }

    /** {@code up} with a free port for each part whose port {@code arguments} do not say. */
    public static String[] upOnFreePorts(String... arguments) {
        List<String> up = new ArrayList<>(List.of("up"));
        up.addAll(List.of(arguments));
        for (String part :
                List.of(
                        "grpc",
                        "http",
                        "dashboard",
                        "nats",
                        "postgres",
                        "clickhouse",
                        "mqtt",
                        "bridge")) {
            String option = "--" + part + "-port=";
            if (up.stream().noneMatch(argument -> argument.startsWith(option))) {
                up.add(option + 0);
            }
        }
        return up.toArray(String[]::new);
    }

    /** Runs a command and presses Ctrl-C as soon as a line of its standard error says so. */
    public Outcome interruptedAt(String part, String... arguments)
            throws IOException, InterruptedException {
        return run(line -> line.contains(part), arguments);
    }

    private Outcome run(Predicate<String> interruption, String... arguments)
            throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(ClassArchive.options(arguments));
        options.add("-Dponix.root=" + root);
        ProcessBuilder builder = new ProcessBuilder(java(root, options, arguments));
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("PONIX_") && !name.equals("PONIX_CACHE_DIR"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        CompletableFuture<String> errors =
                CompletableFuture.supplyAsync(() -> errors(process, interruption));
        CompletableFuture<String> output =
                CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
        if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(
                    "ponix " + String.join(" ", arguments) + " did not end\n" + errors.join());
        }
        ClassArchive.hasEnded(options);
        return new Outcome(process.exitValue(), output.join(), errors.join());
    }

    private static List<String> java(Path root, List<String> options, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(options);
        // An archive of classes is for the jar in the place where it was written.
        command.addAll(
                List.of("-jar", root.resolve("cli/target/ponix-cli.jar").toRealPath().toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * The classes as the JVM has them in memory, as {@code ./ponix} has them: a command starts in
     * two thirds of the time, and the tests run many. The first {@code up} of this JVM writes them,
     * as it needs most of what all the others do.
     */
    private static final class ClassArchive {

        // Without the archive a command is slower, and says the same.
        private static final List<String> QUIET = List.of("-Xlog:cds=off", "-Xlog:cds+dynamic=off");

        private static final AtomicBoolean BEGUN = new AtomicBoolean();

        /** Of half an archive a JVM dies. */
        private static final AtomicBoolean WHOLE = new AtomicBoolean();

        private static final Path FILE = notThere();
        private static final String WRITING = "-XX:ArchiveClassesAtExit=" + FILE;

        static List<String> options(String... arguments) {
            if (WHOLE.get()) {
                return with("-XX:SharedArchiveFile=" + FILE);
            }
            return arguments[0].equals("up") && BEGUN.compareAndSet(false, true)
                    ? with(WRITING)
                    : List.of();
        }

        private static List<String> with(String option) {
            List<String> options = new ArrayList<>(QUIET);
            options.add(option);
            return options;
        }

        /** One that was interrupted has written nothing: the next {@code up} does. */
        static void hasEnded(List<String> options) {
            if (options.contains(WRITING)) {
                WHOLE.set(Files.exists(FILE));
                BEGUN.set(WHOLE.get());
            }
        }

        private static Path notThere() {
            try {
                Path file = Files.createTempFile("ponix-cli", ".jsa");
                file.toFile().deleteOnExit();
                Files.delete(file);
                return file;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static String errors(Process process, Predicate<String> interruption) {
        StringBuilder errors = new StringBuilder();
        try (BufferedReader reader = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                errors.append(line).append('\n');
                if (interruption.test(line)) {
                    new ProcessBuilder("kill", "-s", "INT", Long.toString(process.pid())).start();
                }
            }
        } catch (IOException e) {
            errors.append("(").append(e).append(")");
        }
        return errors.toString();
    }

    private static String text(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(" + e + ")";
        }
    }
}
