package io.ponix.embedded.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process of the stack: started, stopped, killed, frozen and restarted on its own.
 *
 * <p>Below the {@linkplain EmbeddedProcessBuilder#home home folder} it keeps its data (which
 * survives every way to end it), its log in {@code logs/<name>.log} and, in {@code run/<name>.pid},
 * what another JVM needs to attach: an instance with the same home and name, in whatever JVM,
 * speaks of the same process. A process counts as ours only if pid, start time and boot agree with
 * the pid file, so a recycled pid is never touched and a file left by kill -9 means nothing.
 *
 * <p>By default a process is <em>attached</em>: it dies with the JVM that started it, even when
 * that is killed with -9. A {@linkplain EmbeddedProcessBuilder#detached detached} one outlives the
 * JVM. Both run in a session of their own, so that Ctrl-C at the terminal does not reach them.
 *
 * <p>Methods may be called from any thread; start and stop exclude each other, also between JVMs.
 * Failures are {@link EmbeddedProcessException}s with a message for a person.
 */
public abstract class EmbeddedProcess implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedProcess.class);

    private static final long POLL_MILLIS = 20;
    private static final Duration KILL_TIMEOUT = Duration.ofSeconds(20);

    private final String name;
    private final String title;
    private final Path home;
    private final String portOption;
    private final boolean detached;
    private final Duration startTimeout;
    private final Duration stopTimeout;
    private final Consumer<String> progress;

    private final PidFile pidFile;
    private final PortChoice portChoice;
    private final Path lockFile;

    /** Null where it sees the machine's alone. */
    private volatile SmallDisk disk;

    private volatile CompletableFuture<Void> launched = new CompletableFuture<>();

    protected EmbeddedProcess(EmbeddedProcessBuilder<?> builder) {
        this(builder, builder.name, builder.title, builder.port);
    }

    /** For a builder that builds several processes. */
    protected EmbeddedProcess(
            EmbeddedProcessBuilder<?> builder, String name, String title, int port) {
        this.name = name;
        this.title = title;
        this.home = builder.home;
        this.portOption = builder.portOption;
        this.detached = builder.detached;
        this.disk = builder.disk;
        this.startTimeout = builder.startTimeout;
        this.stopTimeout = builder.stopTimeout;
        this.progress = builder.progress;
        Path run = home.resolve("run");
        this.pidFile = pidFile(home, name);
        this.portChoice = new PortChoice(port, run.resolve(name + ".port"));
        this.lockFile = run.resolve(name + ".lock");
    }

    /** Name of the process, as in its log and pid files: {@code nats}, {@code postgres}, … */
    public final String name() {
        return name;
    }

    /** Name of the process as a person reads it: {@code NATS}, {@code Postgres}, … */
    public final String title() {
        return title;
    }

    /** The folder below which data, logs and pid files are. */
    public final Path home() {
        return home;
    }

    /** The log file; it is appended to by every start. It need not exist yet. */
    public Path logFile() {
        return home.resolve("logs").resolve(name + ".log");
    }

    /**
     * The TCP port on 127.0.0.1: that of the running process, else the given one, else the free one
     * chosen by the last start.
     *
     * @throws IllegalStateException if no port was given and the process has never been started in
     *     this home
     */
    public final int port() {
        Optional<PidFile.Content> running = pidFile.running();
        if (running.isPresent()) {
            return running.get().port();
        }
        int known = portChoice.known();
        if (known == 0) {
            throw new IllegalStateException(
                    title + " has no port yet: it was never started in " + home);
        }
        return known;
    }

    /** The process id, if it runs. */
    public final OptionalLong pid() {
        return pidFile.running()
                .map(content -> OptionalLong.of(content.identity().pid()))
                .orElse(OptionalLong.empty());
    }

    /**
     * Whether the process exists, frozen or not, whoever started it. It says nothing about its
     * being able to serve.
     */
    public final boolean isRunning() {
        return pidFile.running().isPresent();
    }

    /** Whether a process of that name runs, or was not stopped but killed. */
    public static boolean wasLeft(Path home, String name) {
        return pidFile(home, name).read().isPresent();
    }

    private static PidFile pidFile(Path home, String name) {
        return new PidFile(home.resolve("run").resolve(name + ".pid"));
    }

    /**
     * Whether the process exists and answers its protocol now. A frozen process does not; this
     * waits three seconds at most.
     */
    public final boolean isHealthy() {
        return pidFile.running().map(content -> probe(content).isEmpty()).orElse(false);
    }

    /**
     * Why the process does not serve although it exists, in a line; empty where it serves or does
     * not exist. This waits three seconds at most.
     */
    public final Optional<String> problem() {
        return pidFile.running().flatMap(this::probe);
    }

    /**
     * Installs what is missing, starts the process and returns when it serves. Where it runs
     * already, waits until it serves.
     *
     * @throws EmbeddedProcessException if the port is in use, a program cannot be had, or the
     *     process ends or does not serve within the start timeout (it is killed then); the message
     *     says which, and shows the end of the log
     */
    public final void start() {
        FileLock.holding(lockFile, this::startLocked);
    }

    /**
     * Looks whether a start would find its port free, so that a stack can be refused before any of
     * it is started. Where it runs already, or takes a free port, there is nothing to look for.
     *
     * @throws EmbeddedProcessException if the port is in use; the message says by whom
     */
    public void checkPort() {
        if (!isRunning()) {
            portChoice.requireFree(title, portOption);
        }
    }

    private void startLocked() {
        Optional<PidFile.Content> running = pidFile.running();
        if (running.isPresent()) {
            attach(running.get());
            return;
        }
        if (hasPort()) {
            portChoice.startOn(this::startOn);
        } else {
            startOn(0);
        }
    }

    /**
     * Ends the process, as {@link #stop} does, where it runs and does not answer for so long: what
     * hangs is not mended by waiting for it.
     */
    public final void stopIfHanging(Duration longest) {
        long deadline = System.nanoTime() + longest.toNanos();
        Optional<String> problem = problem();
        while (problem.isPresent()) {
            if (System.nanoTime() > deadline) {
                progress(
                        title
                                + " runs but does not answer ("
                                + problem.get()
                                + "): starting it anew");
                stop();
                return;
            }
            sleep();
            problem = problem();
        }
    }

    /**
     * Asks the process to end and waits; kills it when it has not ended within the stop timeout.
     * Does nothing where it does not run. Data stays. A frozen process is resumed, so that it can
     * end.
     */
    public final void stop() {
        FileLock.holding(lockFile, () -> stopLocked(stopSignal()));
    }

    /**
     * As {@link #stop}, by kill -15 whatever the program's own way to be stopped is: Postgres then
     * waits for its clients to leave.
     */
    public final void terminate() {
        FileLock.holding(lockFile, () -> stopLocked("TERM"));
    }

    private void stopLocked(String signal) {
        Optional<PidFile.Content> running = pidFile.running();
        if (running.isPresent()) {
            progress("stopping " + title);
            ProcessIdentity identity = running.get().identity();
            ProcessTree tree = ProcessTree.of(identity);
            ProcessLauncher.signal(signal, identity.pid());
            tree.signal("CONT");
            if (!await(() -> !identity.isAlive(), stopTimeout)) {
                progress(
                        title
                                + " did not stop within "
                                + stopTimeout.toSeconds()
                                + " s: killing it");
                kill(identity);
            }
            afterStop();
        }
        pidFile.delete();
    }

    /**
     * Ends the process and its children as kill -9 does: nothing is flushed, nothing is cleaned up.
     * Returns when they are gone. Does nothing where it does not run.
     */
    public final void kill() {
        pidFile.running().ifPresent(content -> kill(content.identity()));
    }

    /**
     * Stops the process and its children from executing (SIGSTOP), as a machine that hangs:
     * connections stay open, nothing answers.
     *
     * @throws EmbeddedProcessException if it does not run
     */
    public final void freeze() {
        ProcessTree.of(runningIdentity()).freeze();
    }

    /**
     * Lets a {@linkplain #freeze frozen} process go on.
     *
     * @throws EmbeddedProcessException if it does not run
     */
    public final void resume() {
        ProcessTree.of(runningIdentity()).signal("CONT");
    }

    /** The same as {@link #stop}. */
    @Override
    public final void close() {
        stop();
    }

    @Override
    public final String toString() {
        return title + " in " + home;
    }

    /**
     * Installs and configures what the process needs and says how to execute it, on the given port.
     */
    protected abstract ProcessSpecification prepare(int port) throws IOException;

    /**
     * Asks the process, by its own protocol, whether it serves. It is known to run and to listen on
     * the port. Must return within three seconds.
     *
     * @throws IOException if it does not (yet); the message is shown when the start times out
     */
    protected abstract void checkServing(long pid, int port) throws IOException;

    /**
     * Whether the process has a port of its own that clients are told; if not, it is started with
     * port 0.
     */
    protected boolean hasPort() {
        return true;
    }

    /**
     * Completed by the next launch, when the process exists, has its port and what its start writes
     * is written; it need not serve yet. Left incomplete where it runs already.
     */
    public final CompletableFuture<Void> whenLaunched() {
        launched = new CompletableFuture<>();
        return launched;
    }

    /** Where standard output and error go: the log, unless the program writes that by itself. */
    protected Path outputFile() {
        return logFile();
    }

    /** From the next start on the process sees this disk; null: the machine's alone. */
    final void runOn(SmallDisk smallDiskOrNull) {
        disk = smallDiskOrNull;
    }

    /** Whether the process sees another disk than everybody else does. */
    protected final boolean isOnSmallDisk() {
        return disk != null;
    }

    /** A file of the process as it sees it. */
    protected final Path seen(Path file) {
        SmallDisk own = disk;
        return own == null ? file : own.seenFromHere(file);
    }

    /**
     * The folder whose files are what the process keeps across restarts, where it has one of its
     * own.
     *
     * @throws UnsupportedOperationException if it has none
     */
    protected Path dataFolder() {
        throw new UnsupportedOperationException(title + " has no data of its own");
    }

    /**
     * Writes a configuration that may hold secrets: nobody but the file's owner reads it.
     *
     * @param file it is made anew
     */
    protected static final void writeForTheOwner(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, text);
    }

    /** The program has ended, because it was asked to or, when it took too long, by a kill. */
    protected void afterStop() {}

    /** The signal that asks the program to end. */
    protected String stopSignal() {
        return "TERM";
    }

    protected final void progress(String message) {
        LOG.debug("{}", message);
        progress.accept(message);
    }

    protected final void forwardProgress(String message) {
        progress.accept(message);
    }

    private void attach(PidFile.Content running) {
        if (!portChoice.allows(running.port())) {
            throw new EmbeddedProcessException(
                    title
                            + " already runs on port "
                            + running.port()
                            + " (pid "
                            + running.identity().pid()
                            + ", "
                            + home
                            + "): stop it before you start it on port "
                            + portChoice.known());
        }
        portChoice.hold(running.port());
        awaitServing(running, LogTails.since(logFile(), outputFile()), false);
    }

    private void startOn(int candidate) {
        if (candidate != 0 && !Ports.isFree(candidate)) {
            throw new PortChoice.PortTakenException(portTaken(candidate));
        }
        pidFile.delete();
        LogTails tails;
        Process process;
        try {
            Files.createDirectories(pidFile.path().getParent());
            Files.createDirectories(logFile().getParent());
            ProcessSpecification spec = prepare(candidate);
            SmallDisk own = disk;
            if (own != null) {
                spec = own.on(spec);
            }
            progress("starting " + title + (candidate == 0 ? "" : " on port " + candidate));
            tails = LogTails.since(logFile(), outputFile());
            process =
                    ProcessLauncher.launch(spec, pidFile.path(), candidate, outputFile(), detached);
        } catch (IOException e) {
            throw new EmbeddedProcessException("Cannot start " + title + ": " + e.getMessage(), e);
        }
        // The script writes the pid file, then becomes the program.
        await(() -> pidFile.running().isPresent() || !process.isAlive(), startTimeout);
        PidFile.Content content = pidFile.read().orElseThrow(() -> ended(tails, candidate));
        launched.complete(null);
        awaitServing(content, tails, true);
    }

    private void awaitServing(PidFile.Content content, LogTails tails, boolean startedHere) {
        long deadline = System.nanoTime() + startTimeout.toNanos();
        boolean served = false;
        try {
            while (!served) {
                if (!content.identity().isAlive()) {
                    throw ended(tails, content.port());
                }
                Optional<String> problem = probe(content);
                served = problem.isEmpty();
                if (!served) {
                    if (System.nanoTime() > deadline) {
                        throw new EmbeddedProcessException(
                                title
                                        + " does not serve after "
                                        + startTimeout.toSeconds()
                                        + " s: "
                                        + problem.get()
                                        + tails);
                    }
                    sleep();
                }
            }
        } finally {
            if (!served && startedHere) {
                kill(content.identity());
                pidFile.delete();
            }
        }
    }

    private Optional<String> probe(PidFile.Content content) {
        long pid = content.identity().pid();
        try {
            // Someone else's server on the same port would answer the protocol too.
            if (content.port() != 0 && !Ports.isListening(pid, content.port())) {
                return Optional.of("it does not listen on port " + content.port());
            }
            checkServing(pid, content.port());
            return Optional.empty();
        } catch (IOException | UncheckedIOException e) {
            return Optional.of(Objects.toString(e.getMessage(), e.getClass().getSimpleName()));
        }
    }

    private RuntimeException ended(LogTails tails, int usedPort) {
        if (usedPort != 0 && !Ports.isFree(usedPort)) {
            return new PortChoice.PortTakenException(portTaken(usedPort));
        }
        return new EmbeddedProcessException(title + " ended while it was starting" + tails);
    }

    private String portTaken(int usedPort) {
        return Ports.taken(usedPort, title, portOption);
    }

    private ProcessIdentity runningIdentity() {
        return pidFile.running()
                .orElseThrow(() -> new EmbeddedProcessException(title + " does not run in " + home))
                .identity();
    }

    private void kill(ProcessIdentity identity) {
        ProcessTree tree = ProcessTree.of(identity);
        tree.signal("KILL");
        // The children too: what is left of a killed Postgres holds its shared memory, and the next
        // one would refuse to start.
        if (!await(() -> !identity.isAlive() && !tree.isAlive(), KILL_TIMEOUT)) {
            throw new EmbeddedProcessException(
                    title
                            + " (pid "
                            + identity.pid()
                            + ") is still there "
                            + KILL_TIMEOUT.toSeconds()
                            + " s after kill -9");
        }
    }

    private static boolean await(BooleanSupplier condition, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            sleep();
        }
        return true;
    }

    private static void sleep() {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedProcessException("Interrupted while waiting for a process", e);
        }
    }
}
