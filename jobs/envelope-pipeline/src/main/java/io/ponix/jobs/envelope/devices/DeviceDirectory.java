package io.ponix.jobs.envelope.devices;

import io.ponix.jobs.envelope.devices.DeviceChange.DefinitionUpserted;
import io.ponix.jobs.envelope.devices.DeviceChange.DeviceUpserted;
import io.ponix.jobs.envelope.devices.DeviceChange.OrganizationUpserted;
import io.ponix.jobs.envelope.devices.DeviceChange.Published;
import io.ponix.jobs.envelope.devices.DeviceChange.Removed;
import io.ponix.jobs.envelope.devices.DeviceChange.Truncated;
import io.ponix.proto.envelope.ExternalId;
import io.ponix.transforms.PreviousResult;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Every device, definition and organization: each instance of the operator holds all of them, and
 * finds one by a hash lookup, a device by its external id by two, whatever their number. Each
 * distinct text, of a transform or of contracts, is held once and counted by the devices and
 * definitions that use it.
 *
 * <p>A device refers to its definition by id, and the two may become known in any order: a change
 * of a definition touches no device.
 *
 * <p>Changes are applied as upserts guarded by the row's monotonic version. The same change may
 * therefore arrive twice, and loading may have read a newer row than the change stream is about to
 * tell of: an older version never overwrites a newer one. Not thread-safe.
 *
 * <p><b>Not Flink state.</b> Postgres keeps the devices, and every start reads them from there. A
 * checkpoint that held them would write all of them each time, however few had changed: operator
 * state knows no increments.
 */
public final class DeviceDirectory {

    private final Map<String, Device> devices = new HashMap<>();
    private final ExternalIds externalIds = new ExternalIds();
    private final Map<String, Definition> definitions = new HashMap<>();
    private final Map<String, Organization> organizations = new HashMap<>();
    private final Map<TransformKey, Transform> transforms = new HashMap<>();
    private final Consumer<TransformKey> onTransformDropped;
    private final Changes changes = new Changes();
    private long removals;
    private int textsThatMayUsePrevious;

    private static final class Transform {
        final TransformKey key;
        final String text;
        final boolean mayUsePrevious;
        int uses;

        Transform(TransformKey key, String text) {
            this.key = key;
            this.text = text;
            this.mayUsePrevious = text.contains(PreviousResult.VARIABLE);
        }
    }

    /**
     * An empty directory.
     *
     * @param onTransformDropped told of each transform that no device and of all contracts that no
     *     definition uses any more
     */
    public DeviceDirectory(Consumer<TransformKey> onTransformDropped) {
        this.onTransformDropped = onTransformDropped;
    }

    /**
     * The device with this id, which may be marked as deleted.
     *
     * @return {@code null} if there is none
     */
    public Device device(String id) {
        return devices.get(id);
    }

    /**
     * The device of an organization that has this external id. One that is marked as deleted has
     * none.
     *
     * @param externalId in any spelling
     * @return {@code null} if there is none
     */
    public Device deviceOfExternalId(String organizationId, String externalId) {
        return externalIds.find(organizationId, ExternalId.normal(externalId));
    }

    /**
     * The device of this name.
     *
     * @return {@code null} if there is none
     */
    public Device device(DeviceName name) {
        return name.isExternal()
                ? externalIds.find(name.organizationId(), name.id())
                : devices.get(name.id());
    }

    /**
     * The definition with this id.
     *
     * @return {@code null} if there is none
     */
    public Definition definition(String id) {
        return definitions.get(id);
    }

    /** Whether the organization exists and is not deleted. */
    public boolean isActive(String organizationId) {
        Organization organization = organizations.get(organizationId);
        return organization != null && organization.active();
    }

    /**
     * The text of a transform that a device uses, or the {@link DefinitionText} of a definition.
     */
    public String transform(TransformKey key) {
        Transform transform = transforms.get(key);
        return transform == null ? null : transform.text;
    }

    /**
     * Whether any text has the name of what a device's envelope before became: if not, it makes no
     * difference to any device.
     */
    public boolean mayUsePrevious() {
        return textsThatMayUsePrevious > 0;
    }

    /** How many devices there are, those marked as deleted included. */
    public int deviceCount() {
        return devices.size();
    }

    /** How many definitions there are. */
    public int definitionCount() {
        return definitions.size();
    }

    /** How many organizations there are, those marked as deleted included. */
    public int organizationCount() {
        return organizations.size();
    }

    /** How many distinct transforms the devices and contracts the definitions use. */
    public int transformCount() {
        return transforms.size();
    }

