package io.ponix.jobs.envelope.devices;

import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import java.util.List;

/** The names in Postgres (migrations/postgres) that the job depends on. */
public final class DeviceTables {

    static final String ORGANIZATIONS = "organizations";
    static final String ID = "id";

    static final String DEVICES = "end_devices";
    static final String DEVICE_ID = "device_id";
    static final String ORGANIZATION_ID = "organization_id";
    static final String NAME = "name";
    static final String PAYLOAD_CONVERSION = "payload_conversion";

    static final String DEFINITION_ID = "definition_id";

    static final String DEFINITIONS = "end_device_definitions";
    static final String CONTRACTS = "contracts";

    /** In all of them. */
    static final String VERSION = "version";

    /** Of organizations and devices; definitions are deleted for good. */
    static final String DELETED_AT = "deleted_at";

    static final PublishedTable PUBLISHED_ORGANIZATIONS =
            new PublishedTable(ORGANIZATIONS, ID, VERSION, DELETED_AT);

    static final PublishedTable PUBLISHED_DEFINITIONS =
            new PublishedTable(DEFINITIONS, ID, NAME, CONTRACTS, VERSION);

    static final PublishedTable PUBLISHED_DEVICES =
            new PublishedTable(
                    DEVICES,
                    DEVICE_ID,
                    ORGANIZATION_ID,
                    NAME,
                    PAYLOAD_CONVERSION,
                    DEFINITION_ID,
                    VERSION,
                    DELETED_AT);

    /** What has to be published of them. */
    public static final List<PublishedTable> PUBLISHED =
            List.of(PUBLISHED_ORGANIZATIONS, PUBLISHED_DEFINITIONS, PUBLISHED_DEVICES);

    private DeviceTables() {}
}
