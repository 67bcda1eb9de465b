package io.ponix.embedded.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.embedded.nats.EmbeddedNats;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a process when the JVM that started it is gone. */
class ProcessLifetimeITCase {

    @TempDir Path home;

    @Test
    void anAttachedProcessDiesWithItsJvmEvenWhenThatIsKilled() throws Exception {
        Process starter = startNatsInAnotherJvm("attached");
        EmbeddedNats nats = EmbeddedNats.builder().home(home).build();
        assertThat(nats.isRunning()).isTrue();

        starter.destroyForcibly().waitFor();

        await().atMost(Duration.ofSeconds(10)).until(() -> !nats.isRunning());
        // The pid file it leaves behind is in nobody's way.
        assertThat(home.resolve("run/nats.pid")).exists();
        try (nats) {
            nats.start();
            assertThat(nats.isHealthy()).isTrue();
        }
    }

    @Test
    void aDetachedProcessOutlivesItsJvmAndIsStoppedByAnother() throws Exception {
        Process starter = startNatsInAnotherJvm("detached");
        starter.destroyForcibly().waitFor();

        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            assertThat(nats.isHealthy()).isTrue();
            nats.stop();
            assertThat(nats.isRunning()).isFalse();
            assertThat(home.resolve("run/nats.pid")).doesNotExist();
        }
    }

    @Test
    void aRecycledPidIsNotMistakenForOurs() throws Exception {
        Process other = new ProcessBuilder("sleep", "60").start();
        try (EmbeddedNats nats = EmbeddedNats.builder().home(home).build()) {
            nats.start();
            Path pidFile = home.resolve("run/nats.pid");
            List<String> lines = Files.readAllLines(pidFile);
            nats.kill();
            // The same pid file, had the system given the killed server's pid to another program.
            Files.writeString(
                    pidFile,
                    other.pid() + "\n" + String.join("\n", lines.subList(1, lines.size())) + "\n");

            assertThat(nats.isRunning()).isFalse();
            assertThat(nats.pid()).isEmpty();
            nats.stop();
            assertThat(other.isAlive()).isTrue();

            nats.start();
            assertThat(nats.isHealthy()).isTrue();
        } finally {
            other.destroyForcibly();
        }
    }

    private Process startNatsInAnotherJvm(String mode) throws Exception {
        Process starter =
                new ProcessBuilder(
                                JavaProgram.path(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                NatsStarter.class.getName(),
                                home.toString(),
                                mode)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(starter.getInputStream(), StandardCharsets.UTF_8));
        assertThat(output.readLine()).isEqualTo("started");
        return starter;
    }

    /** Starts NATS, says so, and waits to be killed. */
    static final class NatsStarter {
        private NatsStarter() {}

        public static void main(String[] arguments) throws InterruptedException {
            EmbeddedNats.builder()
                    .home(Path.of(arguments[0]))
                    .detached(arguments[1].equals("detached"))
                    .build()
                    .start();
            System.out.println("started");
            Thread.currentThread().join();
        }
    }
}