    /**
     * How many changes were applied that take rows away, whether or not they found any. As long as
     * it stays the same, a row that was read from Postgres meanwhile may be applied; otherwise it
     * may be one whose removal was applied already.
     */
    public long removals() {
        return removals;
    }

    /** Applies a change. */
    public void apply(DeviceChange change) {
        change.tell(changes);
    }

    /** Forgets everything, before it is read anew: versions of other tables mean nothing. */
    public void clear() {
        for (RegistryTable table : RegistryTable.values()) {
            apply(new Truncated(table));
        }
    }

    private final class Changes implements DeviceChange.Listener<RuntimeException> {

        @Override
        public void on(DeviceUpserted change) {
            upsertDevice(change);
        }

        @Override
        public void on(DefinitionUpserted change) {
            upsertDefinition(change);
        }

        @Override
        public void on(OrganizationUpserted change) {
            upsertOrganization(change);
        }

        @Override
        public void on(Removed change) {
            removals++;
            switch (change.table()) {
                case DEVICES -> removeDevice(change);
                case DEFINITIONS -> removeDefinition(change);
                case ORGANIZATIONS -> removeOrganization(change);
            }
        }

        @Override
        public void on(Truncated change) {
            removals++;
            switch (change.table()) {
                case DEVICES -> removeAllDevices();
                case DEFINITIONS -> removeAllDefinitions();
                case ORGANIZATIONS -> organizations.clear();
            }
        }

        @Override
        public void on(Published change) {
            // Says nothing of any row.
        }
    }

    private void upsertDevice(DeviceUpserted change) {
        String id = change.row().deviceId();
        Device old = devices.get(id);
        if (old != null && old.version() >= change.version()) {
            return;
        }
        String transform = change.row().payloadConversion();
        boolean hasTransform = !change.deleted() && !transform.isBlank();
        Device device =
                Device.of(change, hasTransform ? use(TransformKey.of(transform), transform) : null);
        if (old != null) {
            // After the new one was counted: a device that keeps its transform must not drop it in
            // between.
            release(old.transform());
            externalIds.remove(old);
            // A map keeps the key that it has: the old device's text would stay beside the new one.
            devices.remove(id);
        }
        devices.put(device.id(), device);
        externalIds.add(device);
    }

    private void removeDevice(Removed change) {
        Device old = devices.get(change.id());
        if (old != null && old.version() <= change.version()) {
            devices.remove(change.id());
            externalIds.remove(old);
            release(old.transform());
        }
    }

    private void removeAllDevices() {
        devices.values().forEach(device -> release(device.transform()));
        devices.clear();
        externalIds.clear();
    }

    private void removeAllDefinitions() {
        definitions.values().forEach(definition -> release(definition.contracts()));
        definitions.clear();
    }

    private void upsertDefinition(DefinitionUpserted change) {
        Definition old = definitions.get(change.id());
        if (old != null && old.version() >= change.version()) {
            return;
        }
        String text = new DefinitionText(change.contracts(), change.fileDescriptorSet()).text();
        TransformKey contracts = use(TransformKey.ofContracts(text), text);
        definitions.put(change.id(), new Definition(change.name(), contracts, change.version()));
        if (old != null) {
            release(old.contracts());
        }
    }

    private void removeDefinition(Removed change) {
        Definition old = definitions.get(change.id());
        if (old != null && old.version() <= change.version()) {
            definitions.remove(change.id());
            release(old.contracts());
        }
    }

    /** Counts a use, and returns the one key object that all who use the text share. */
    private TransformKey use(TransformKey key, String text) {
        Transform transform = transforms.computeIfAbsent(key, k -> new Transform(k, text));
        if (transform.uses++ == 0 && transform.mayUsePrevious) {
            textsThatMayUsePrevious++;
        }
        return transform.key;
    }

    private void release(TransformKey key) {
        if (key != null && --transforms.get(key).uses == 0) {
            if (transforms.remove(key).mayUsePrevious) {
                textsThatMayUsePrevious--;
            }
            onTransformDropped.accept(key);
        }
    }

    private void upsertOrganization(OrganizationUpserted change) {
        Organization old = organizations.get(change.id());
        if (old == null || old.version() < change.version()) {
            organizations.put(change.id(), new Organization(!change.deleted(), change.version()));
        }
    }

    private void removeOrganization(Removed change) {
        Organization old = organizations.get(change.id());
        if (old != null && old.version() <= change.version()) {
            organizations.remove(change.id());
        }
    }
}
