package io.ponix.cli;

import io.ponix.embedded.process.ClassArchive;
import io.ponix.embedded.process.JavaProgram;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
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
        Path written = Files.createTempDirectory("ponix-class-archive");
        ClassArchive archive = archive(root, written, arguments);
        List<String> options = new ArrayList<>(archive.options());
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
        if (process.exitValue() == 0) {
            archive.keep();
        } else {
            // Of a command that has not come far.
            archive.discard();
        }
        return new Outcome(process.exitValue(), output.join(), errors.join());
    }

    private static List<String> java(Path root, List<String> options, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(JavaProgram.path()));
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(options);
        command.addAll(List.of("-jar", jar(root).toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** An archive of classes is for the jar in the place where it was written. */
    private static Path jar(Path root) throws IOException {
        return root.resolve("cli/target/ponix-cli.jar").toRealPath();
    }

    /** Of each command its own: they have little in common, and the tests run each often. */
    private static ClassArchive archive(Path root, Path written, String... arguments)
            throws IOException {
        String command =
                Arrays.stream(arguments)
                        .limit(2)
                        .takeWhile(argument -> argument.matches("[a-z][a-z-]*"))
                        .collect(Collectors.joining("-"));
        Path jar = jar(root);
        return new ClassArchive(
                List.of(jar), jar.resolveSibling("class-archives"), written, "ponix-" + command);
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
