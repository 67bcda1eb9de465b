package io.ponix.deviceservice.charging.ocpi;

import io.ponix.deviceservice.charging.store.EnumText;
import io.ponix.deviceservice.database.Sql;
import io.ponix.proto.charging.v1.OcpiRegistration;
import io.ponix.proto.charging.v1.RegistrationStatus;
import io.ponix.registry.Column;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** The table {@code charging_ocpi_registrations}, which has no token, but what tells it. */
final class RegistrationRepository {

    private static final EnumText<RegistrationStatus> STATUSES =
            new EnumText<>(RegistrationStatus.class, "REGISTRATION_STATUS_");

    private static final Column STATUS = Column.of("status");

    private RegistrationRepository() {}

    static void set(
            Connection connection,
            String organizationId,
            String token,
            OcpiRegistration registration)
            throws SQLException {
        Sql.update(
                connection,
                "INSERT INTO charging_ocpi_registrations (organization_id, token_sha256, status)"
                        + " VALUES (?, ?, ?) ON CONFLICT (organization_id, token_sha256)"
                        + " DO UPDATE SET status = excluded.status",
                organizationId,
                sha256(token),
                STATUSES.of(registration.getStatus()));
    }

    static Optional<OcpiRegistration> find(
            Connection connection, String organizationId, String token) throws SQLException {
        return Sql.query(
                        connection,
                        row ->
                                OcpiRegistration.newBuilder()
                                        .setStatus(STATUSES.parse(row.text(STATUS)))
                                        .build(),
                        "SELECT status FROM charging_ocpi_registrations"
                                + " WHERE organization_id = ? AND token_sha256 = ?",
                        organizationId,
                        sha256(token))
                .stream()
                .findFirst();
    }

    static void delete(Connection connection, String organizationId, String token)
            throws SQLException {
        Sql.update(
                connection,
                "DELETE FROM charging_ocpi_registrations"
                        + " WHERE organization_id = ? AND token_sha256 = ?",
                organizationId,
                sha256(token));
    }

    private static byte[] sha256(String token) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(token.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
