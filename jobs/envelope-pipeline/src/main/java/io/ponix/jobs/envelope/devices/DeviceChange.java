package io.ponix.jobs.envelope.devices;

import static java.util.Objects.requireNonNull;

import io.ponix.jobs.serialization.SerializedType;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * A change of a device, a definition or an organization, as Postgres committed it or as hydration
 * read it, or that such changes may be missing: the element of the broadcast stream.
 *
 * @param kind what changed
 * @param id the device's, definition's or organization's id; empty for a truncation; the state of
 *     the publication for {@link Kind#PUBLISHED}
 * @param organizationId the device's organization; empty where {@code kind} is not {@link
 *     Kind#DEVICE_UPSERTED}
 * @param name the device's or definition's name; empty for other kinds
 * @param payloadConversion the device's own transform, empty if it has none; empty for other kinds
 * @param definitionId the device's definition, empty if it has none; empty for other kinds
 * @param contracts the definition's contracts as a {@link io.ponix.transforms.ContractDocument};
 *     empty for other kinds
 * @param version the row's monotonic version: of the new row, or of the row that was removed; 0 for
 *     a truncation, and for {@link Kind#PUBLISHED}
 * @param deleted whether the row is marked as deleted (a soft delete)
 */
public record DeviceChange(
        Kind kind,
        String id,
        String organizationId,
        String name,
        String payloadConversion,
        String definitionId,
        String contracts,
        long version,
        boolean deleted) {

    /** How Flink carries it. */
    public static final TypeInformation<DeviceChange> TYPE =
            new SerializedType<>(DeviceChange.class, DeviceChangeSerializer.INSTANCE);

    /** What can happen to the three tables and their publication. */
    public enum Kind {
        /** A device's row was inserted or updated. */
        DEVICE_UPSERTED(1),
        /** A device's row was removed. */
        DEVICE_REMOVED(2),
        /** The table of devices was truncated. */
        DEVICES_TRUNCATED(3),
        /** An organization's row was inserted or updated. */
        ORGANIZATION_UPSERTED(4),
        /** An organization's row was removed. */
        ORGANIZATION_REMOVED(5),
        /** The table of organizations was truncated. */
        ORGANIZATIONS_TRUNCATED(6),
        /** A definition's row was inserted or updated. */
        DEFINITION_UPSERTED(7),
        /** A definition's row was removed. */
        DEFINITION_REMOVED(8),
        /** The table of definitions was truncated. */
        DEFINITIONS_TRUNCATED(9),
        /**
         * All changes are published, by a publication of this state. Rows that were read while it
         * had another may lack changes, and are to be read again.
         */
        PUBLISHED(10);

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }

        /** The number that stands for it in serialized form; never reused. */
        byte code() {
            return code;
        }

        static Kind ofCode(byte code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("No kind of change has the code " + code);
        }
    }

    /** Checks that nothing is {@code null}. */
    public DeviceChange {
        requireNonNull(kind, "kind");
        requireNonNull(id, "id");
        requireNonNull(organizationId, "organizationId");
        requireNonNull(name, "name");
        requireNonNull(payloadConversion, "payloadConversion");
        requireNonNull(definitionId, "definitionId");
        requireNonNull(contracts, "contracts");
    }

    /** A device's new row. */
    public static DeviceChange deviceUpserted(
            String id,
            String organizationId,
            String name,
            String payloadConversion,
            String definitionId,
            long version,
            boolean deleted) {
        return new DeviceChange(
                Kind.DEVICE_UPSERTED,
                id,
                organizationId,
                name,
                payloadConversion,
                definitionId,
                "",
                version,
                deleted);
    }

    /** A device's row of this version was removed. */
    public static DeviceChange deviceRemoved(String id, long version) {
        return new DeviceChange(Kind.DEVICE_REMOVED, id, "", "", "", "", "", version, true);
    }

    /** All devices were removed. */
    public static DeviceChange devicesTruncated() {
        return new DeviceChange(Kind.DEVICES_TRUNCATED, "", "", "", "", "", "", 0, true);
    }

    /**
     * Changes of all tables are published.
     *
     * @param publication the state of the publication
     */
    public static DeviceChange published(String publication) {
        return new DeviceChange(Kind.PUBLISHED, publication, "", "", "", "", "", 0, false);
    }

    /** An organization's new row. */
    public static DeviceChange organizationUpserted(String id, long version, boolean deleted) {
        return new DeviceChange(
                Kind.ORGANIZATION_UPSERTED, id, "", "", "", "", "", version, deleted);
    }

    /** An organization's row of this version was removed. */
    public static DeviceChange organizationRemoved(String id, long version) {
        return new DeviceChange(Kind.ORGANIZATION_REMOVED, id, "", "", "", "", "", version, true);
    }

    /** All organizations were removed. */
    public static DeviceChange organizationsTruncated() {
        return new DeviceChange(Kind.ORGANIZATIONS_TRUNCATED, "", "", "", "", "", "", 0, true);
    }

    /** A definition's new row. */
    public static DeviceChange definitionUpserted(
            String id, String name, String contracts, long version) {
        return new DeviceChange(
                Kind.DEFINITION_UPSERTED, id, "", name, "", "", contracts, version, false);
    }

    /** A definition's row of this version was removed. */
    public static DeviceChange definitionRemoved(String id, long version) {
        return new DeviceChange(Kind.DEFINITION_REMOVED, id, "", "", "", "", "", version, true);
    }

    /** All definitions were removed. */
    public static DeviceChange definitionsTruncated() {
        return new DeviceChange(Kind.DEFINITIONS_TRUNCATED, "", "", "", "", "", "", 0, true);
    }
}
