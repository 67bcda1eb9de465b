package io.ponix.jobs.envelope.devices;

import io.ponix.jobs.envelope.serialization.VersionedSerializer;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** State format of an organization. Version 1: row version (8 bytes), active (1 byte). */
public final class OrganizationSerializer extends VersionedSerializer<Organization> {

    /** The one instance. */
    public static final OrganizationSerializer INSTANCE = new OrganizationSerializer();

    static final byte VERSION_1 = 1;

    private static final long serialVersionUID = 1L;

    /** For Flink; use {@link #INSTANCE}. */
    public OrganizationSerializer() {
        super(Organization.class, VERSION_1);
    }

    @Override
    protected void write(Organization organization, DataOutputView target) throws IOException {
        target.writeLong(organization.version());
        target.writeBoolean(organization.active());
    }

    @Override
    protected Organization read(byte version, DataInputView source) throws IOException {
        if (version != VERSION_1) {
            throw unknownVersion(version);
        }
        long rowVersion = source.readLong();
        return new Organization(source.readBoolean(), rowVersion);
    }

    @Override
    public TypeSerializerSnapshot<Organization> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Names the serializer in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Organization> {
        /** For Flink. */
        public Snapshot() {
            super(OrganizationSerializer::new);
        }
    }
}
