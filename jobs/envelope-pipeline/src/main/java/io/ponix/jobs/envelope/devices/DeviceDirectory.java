package io.ponix.jobs.envelope.devices;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeutils.base.StringSerializer;

/**
 * Every device, definition and organization, in broadcast state: each instance of the operator
 * holds all of them, and finds one by a hash lookup whatever their number. Each distinct text, of a
 * transform or of contracts, is held once and counted by the devices and definitions that use it.
 *
 * <p>A device refers to its definition by id, and the two may become known in any order: a change
 * of a definition touches no device.
 *
 * <p>Changes are applied as upserts guarded by the row's monotonic version. The same change may
 * therefore arrive twice, and hydration may have read a newer row than the change stream is about
 * to tell of: an older version never overwrites a newer one. Not thread-safe.
 */
public final class DeviceDirectory {

    private static final MapStateDescriptor<String, Device> DEVICES =
            new MapStateDescriptor<>(
                    "devices", StringSerializer.INSTANCE, DeviceSerializer.INSTANCE);
    private static final MapStateDescriptor<String, Organization> ORGANIZATIONS =
            new MapStateDescriptor<>(
                    "organizations", StringSerializer.INSTANCE, OrganizationSerializer.INSTANCE);
    private static final MapStateDescriptor<String, Definition> DEFINITIONS =
            new MapStateDescriptor<>(
                    "definitions", StringSerializer.INSTANCE, DefinitionSerializer.INSTANCE);
    private static final MapStateDescriptor<TransformKey, String> TRANSFORMS =
            new MapStateDescriptor<>(
                    "transforms", TransformKeySerializer.INSTANCE, StringSerializer.INSTANCE);

    private final BroadcastState<String, Device> devices;
    private final BroadcastState<String, Organization> organizations;
    private final BroadcastState<String, Definition> definitions;
    private final BroadcastState<TransformKey, String> transforms;
    private final Consumer<TransformKey> onTransformDropped;

    private final Map<TransformKey, Integer> transformUses = new HashMap<>();
    private int deviceCount;
    private int definitionCount;
    private int organizationCount;

    /**
     * Opens the state, restored or empty.
     *
     * @param stateStore the operator's state
     * @param onTransformDropped told of each transform that no device and of all contracts that no
     *     definition uses any more
     * @throws Exception if the state cannot be read
     */
    public DeviceDirectory(OperatorStateStore stateStore, Consumer<TransformKey> onTransformDropped)
            throws Exception {
        this.devices = stateStore.getBroadcastState(DEVICES);
        this.organizations = stateStore.getBroadcastState(ORGANIZATIONS);
        this.definitions = stateStore.getBroadcastState(DEFINITIONS);
        this.transforms = stateStore.getBroadcastState(TRANSFORMS);
        this.onTransformDropped = onTransformDropped;
        for (Map.Entry<String, Device> entry : devices.immutableEntries()) {
            deviceCount++;
            TransformKey transform = entry.getValue().transform();
            if (transform != null) {
                transformUses.merge(transform, 1, Integer::sum);
            }
        }
        for (Map.Entry<String, Definition> entry : definitions.immutableEntries()) {
            definitionCount++;
            transformUses.merge(entry.getValue().contracts(), 1, Integer::sum);
        }
        for (Map.Entry<String, Organization> ignored : organizations.immutableEntries()) {
            organizationCount++;
        }
    }

    /**
     * The device with this id, which may be marked as deleted.
     *
     * @return {@code null} if there is none
     * @throws Exception never, with state on the heap
     */
    public Device device(String id) throws Exception {
        return devices.get(id);
    }

    /**
     * The definition with this id.
     *
     * @return {@code null} if there is none
     * @throws Exception never, with state on the heap
     */
    public Definition definition(String id) throws Exception {
        return definitions.get(id);
    }

    /**
     * Whether the organization exists and is not deleted.
     *
     * @throws Exception never, with state on the heap
     */
    public boolean isActive(String organizationId) throws Exception {
        Organization organization = organizations.get(organizationId);
        return organization != null && organization.active();
    }

    /**
     * The text of a transform that a device uses, or of a definition's contracts.
     *
     * @throws Exception never, with state on the heap
     */
    public String transform(TransformKey key) throws Exception {
        return transforms.get(key);
    }

    /** How many devices there are, those marked as deleted included. */
    public int deviceCount() {
        return deviceCount;
    }

    /** How many definitions there are. */
    public int definitionCount() {
        return definitionCount;
    }

