package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service while a standby takes the place of its database. */
class DatabaseFailoverITCase {

    @TempDir private Path home;

    @Test
    void ofSeveralHostsTheServiceUsesWhicheverIsThePrimary() throws Exception {
        Path primaryHome = home.resolve("primary");
        EmbeddedPostgres primary = EmbeddedPostgres.builder().home(primaryHome).build();
        primary.start();
        primary.stop();
        try (EmbeddedPostgres standby =
                primary.copyAsStandby(home.resolve("standby"), primary.port())) {
            primary.start();
            query(
                    primary,
                    "SELECT pg_create_physical_replication_slot('"
                            + EmbeddedPostgres.STANDBY_SLOT
                            + "')");
            standby.start();
            String hosts = address(standby) + "," + address(primary);
            try (ServiceUnderTest service =
                    ServiceUnderTest.start(primaryHome, Map.of("PONIX_POSTGRES_HOST", hosts))) {
                String before = service.organization("Before");
                await().ignoreExceptions()
                        .untilAsserted(
                                () ->
                                        assertThat(
                                                        query(
                                                                standby,
                                                                "SELECT name FROM organizations WHERE id = '"
                                                                        + before
                                                                        + "'"))
                                                .isEqualTo("Before"));
                primary.kill();
                query(standby, "SELECT pg_promote()");

                String[] after = new String[1];
                await().atMost(Duration.ofSeconds(60))
                        .ignoreExceptionsMatching(DatabaseFailoverITCase::isUnavailable)
                        .until(() -> (after[0] = service.organization("After")) != null);
                assertThat(name(service, before)).isEqualTo("Before");
                assertThat(name(service, after[0])).isEqualTo("After");
            }
        }
    }

    private static String address(EmbeddedPostgres postgres) {
        return postgres.host() + ":" + postgres.port();
    }

    private static String name(ServiceUnderTest service, String organizationId) {
        return service.organizations()
                .getOrganization(
                        GetOrganizationRequest.newBuilder()
                                .setOrganizationId(organizationId)
                                .build())
                .getOrganization()
                .getName();
    }

    private static boolean isUnavailable(Throwable error) {
        return error instanceof StatusRuntimeException status
                && status.getStatus().getCode() == Code.UNAVAILABLE;
    }

    private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                postgres.jdbcUrl(), postgres.username(), postgres.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(1) : null;
        }
    }
}
