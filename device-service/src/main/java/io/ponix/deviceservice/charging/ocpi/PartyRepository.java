package io.ponix.deviceservice.charging.ocpi;

import io.ponix.deviceservice.database.Sql;
import io.ponix.proto.charging.v1.OcpiParty;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** The table {@code charging_ocpi_parties}. */
final class PartyRepository {

    private static final Column ROLE = Column.of("role");
    private static final Column COUNTRY_CODE = Column.of("country_code");
    private static final Column PARTY_ID = Column.of("party_id");
    private static final Column URL = Column.of("url");
    private static final Column TOKEN = Column.of("token");

    private static final String SELECT =
            "SELECT "
                    + Column.select(List.of(ROLE, COUNTRY_CODE, PARTY_ID, URL, TOKEN))
                    + " FROM charging_ocpi_parties WHERE organization_id = ? AND role = ?";

    private PartyRepository() {}

    static void set(Connection connection, String organizationId, OcpiParty party)
            throws SQLException {
        Sql.update(
                connection,
                "INSERT INTO charging_ocpi_parties"
                        + " (organization_id, role, country_code, party_id, url, token)"
                        + " VALUES (?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (organization_id, role, country_code, party_id)"
                        + " DO UPDATE SET url = excluded.url, token = excluded.token",
                organizationId,
                party.getRole(),
                party.getCountryCode(),
                party.getPartyId(),
                party.getUrl(),
                party.getToken());
    }

    static Optional<OcpiParty> find(
            Connection connection,
            String organizationId,
            String role,
            String countryCode,
            String partyId)
            throws SQLException {
        return Sql.query(
                        connection,
                        PartyRepository::read,
                        SELECT + " AND country_code = ? AND party_id = ?",
                        organizationId,
                        role,
                        countryCode,
                        partyId)
                .stream()
                .findFirst();
    }

    /** Those after a country code and a party id, by both. */
    static List<OcpiParty> list(
            Connection connection,
            String organizationId,
            String role,
            String afterCountryCode,
            String afterPartyId,
            int limit)
            throws SQLException {
        return Sql.query(
                connection,
                PartyRepository::read,
                SELECT
                        + " AND (country_code, party_id) > (?, ?)"
                        + " ORDER BY country_code, party_id LIMIT ?",
                organizationId,
                role,
                afterCountryCode,
                afterPartyId,
                limit);
    }

    private static OcpiParty read(Row<SQLException> row) throws SQLException {
        return OcpiParty.newBuilder()
                .setRole(row.text(ROLE))
                .setCountryCode(row.text(COUNTRY_CODE))
                .setPartyId(row.text(PARTY_ID))
                .setUrl(row.text(URL))
                .setToken(row.text(TOKEN))
                .build();
    }
}
