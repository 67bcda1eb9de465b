package io.ponix.jobs.envelope.devices;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Every device, definition and organization: each instance of the operator holds all of them, and
 * finds one by a hash lookup whatever their number. Each distinct text, of a transform or of
 * contracts, is held once and counted by the devices and definitions that use it.
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
    private final Map<String, Definition> definitions = new HashMap<>();
    private final Map<String, Organization> organizations = new HashMap<>();
    private final Map<TransformKey, Transform> transforms = new HashMap<>();
    private final Consumer<TransformKey> onTransformDropped;
    private long removals;

    private static final class Transform {
        final TransformKey key;
        final String text;
        int uses;

        Transform(TransformKey key, String text) {
            this.key = key;
            this.text = text;
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

    /** The text of a transform that a device uses, or of a definition's contracts. */
    public String transform(TransformKey key) {
        Transform transform = transforms.get(key);
        return transform == null ? null : transform.text;
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
        switch (change.kind()) {
            case DEVICE_UPSERTED -> upsertDevice(change);
            case DEVICE_REMOVED -> {
                removals++;
                removeDevice(change);
            }
            case DEVICES_TRUNCATED -> {
                removals++;
                removeAllDevices();
            }
            case ORGANIZATION_UPSERTED -> upsertOrganization(change);
            case ORGANIZATION_REMOVED -> {
                removals++;
                removeOrganization(change);
            }
            case ORGANIZATIONS_TRUNCATED -> {
                removals++;
                organizations.clear();
            }
            case DEFINITION_UPSERTED -> upsertDefinition(change);
            case DEFINITION_REMOVED -> {
                removals++;
                removeDefinition(change);
            }
            case DEFINITIONS_TRUNCATED -> {
                removals++;
                definitions.values().forEach(definition -> release(definition.contracts()));
                definitions.clear();
            }
            case PUBLISHED -> {
                // Says nothing of any row.
            }
        }
    }

    /** Forgets everything, before it is read anew: versions of other tables mean nothing. */
    public void clear() {
        apply(DeviceChange.devicesTruncated());
        apply(DeviceChange.definitionsTruncated());
        apply(DeviceChange.organizationsTruncated());
    }

    private void upsertDevice(DeviceChange change) {
        Device old = devices.get(change.id());
        if (old != null && old.version() >= change.version()) {
            return;
        }
        // A deleted device only remains for its version.
        boolean hasTransform = !change.deleted() && !change.payloadConversion().isBlank();
        boolean hasDefinition = !change.deleted() && !change.definitionId().isEmpty();
        devices.put(
                change.id(),
                new Device(
                        change.organizationId(),
                        change.name(),
                        hasTransform
                                ? use(
                                        TransformKey.of(change.payloadConversion()),
                                        change.payloadConversion())
                                : null,
                        hasDefinition ? change.definitionId() : null,
                        change.version(),
                        change.deleted()));
        if (old != null) {
            // After the new one was counted: a device that keeps its transform must not drop it in
            // between.
            release(old.transform());
        }
    }

    private void removeDevice(DeviceChange change) {
        Device old = devices.get(change.id());
        if (old != null && old.version() <= change.version()) {
            devices.remove(change.id());
            release(old.transform());
        }
    }

    private void removeAllDevices() {
        devices.values().forEach(device -> release(device.transform()));
        devices.clear();
    }

    private void upsertDefinition(DeviceChange change) {
        Definition old = definitions.get(change.id());
        if (old != null && old.version() >= change.version()) {
            return;
        }
        TransformKey contracts =
                use(TransformKey.ofContracts(change.contracts()), change.contracts());
        definitions.put(change.id(), new Definition(change.name(), contracts, change.version()));
        if (old != null) {
            release(old.contracts());
        }
    }

    private void removeDefinition(DeviceChange change) {
        Definition old = definitions.get(change.id());
        if (old != null && old.version() <= change.version()) {
            definitions.remove(change.id());
            release(old.contracts());
        }
    }

    /** Counts a use, and returns the one key object that all who use the text share. */
    private TransformKey use(TransformKey key, String text) {
        Transform transform = transforms.computeIfAbsent(key, k -> new Transform(k, text));
        transform.uses++;
        return transform.key;
    }

    private void release(TransformKey key) {
        if (key != null && --transforms.get(key).uses == 0) {
            transforms.remove(key);
            onTransformDropped.accept(key);
        }
    }

    private void upsertOrganization(DeviceChange change) {
        Organization old = organizations.get(change.id());
        if (old == null || old.version() < change.version()) {
            organizations.put(change.id(), new Organization(!change.deleted(), change.version()));
        }
    }

    private void removeOrganization(DeviceChange change) {
        Organization old = organizations.get(change.id());
        if (old != null && old.version() <= change.version()) {
            organizations.remove(change.id());
        }
    }
}