    /** How many organizations there are, those marked as deleted included. */
    public int organizationCount() {
        return organizationCount;
    }

    /** How many distinct transforms the devices and contracts the definitions use. */
    public int transformCount() {
        return transformUses.size();
    }

    /**
     * Applies a change.
     *
     * @throws Exception never, with state on the heap
     */
    public void apply(DeviceChange change) throws Exception {
        switch (change.kind()) {
            case DEVICE_UPSERTED -> upsertDevice(change);
            case DEVICE_REMOVED -> removeDevice(change);
            case DEVICES_TRUNCATED -> removeAllDevices();
            case ORGANIZATION_UPSERTED -> upsertOrganization(change);
            case ORGANIZATION_REMOVED -> removeOrganization(change);
            case ORGANIZATIONS_TRUNCATED -> {
                organizations.clear();
                organizationCount = 0;
            }
            case DEFINITION_UPSERTED -> upsertDefinition(change);
            case DEFINITION_REMOVED -> removeDefinition(change);
            case DEFINITIONS_TRUNCATED -> removeAllDefinitions();
        }
    }

    private void upsertDevice(DeviceChange change) throws Exception {
        Device old = devices.get(change.id());
        if (old != null && old.version() >= change.version()) {
            return;
        }
        // A deleted device only remains for its version.
        boolean hasTransform = !change.deleted() && !change.payloadConversion().isBlank();
        TransformKey transform = hasTransform ? TransformKey.of(change.payloadConversion()) : null;
        if (transform != null) {
            retain(transform, change.payloadConversion());
        }
        boolean hasDefinition = !change.deleted() && !change.definitionId().isEmpty();
        devices.put(
                change.id(),
                new Device(
                        change.organizationId(),
                        change.name(),
                        transform,
                        hasDefinition ? change.definitionId() : null,
                        change.version(),
                        change.deleted()));
        if (old == null) {
            deviceCount++;
        } else {
            // After the new one was counted: a device that keeps its transform must not drop it in
            // between.
            release(old.transform());
        }
    }

    private void removeDevice(DeviceChange change) throws Exception {
        Device old = devices.get(change.id());
        if (old == null || old.version() > change.version()) {
            return;
        }
        devices.remove(change.id());
        deviceCount--;
        release(old.transform());
    }

    private void removeAllDevices() throws Exception {
        for (Map.Entry<String, Device> entry : devices.immutableEntries()) {
            release(entry.getValue().transform());
        }
        devices.clear();
        deviceCount = 0;
    }

    private void upsertDefinition(DeviceChange change) throws Exception {
        Definition old = definitions.get(change.id());
        if (old != null && old.version() >= change.version()) {
            return;
        }
        TransformKey contracts = TransformKey.ofContracts(change.contracts());
        retain(contracts, change.contracts());
        definitions.put(change.id(), new Definition(change.name(), contracts, change.version()));
        if (old == null) {
            definitionCount++;
        } else {
            release(old.contracts());
        }
    }

    private void removeDefinition(DeviceChange change) throws Exception {
        Definition old = definitions.get(change.id());
        if (old != null && old.version() <= change.version()) {
            definitions.remove(change.id());
            definitionCount--;
            release(old.contracts());
        }
    }

    private void removeAllDefinitions() throws Exception {
        for (Map.Entry<String, Definition> entry : definitions.immutableEntries()) {
            release(entry.getValue().contracts());
        }
        definitions.clear();
        definitionCount = 0;
    }

    private void retain(TransformKey transform, String text) throws Exception {
        if (transformUses.merge(transform, 1, Integer::sum) == 1) {
            transforms.put(transform, text);
        }
    }

    private void release(TransformKey transform) throws Exception {
        if (transform != null
                && transformUses.computeIfPresent(
                                transform, (key, uses) -> uses == 1 ? null : uses - 1)
                        == null) {
            transforms.remove(transform);
            onTransformDropped.accept(transform);
        }
    }

    private void upsertOrganization(DeviceChange change) throws Exception {
        Organization old = organizations.get(change.id());
        if (old != null && old.version() >= change.version()) {
            return;
        }
        if (old == null) {
            organizationCount++;
        }
        organizations.put(change.id(), new Organization(!change.deleted(), change.version()));
    }

    private void removeOrganization(DeviceChange change) throws Exception {
        Organization old = organizations.get(change.id());
        if (old != null && old.version() <= change.version()) {
            organizations.remove(change.id());
            organizationCount--;
        }
    }
}
