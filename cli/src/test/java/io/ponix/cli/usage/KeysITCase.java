package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.ponix.cli.PonixProcess;
import io.ponix.client.deviceservice.ApiKey;
import io.ponix.client.deviceservice.DeviceServiceAddress;
import io.ponix.client.deviceservice.DeviceServiceChannel;
import io.ponix.embedded.network.SelfSignedCertificate;
import io.ponix.proto.end_device.v1.EndDeviceServiceGrpc;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code key}, on a stack whose device service asks for keys. */
@ExtendWith(RunningStack.Shared.class)
class KeysITCase {

    private final RunningStack stack;

    KeysITCase(RunningStack stack) {
        this.stack = stack;
    }

    @Test
    void aKeyIsMadeUsedListedAndRevoked() throws Exception {
        PonixProcess.Outcome made =
                stack.run(
                        "key",
                        "create",
                        "--role=viewer",
                        "--organization=org-001",
                        "--name=dashboard of the hall",
                        "--days=30");
        String key = made.output().strip();
        assertThat(key).matches("ponix_[0-9a-v]{20}_[0-9A-Za-z_-]{43}");
        assertThat(made.errors()).contains("viewer, organization org-001").doesNotContain(key);
        assertThat(listDevices(Optional.of(key))).isEqualTo(Status.Code.OK);
        assertThat(listDevices(Optional.empty())).isEqualTo(Status.Code.UNAUTHENTICATED);

        String id = key.split("_")[1];
        assertThat(stack.run("key", "list").output())
                .contains("first operator", "first intake")
                .containsPattern(id + " +dashboard of the hall +viewer +org-001 .* valid until ");
        assertThat(stack.run("key", "revoke", id).output()).contains("Revoked the key " + id);
        await().atMost(Duration.ofSeconds(5))
                .until(() -> listDevices(Optional.of(key)) == Status.Code.UNAUTHENTICATED);
        assertThat(stack.run("key", "list").output()).containsPattern(id + " .* revoked ");
    }

    private Status.Code listDevices(Optional<String> key) {
        ManagedChannel channel =
                DeviceServiceChannel.open(
                        DeviceServiceAddress.parse(stack.addresses().grpcAddress(), stack.trust()),
                        key.flatMap(text -> ApiKey.fromEnvironment(Map.of("PONIX_API_KEY", text))));
        try {
            EndDeviceServiceGrpc.newBlockingStub(channel)
                    .listEndDevices(
                            ListEndDevicesRequest.newBuilder()
                                    .setOrganizationId("org-001")
                                    .build());
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void whatIsRefusedSaysWhatToDo() throws Exception {
        assertThat(stack.ponix().run("key", "create", "--first", "--name=me"))
                .satisfies(
                        outcome -> {
                            assertThat(outcome.status()).isEqualTo(1);
                            assertThat(outcome.output()).isEmpty();
                            assertThat(outcome.errors()).contains("There is a key already");
                        });
        assertThat(stack.ponix().with("PONIX_API_KEY", "ponix_other_s3cret").run("key", "list"))
                .satisfies(
                        outcome -> {
                            assertThat(outcome.status()).isEqualTo(1);
                            assertThat(outcome.errors())
                                    .contains("PONIX_API_KEY")
                                    .doesNotContain("s3cret");
                        });
        assertThat(stack.ponix().run("key", "revoke", "nosuchkey"))
                .satisfies(
                        outcome -> {
                            assertThat(outcome.status()).isEqualTo(1);
                            assertThat(outcome.errors()).contains("Key not found: nosuchkey");
                        });
    }

    @Test
    void whoDoesNotTrustTheServiceIsToldWhatToSet(@TempDir Path folder) throws Exception {
        String address = stack.addresses().grpcAddress();
        String stranger =
                SelfSignedCertificate.create(folder, "stranger", "ip:127.0.0.1").certificatePem();
        assertThat(
                        stack.ponix()
                                .with("PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE", stranger)
                                .run("key", "list"))
                .satisfies(
                        outcome -> {
                            assertThat(outcome.status()).isEqualTo(1);
                            assertThat(outcome.errors())
                                    .contains("TLS with " + address + " failed")
                                    .contains("unable to find valid certification path")
                                    .contains("PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE");
                        });
        assertThat(
                        stack.ponix()
                                .with("PONIX_DEVICE_SERVICE_TLS_TRUSTSTORE", "")
                                .with(
                                        "PONIX_DEVICE_SERVICE_ADDRESS",
                                        address.substring("https://".length()))
                                .run("key", "list"))
                .satisfies(
                        outcome -> {
                            assertThat(outcome.status()).isEqualTo(1);
                            assertThat(outcome.errors())
                                    .contains("begin PONIX_DEVICE_SERVICE_ADDRESS with https://");
                        });
    }

    @Test
    void theKeysOfTheStackAreItsOwnersAlone() throws Exception {
        for (String name : new String[] {"operator", "bridge", "first-keys"}) {
            Path file = stack.home().resolve("keys").resolve(name);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .as(name)
                    .isEqualTo("rw-------");
        }
    }
}
