package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.ponix.embedded.process.DataOnSmallDisk;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceRequest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service while its Postgres has no room on its disk. */
class FullPostgresDiskITCase {

    private static final int FREE_MEBIBYTES = 64;
    private static final int MOST_DEVICES = 5_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir private Path home;

    private ServiceUnderTest service;
    private DataOnSmallDisk data;
    private String organization;

    @BeforeEach
    void start() throws Exception {
        service = ServiceUnderTest.start(home);
        organization = service.organization("Acme");
        data = new DataOnSmallDisk(service.postgres(), FREE_MEBIBYTES);
        await().atMost(PATIENCE)
                .ignoreExceptionsMatching(FullPostgresDiskITCase::isUnavailable)
                .until(() -> create() != null);
    }

    @AfterEach
    void stop() throws Exception {
        data.close();
        service.close();
    }

    @Test
    void changesAreRefusedWithWhatToDoAndGoOnWhenThereIsRoom() throws Exception {
        data.disk().fill();

        List<String> created = new ArrayList<>();
        assertThatCall(() -> createUntilRefused(created))
                .hasStatus(
                        Code.RESOURCE_EXHAUSTED,
                        "The database's disk is full: make room where Postgres has its data, then call again");
        assertThat(created).allSatisfy(this::find);

        data.disk().makeRoom();

        created.add(create());
        assertThat(created).allSatisfy(this::find);
    }

    /** It ends when there is no room for its log, by a PANIC. */
    @Test
    void aPostgresThatEndsOfItHasEverythingWhenItIsStartedAgain() throws Exception {
        List<String> created = new ArrayList<>(List.of(create(), create()));
        data.disk().fill();

        await().atMost(PATIENCE).until(() -> !writesLog());
        assertThatCall(() -> create()).hasStatus(Code.UNAVAILABLE, "call again later");

        data.disk().makeRoom();
        service.postgres().start();

        await().atMost(PATIENCE)
                .ignoreExceptionsMatching(FullPostgresDiskITCase::isUnavailable)
                .until(() -> created.add(create()));
        assertThat(created).allSatisfy(this::find);
    }

    /** Whether another file of the log can be begun. */
    private boolean writesLog() {
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_logical_emit_message(false, 'test', 'test')");
            statement.execute("SELECT pg_switch_wal()");
            return true;
        } catch (SQLException ended) {
            return false;
        }
    }

    private void createUntilRefused(List<String> created) {
        for (int count = 0; count < MOST_DEVICES; count++) {
            created.add(create());
        }
    }

    private String create() {
        return service.devices()
                .createEndDevice(
                        CreateEndDeviceRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setName("Sensor")
                                .build())
                .getEndDevice()
                .getDeviceId();
    }

    private void find(String deviceId) {
        assertThat(
                        service.devices()
                                .getEndDevice(
                                        GetEndDeviceRequest.newBuilder()
                                                .setDeviceId(deviceId)
                                                .build())
                                .getEndDevice()
                                .getName())
                .isEqualTo("Sensor");
    }

    private static boolean isUnavailable(Throwable failure) {
        return failure instanceof StatusRuntimeException exception
                && exception.getStatus().getCode() == Code.UNAVAILABLE;
    }
}
