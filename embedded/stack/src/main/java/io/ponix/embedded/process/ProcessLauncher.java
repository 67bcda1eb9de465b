package io.ponix.embedded.process;

import io.ponix.environment.SecretFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Starts a program in a session of its own, so that Ctrl-C at the terminal does not reach it, with
 * its pid file written before the program runs.
 *
 * <p>An attached program dies with this JVM, however that ends: a watching shell beside the program
 * reads a pipe whose other end only this JVM holds (Java closes inherited descriptors in every
 * child it starts), and kills the program at end of file. The parent-death signal of prctl(2) would
 * not do: it fires when the <em>thread</em> that started the child ends.
 */
final class ProcessLauncher {

    // $$ stays the program's pid: setsid and exec replace the process. The watcher is forked twice,
    // so that the program does not find itself with a child it never started (Postgres logs those).
    // It compares the start time before it kills, as the end of file also comes when the program
    // ended by itself and the JVM closed the pipe.
    private static final String SCRIPT =
            """
            set -eu
            pid_file=$1; port=$2; mode=$3; shift 3
            started() { sed 's/.*) //' "/proc/$$/stat" 2>/dev/null | cut -d' ' -f20; }
            start=$(started)
            boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown)
            printf '%s\\n' "$$" "$start" "$boot" "$port" > "$pid_file.$$"
            mv -f "$pid_file.$$" "$pid_file"
            if [ "$mode" = attached ]; then
              exec 3<&0 </dev/null
              ( ( trap '' HUP INT TERM
                  read -r _ <&3 || :
                  if [ "$(started)" = "$start" ]; then kill -KILL $$; fi ) >/dev/null 2>&1 & )
              exec "$@" 3<&-
            fi
            exec "$@"
            """;

    private ProcessLauncher() {}

    /**
     * Starts a program.
     *
     * @param spec the program
     * @param pidFile where to write the pid file
     * @param port the port to note in the pid file
     * @param output where standard output and error are appended
     * @param detached whether the program survives this JVM
     */
    static Process launch(
            ProcessSpecification spec, Path pidFile, int port, Path output, boolean detached)
            throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "setsid",
                                "sh",
                                "-c",
                                SCRIPT,
                                "ponix-launch",
                                pidFile.toString(),
                                Integer.toString(port),
                                detached ? "detached" : "attached"));
        command.addAll(spec.command());
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(spec.workingDirectory().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                        .redirectInput(
                                detached
                                        ? ProcessBuilder.Redirect.from(new File("/dev/null"))
                                        : ProcessBuilder.Redirect.PIPE);
        SecretFiles.addToChild(builder.environment(), spec.environment());
        return builder.start();
    }

    /**
     * Sends a signal (by its name without SIG) to a process; true if it was there to receive it.
     */
    static boolean signal(String signal, long pid) {
        return run("kill", "-s", signal, Long.toString(pid)) == 0;
    }

    private static int run(String... command) {
        try {
            return new ProcessBuilder("sh", "-c", "exec 2>/dev/null; " + String.join(" ", command))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new EmbeddedProcessException(
                    "Cannot run " + command[0] + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedProcessException("Interrupted while sending a signal", e);
        }
    }
}
