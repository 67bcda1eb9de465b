package io.ponix.deviceservice.charging.certificate;

import io.ponix.deviceservice.database.Sql;
import io.ponix.registry.Column;
import java.sql.Connection;
import java.sql.SQLException;

/** The table {@code charging_certificates}. */
final class CertificateRepository {

    private static final Column PEM = Column.of("pem");

    private CertificateRepository() {}

    static void set(Connection connection, String organizationId, String hash, String pem)
            throws SQLException {
        Sql.update(
                connection,
                "INSERT INTO charging_certificates (organization_id, certificate_hash, pem)"
                        + " VALUES (?, ?, ?) ON CONFLICT (organization_id, certificate_hash)"
                        + " DO UPDATE SET pem = excluded.pem",
                organizationId,
                hash,
                pem);
    }

    /** Empty where there is none. */
    static String find(Connection connection, String organizationId, String hash)
            throws SQLException {
        return Sql.query(
                        connection,
                        row -> row.text(PEM),
                        "SELECT pem FROM charging_certificates"
                                + " WHERE organization_id = ? AND certificate_hash = ?",
                        organizationId,
                        hash)
                .stream()
                .findFirst()
                .orElse("");
    }

    static void delete(Connection connection, String organizationId, String hash)
            throws SQLException {
        Sql.update(
                connection,
                "DELETE FROM charging_certificates"
                        + " WHERE organization_id = ? AND certificate_hash = ?",
                organizationId,
                hash);
    }
}
