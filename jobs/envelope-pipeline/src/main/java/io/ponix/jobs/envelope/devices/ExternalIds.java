package io.ponix.jobs.envelope.devices;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds devices by their external ids. Its keys are the texts that the devices hold: of a device
 * with an external id it takes one entry of a hash table, of one without nothing. Not thread-safe.
 *
 * <p>In Postgres one device has an external id. Here two may for a moment: what is read from the
 * tables tells of the one that has it now before the change stream tells that the other has let it
 * go. Then the one with the larger version is found, and the other once that lets it go.
 */
final class ExternalIds {

    private final Map<String, Map<String, Device>> byOrganization = new HashMap<>();

    /** Those that are not found, as another is. Few, and not for long. */
    private final List<Device> rivals = new ArrayList<>();

    /**
     * The device that has the external id.
     *
     * @param externalId in normal form
     * @return {@code null} if none has
     */
    Device find(String organizationId, String externalId) {
        Map<String, Device> ofOrganization = byOrganization.get(organizationId);
        return ofOrganization == null ? null : ofOrganization.get(externalId);
    }

    /** Takes a device in, if it has an external id. */
    void add(Device device) {
        if (device.externalId() == null) {
            return;
        }
        Map<String, Device> ofOrganization =
                byOrganization.computeIfAbsent(device.organizationId(), id -> new HashMap<>());
        Device other = ofOrganization.get(device.externalId());
        if (other != null && other.version() >= device.version()) {
            rivals.add(device);
            return;
        }
        if (other != null) {
            // A map keeps the key that it has: that text would be the other's.
            ofOrganization.remove(other.externalId());
            rivals.add(other);
        }
        ofOrganization.put(device.externalId(), device);
    }

    /** Takes a device out that was taken in. */
    void remove(Device device) {
        if (device.externalId() == null || rivals.remove(device)) {
            return;
        }
        Map<String, Device> ofOrganization = byOrganization.get(device.organizationId());
        ofOrganization.remove(device.externalId());
        if (ofOrganization.isEmpty()) {
            byOrganization.remove(device.organizationId());
        }
        // Each of them either is found then, or is a rival of the first again.
        List<Device> heirs = rivals.stream().filter(rival -> isOf(device, rival)).toList();
        rivals.removeAll(heirs);
        heirs.forEach(this::add);
    }

    private static boolean isOf(Device device, Device rival) {
        return rival.externalId().equals(device.externalId())
                && rival.organizationId().equals(device.organizationId());
    }

    /** Forgets all devices. */
    void clear() {
        byOrganization.clear();
        rivals.clear();
    }
}
