package io.ponix.registry;

import io.ponix.proto.access.v1.Key;
import io.ponix.proto.access.v1.Role;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A row of the table {@code api_keys} (migrations/postgres): who may call the services. Keys stay
 * when they are revoked.
 *
 * @param organizationId empty: all organizations
 * @param secretSha256 of the secret that the key's holder has, in hexadecimal
 * @param createdByKeyId empty where no key was asked for
 */
public record ApiKeyRow(
        String keyId,
        String name,
        String organizationId,
        Role role,
        String secretSha256,
        String createdByKeyId,
        Instant createdAt,
        Optional<Instant> expiresAt,
        Optional<Instant> lastUsedAt,
        Optional<Instant> revokedAt) {

    /** The table. */
    public static final String TABLE = "api_keys";

    public static final Column KEY_ID = Column.of("key_id");
    public static final Column NAME = Column.of("name");
    public static final Column ORGANIZATION_ID = Column.nullable("organization_id");
    public static final Column ROLE = Column.of("role");
    public static final Column SECRET_SHA256 = Column.of("secret_sha256");
    public static final Column CREATED_BY_KEY_ID = Column.nullable("created_by_key_id");
    public static final Column EXPIRES_AT = Column.of("expires_at");
    public static final Column LAST_USED_AT = Column.of("last_used_at");
    public static final Column REVOKED_AT = Column.of("revoked_at");

    /** The columns that a row is read of. */
    public static final List<Column> COLUMNS =
            List.of(
                    KEY_ID,
                    NAME,
                    ORGANIZATION_ID,
                    ROLE,
                    SECRET_SHA256,
                    CREATED_BY_KEY_ID,
                    RowColumns.CREATED_AT,
                    EXPIRES_AT,
                    LAST_USED_AT,
                    REVOKED_AT);

    /** Reads a row; a role that this version does not know may do nothing. */
    public static <E extends Exception> ApiKeyRow read(Row<E> row) throws E {
        return new ApiKeyRow(
                row.text(KEY_ID),
                row.text(NAME),
                row.text(ORGANIZATION_ID),
                role(row.text(ROLE)),
                row.text(SECRET_SHA256),
                row.text(CREATED_BY_KEY_ID),
                RowTimes.orEpoch(row, RowColumns.CREATED_AT),
                Optional.ofNullable(row.time(EXPIRES_AT)),
                Optional.ofNullable(row.time(LAST_USED_AT)),
                Optional.ofNullable(row.time(REVOKED_AT)));
    }

    private static Role role(String name) {
        for (Role role : Role.values()) {
            if (role.name().equals(name)) {
                return role;
            }
        }
        return Role.ROLE_UNSPECIFIED;
    }

    /** What is written to make such a row. */
    public Map<Column, Object> values() {
        Map<Column, Object> values = new LinkedHashMap<>();
        values.put(KEY_ID, keyId);
        values.put(NAME, name);
        values.put(ORGANIZATION_ID, organizationId);
        values.put(ROLE, role.name());
        values.put(SECRET_SHA256, secretSha256);
        values.put(CREATED_BY_KEY_ID, createdByKeyId);
        values.put(RowColumns.CREATED_AT, createdAt);
        expiresAt.ifPresent(time -> values.put(EXPIRES_AT, time));
        return values;
    }

    /** The row as a message, which says nothing of the secret. */
    public Key toMessage() {
        Key.Builder key =
                Key.newBuilder()
                        .setKeyId(keyId)
                        .setName(name)
                        .setOrganizationId(organizationId)
                        .setRole(role)
                        .setCreatedByKeyId(createdByKeyId)
                        .setCreatedAt(RowTimes.timestamp(createdAt));
        expiresAt.map(RowTimes::timestamp).ifPresent(key::setExpiresAt);
        lastUsedAt.map(RowTimes::timestamp).ifPresent(key::setLastUsedAt);
        revokedAt.map(RowTimes::timestamp).ifPresent(key::setRevokedAt);
        return key.build();
    }
}
