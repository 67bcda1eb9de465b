package io.ponix.jobs.envelope.devices;

/** The names in Postgres (migrations/postgres) that the job depends on. */
final class DeviceTables {

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

    private DeviceTables() {}
}
