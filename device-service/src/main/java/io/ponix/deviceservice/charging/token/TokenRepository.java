package io.ponix.deviceservice.charging.token;

import io.ponix.deviceservice.charging.store.EnumText;
import io.ponix.deviceservice.database.Sql;
import io.ponix.proto.charging.v1.CacheMode;
import io.ponix.proto.charging.v1.Token;
import io.ponix.registry.Column;
import io.ponix.registry.Row;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** The table {@code charging_tokens}. */
public final class TokenRepository {

    private static final EnumText<CacheMode> CACHE_MODES =
            new EnumText<>(CacheMode.class, "CACHE_MODE_");

    private static final Column UID = Column.of("uid");
    private static final Column COUNTRY_CODE = Column.of("country_code");
    private static final Column PARTY_ID = Column.of("party_id");
    private static final Column TYPE = Column.of("type");
    private static final Column CONTRACT_ID = Column.of("contract_id");
    private static final Column VISUAL_NUMBER = Column.of("visual_number");
    private static final Column ISSUER = Column.of("issuer");
    private static final Column GROUP_ID = Column.of("group_id");
    private static final Column VALID = new Column("valid", "valid::int AS valid", "?");
    private static final Column LANGUAGE_CODE = Column.of("language_code");
    private static final Column CACHE_MODE = Column.of("cache_mode");
    private static final Column LAST_UPDATED = Column.of("last_updated");

    private static final String SET =
            "INSERT INTO charging_tokens (organization_id, uid, country_code, party_id, type,"
                    + " contract_id, visual_number, issuer, group_id, valid, language_code,"
                    + " cache_mode) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                    + " ON CONFLICT (organization_id, uid) DO UPDATE SET"
                    + " country_code = excluded.country_code, party_id = excluded.party_id,"
                    + " type = excluded.type, contract_id = excluded.contract_id,"
                    + " visual_number = excluded.visual_number, issuer = excluded.issuer,"
                    + " group_id = excluded.group_id, valid = excluded.valid,"
                    + " language_code = excluded.language_code,"
                    + " cache_mode = excluded.cache_mode, last_updated = excluded.last_updated";

    private static final String SELECT =
            "SELECT "
                    + Column.select(
                            List.of(
                                    UID,
                                    COUNTRY_CODE,
                                    PARTY_ID,
                                    TYPE,
                                    CONTRACT_ID,
                                    VISUAL_NUMBER,
                                    ISSUER,
                                    GROUP_ID,
                                    VALID,
                                    LANGUAGE_CODE,
                                    CACHE_MODE,
                                    LAST_UPDATED))
                    + " FROM charging_tokens WHERE organization_id = ?";

    private TokenRepository() {}

    static void set(Connection connection, String organizationId, Token token) throws SQLException {
        Sql.update(
                connection,
                SET,
                organizationId,
                token.getUid(),
                token.getCountryCode(),
                token.getPartyId(),
                token.getType(),
                token.getContractId(),
                token.hasVisualNumber() ? token.getVisualNumber() : null,
                token.getIssuer(),
                token.hasGroupId() ? token.getGroupId() : null,
                token.getValid(),
                token.hasLanguageCode() ? token.getLanguageCode() : null,
                CACHE_MODES.of(token.getCacheMode()));
    }

    /** The token of a uid. */
    public static Optional<Token> find(Connection connection, String organizationId, String uid)
            throws SQLException {
        return Sql.query(
                        connection,
                        TokenRepository::read,
                        SELECT + " AND uid = ?",
                        organizationId,
                        uid)
                .stream()
                .findFirst();
    }

    /** Those after a uid, by uid. */
    static List<Token> list(
            Connection connection, String organizationId, String after, int skip, int limit)
            throws SQLException {
        return Sql.query(
                connection,
                TokenRepository::read,
                SELECT + " AND uid > ? ORDER BY uid OFFSET ? LIMIT ?",
                organizationId,
                after,
                skip,
                limit);
    }

    private static Token read(Row<SQLException> row) throws SQLException {
        Token.Builder token =
                Token.newBuilder()
                        .setUid(row.text(UID))
                        .setCountryCode(row.text(COUNTRY_CODE))
                        .setPartyId(row.text(PARTY_ID))
                        .setType(row.text(TYPE))
                        .setContractId(row.text(CONTRACT_ID))
                        .setIssuer(row.text(ISSUER))
                        .setValid(row.number(VALID) == 1)
                        .setCacheMode(CACHE_MODES.parse(row.text(CACHE_MODE)))
                        .setLastUpdated(
                                row.time(LAST_UPDATED).truncatedTo(ChronoUnit.SECONDS).toString());
        if (row.has(VISUAL_NUMBER)) {
            token.setVisualNumber(row.text(VISUAL_NUMBER));
        }
        if (row.has(GROUP_ID)) {
            token.setGroupId(row.text(GROUP_ID));
        }
        if (row.has(LANGUAGE_CODE)) {
            token.setLanguageCode(row.text(LANGUAGE_CODE));
        }
        return token.build();
    }
}
