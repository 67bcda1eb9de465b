package io.ponix.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.embedded.install.ProjectFiles;
import io.ponix.embedded.process.JavaProgram;
import io.ponix.embedded.process.Ports;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The runnable jar as a process: what it prints, and how it ends. */
@ExtendWith(BridgeStack.Shared.class)
class BridgeMainITCase {

    private static final int AFTER_SIGTERM = 10;

    @TempDir private Path home;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void helpListsTheSettings() throws Exception {
        Process process = start(Map.of(), "--help");

        assertThat(process.waitFor()).isZero();
        assertThat(output())
                .startsWith("Usage: java -jar ponix-bridge.jar")
                .contains("PONIX_BRIDGE_PORT", "8090", "PONIX_NATS_URL");
    }

    @Test
    void anUnknownArgumentIsNamed() throws Exception {
        Process process = start(Map.of(), "--port");

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(output()).contains("Unknown argument: --port").contains("Usage:");
    }

    @Test
    void aSecretAmongTheArgumentsIsNamedAndNotShown() throws Exception {
        Process process = start(Map.of(), "--nats-token=s3cret");

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(output())
                .contains("Unknown argument: --nats-token=...")
                .contains("set PONIX_NATS_TOKEN, or PONIX_NATS_TOKEN_FILE to a file that holds it")
                .doesNotContain("s3cret");
    }

    @Test
    void whatCannotBeUsedIsNamed() throws Exception {
        Process process = start(Map.of("PONIX_BRIDGE_PORT", "many"));

        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(output()).contains("Cannot start: PONIX_BRIDGE_PORT must be a whole number");
    }

    @Test
    void aServerThatIsAwayIsWaitedForAndSigtermEndsTheWait() throws Exception {
        Process process = start(Map.of("PONIX_NATS_URL", "nats://127.0.0.1:" + Ports.free()));
        atMost(30).until(() -> output().contains("PONIX_NATS_URL"));

        assertThatItEnds(process);
    }

    @Test
    void aPortThatIsTakenIsNamed(BridgeStack stack) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Map<String, String> environment = stack.environment();
            environment.put("PONIX_BRIDGE_PORT", Integer.toString(taken.getLocalPort()));

            Process process = start(environment);

            assertThat(process.waitFor()).isEqualTo(1);
            assertThat(output())
                    .contains("Cannot start: Cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .contains("PONIX_BRIDGE_PORT");
        }
    }

    @Test
    void aKeyThatTheDeviceServiceDoesNotTakeIsNamedAndNotShown(BridgeStack stack) throws Exception {
        Map<String, String> environment = stack.environment();
        environment.put(
                "PONIX_API_KEY_FILE",
                Files.writeString(home.resolve("key"), "ponix_other_" + "s3cret".repeat(8) + "\n")
                        .toString());
        // The stack's own, which is not to be shown.
        environment.remove("PONIX_API_KEY");

        Process process = start(environment);
        atMost(30).until(() -> output().contains("does not tell which gateways there are"));

        assertThat(output())
                .contains("PONIX_API_KEY or PONIX_API_KEY_FILE", "UNAUTHENTICATED")
                .doesNotContain("s3cret");
        assertThatItEnds(process);
    }

    @Test
    void sigtermEndsItWithMessagesInFlightAndNothingIsLost(BridgeStack stack) throws Exception {
        stack.bridge.stop();
        long before = stack.lastSequence(BridgeStack.RAW);
        Gateway gateway = stack.create(stack.ownBroker());
        Process process = start(stack.environment());
        try (Publisher publisher = new Publisher(stack)) {
            atMost(30).until(() -> output().contains("subscribed to"));
            publisher.publishOn();
            publisher.awaitMore(500);

            assertThatItEnds(process);

            long stored = stack.lastSequence(BridgeStack.RAW);
            process = start(stack.environment());
            atMost(30).until(() -> stack.lastSequence(BridgeStack.RAW) > stored + 500);
            publisher.end();
            atMost(30).untilAsserted(publisher::assertThatNothingIsLost);
            // Nothing was in doubt: what was stored was acknowledged before the end.
            assertThat(stack.lastSequence(BridgeStack.RAW))
                    .isEqualTo(before + publisher.acknowledged().size());
        }
        assertThatItEnds(process);
        assertThat(stack.get(gateway).getStatusReason()).isEmpty();
    }

    @Test
    void sigtermEndsItWhileNatsIsAwayAndABrokerNeverAnswers(BridgeStack stack) throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            stack.bridge.stop();
            stack.create(stack.ownBroker());
            stack.create(
                    EMQXGatewayConfig.newBuilder()
                            .setBrokerUrl("mqtt://127.0.0.1:" + mute.getLocalPort()));
            for (boolean killed : new boolean[] {false, true}) {
                Process process = start(stack.environment());
                try (Publisher publisher = new Publisher(stack)) {
                    atMost(30).until(() -> output().contains("subscribed to"));
                    if (killed) {
                        stack.nats.kill();
                    } else {
                        stack.nats.freeze();
                    }
                    publisher.publish(500);
                    atMost(30).until(() -> output().contains("Not stored yet"));

                    assertThatItEnds(process);

                    if (killed) {
                        stack.nats.start();
                    } else {
                        stack.nats.resume();
                    }
                    process = start(stack.environment());
                    atMost(60).untilAsserted(publisher::assertThatNothingIsLost);
                }
                assertThatItEnds(process);
            }
        }
    }

    private static void assertThatItEnds(Process process) throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(AFTER_SIGTERM, TimeUnit.SECONDS))
                .as("ended within " + AFTER_SIGTERM + " s")
                .isTrue();
        assertThat(process.exitValue()).isZero();
    }

    private Process start(Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.addAll(
                List.of(JavaProgram.path(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-jar"));
        command.add(
                ProjectFiles.require("bridge/target/ponix-bridge.jar", "build it with mvn package")
                        .toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(home.resolve("output").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PONIX_"));
        Map<String, String> complete = new HashMap<>(environment);
        complete.putIfAbsent("PONIX_BRIDGE_PORT", "0");
        builder.environment().putAll(complete);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private String output() throws IOException {
        return Files.readString(home.resolve("output"));
    }

    private static ConditionFactory atMost(int seconds) {
        return await().atMost(Duration.ofSeconds(seconds)).pollInterval(Duration.ofMillis(50));
    }
}
