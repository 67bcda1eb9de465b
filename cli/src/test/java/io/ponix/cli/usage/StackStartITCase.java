package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.ponix.cli.PonixProcess;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a person is told by {@code up}, and has once it has ended. */
@ExtendWith(RunningStack.Shared.class)
class StackStartITCase {

    private static final Duration SOON = RunningStack.SOON;

    @TempDir private Path home;

    private final RunningStack stack;

    StackStartITCase(RunningStack stack) {
        this.stack = stack;
    }

    @Test
    void aPortInUseIsNamedAndWhatHadStartedIsStopped() throws Exception {
        Path folder = home.resolve("another");
        PonixProcess another = new PonixProcess(folder);
        try (ServerSocket taken = new ServerSocket(0)) {
            PonixProcess.Outcome outcome =
                    another.run(PonixProcess.upOnFreePorts("--nats-port=" + taken.getLocalPort()));
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.errors())
                    .contains("Port " + taken.getLocalPort() + " for NATS is in use")
                    .contains("--nats-port")
                    .doesNotContain("\tat ");
        } finally {
            another.run("down", "--delete-data");
        }
        assertThat(folder).doesNotExist();
        assertThat(another.run("status").errors()).contains("./ponix up");
    }

    @Test
    void aNormalStartLeavesNoStackTraceInAnyLog() {
        assertThat(stack.logsOfTheStart())
                .containsKeys("flink-client.log", "jobmanager.log", "taskmanager-1.log");
        assertThat(stack.logsOfTheStart())
                .allSatisfy((name, log) -> assertThat(log).as(name).doesNotContain("\n\tat "));
    }

    @Test
    void rightAfterTheStartStatusFindsEverythingWell() {
        assertThat(stack.statusAfterTheStart().status())
                .as("%s", stack.statusAfterTheStart())
                .isZero();
        assertThat(stack.statusAfterTheStart().output())
                .containsPattern("job +RUNNING")
                .containsPattern("lag +\\d+ envelopes");
    }

    @Test
    void anUplinkIsPostedWithTheKeyThatUpKeepsForItsOwnerAlone() throws Exception {
        Path file = stack.home().resolve("gateway-key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String header = Files.readString(file);
        assertThat(header).matches("X-API-Key: ponix_[A-Za-z0-9_-]{43}\n");
        try (NetworkServer server = new NetworkServer(stack)) {
            assertThat(stack.statusAfterTheStart().output()).contains(server.uplinks().toString());
            String id =
                    server.call(
                                    new HowTo.Call(
                                            "{\"organization_id\": \"org-001\", \"name\": \"curl\","
                                                    + " \"payload_conversion\":"
                                                    + " \"json_decode(input)\"}",
                                            "ponix.end_device.v1.EndDeviceService/CreateEndDevice"))
                            .at("/endDevice/deviceId")
                            .textValue();
            assertThat(
                            server.post(
                                            server.uplinks(),
                                            header,
                                            "{\"end_device_id\": \""
                                                    + id
                                                    + "\", \"payload\":"
                                                    + " \"eyJjZWxzaXVzIjogMjEuNX0=\"}")
                                    .statusCode())
                    .isEqualTo(202);
            await().atMost(SOON)
                    .untilAsserted(
                            () ->
                                    assertThat(server.rows(id))
                                            .containsExactly(
                                                    NetworkServer.json("{\"celsius\": 21.5}")));
        }
        stack.run("up");
        assertThat(Files.readString(file)).as("it stays").isEqualTo(header);
        Files.delete(file);
        stack.run("up");
        assertThat(Files.readString(file)).as("another in its place").isNotEqualTo(header);
    }
}
