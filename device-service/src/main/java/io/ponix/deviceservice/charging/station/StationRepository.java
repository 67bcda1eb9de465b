package io.ponix.deviceservice.charging.station;

import io.ponix.deviceservice.database.Sql;
import io.ponix.proto.charging.v1.ChargeStationAuth;
import io.ponix.proto.charging.v1.ChargeStationRuntimeDetails;
import io.ponix.registry.Column;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/** The tables {@code charging_station_auth} and {@code charging_station_runtime_details}. */
final class StationRepository {

    private static final Column SECURITY_PROFILE = Column.of("security_profile");
    private static final Column PASSWORD = Column.of("base64_sha256_password");
    private static final Column INVALID_USERNAME_ALLOWED =
            new Column(
                    "invalid_username_allowed",
                    "invalid_username_allowed::int AS invalid_username_allowed",
                    "?");
    private static final Column OCPP_VERSION = Column.of("ocpp_version");

    private StationRepository() {}

    static void set(
            Connection connection,
            String organizationId,
            String chargeStationId,
            ChargeStationAuth auth)
            throws SQLException {
        Sql.update(
                connection,
                "INSERT INTO charging_station_auth (organization_id, charge_station_id,"
                        + " security_profile, base64_sha256_password, invalid_username_allowed)"
                        + " VALUES (?, ?, ?, ?, ?) ON CONFLICT (organization_id, charge_station_id)"
                        + " DO UPDATE SET security_profile = excluded.security_profile,"
                        + " base64_sha256_password = excluded.base64_sha256_password,"
                        + " invalid_username_allowed = excluded.invalid_username_allowed",
                organizationId,
                chargeStationId,
                auth.getSecurityProfile(),
                auth.getBase64Sha256Password(),
                auth.getInvalidUsernameAllowed());
    }

    static Optional<ChargeStationAuth> findAuth(
            Connection connection, String organizationId, String chargeStationId)
            throws SQLException {
        return Sql.query(
                        connection,
                        row ->
                                ChargeStationAuth.newBuilder()
                                        .setSecurityProfile((int) row.number(SECURITY_PROFILE))
                                        .setBase64Sha256Password(row.text(PASSWORD))
                                        .setInvalidUsernameAllowed(
                                                row.number(INVALID_USERNAME_ALLOWED) == 1)
                                        .build(),
                        "SELECT security_profile, base64_sha256_password, "
                                + INVALID_USERNAME_ALLOWED.selected()
                                + " FROM charging_station_auth"
                                + " WHERE organization_id = ? AND charge_station_id = ?",
                        organizationId,
                        chargeStationId)
                .stream()
                .findFirst();
    }

    static void set(
            Connection connection,
            String organizationId,
            String chargeStationId,
            ChargeStationRuntimeDetails details)
            throws SQLException {
        Sql.update(
                connection,
                "INSERT INTO charging_station_runtime_details"
                        + " (organization_id, charge_station_id, ocpp_version) VALUES (?, ?, ?)"
                        + " ON CONFLICT (organization_id, charge_station_id)"
                        + " DO UPDATE SET ocpp_version = excluded.ocpp_version",
                organizationId,
                chargeStationId,
                details.getOcppVersion());
    }

    static Optional<ChargeStationRuntimeDetails> findRuntimeDetails(
            Connection connection, String organizationId, String chargeStationId)
            throws SQLException {
        return Sql.query(
                        connection,
                        row ->
                                ChargeStationRuntimeDetails.newBuilder()
                                        .setOcppVersion(row.text(OCPP_VERSION))
                                        .build(),
                        "SELECT ocpp_version FROM charging_station_runtime_details"
                                + " WHERE organization_id = ? AND charge_station_id = ?",
                        organizationId,
                        chargeStationId)
                .stream()
                .findFirst();
    }
}
