package io.ponix.cli.chaos;

import io.ponix.cli.registry.DeviceRegistry;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.simulation.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * The devices of a chaos run. Each row names the revision of the transform that made it, so that a
 * job with an old state of a device is found out. Of some devices each envelope is several rows, of
 * one in forty a thousand, and of some of these the rows are of several months. Some devices count
 * what they have sent, each row from the one before it.
 *
 * <p>One thread at a time changes devices; others may ask for them meanwhile.
 */
final class Fleet {

    /** The key under which a row says which of its device's it is, from 1. */
    static final String COUNT = "count";

    private static final int FEWEST_ROWS = 2;
    private static final int MOST_ROWS = 50;
    private static final int MANY_ROWS = 1_000;
    private static final int ROWS_OF_MONTHS = 3;
    private static final Duration LONGEST_MONTH = Duration.ofDays(31);

    private final DeviceRegistry registry;
    private final String organizationId;
    private final List<String> names = new ArrayList<>();
    private final List<String> transforms = new ArrayList<>();

    private final List<RegisteredDevice> devices;
    private final int[] revisions;
    private final int[] latestRevisions;
    private final Set<String> deletedIds = new HashSet<>();
    private final List<Version> versions = new ArrayList<>();
    private final List<String> misremembered = new ArrayList<>();
    private int looksBack;

    /** A device as it was from a version on. */
    private record Version(String deviceId, int number, long version, int revision) {}

    /**
     * @param registered told how many devices are registered so far
     */
    Fleet(DeviceRegistry registry, Simulation simulation, IntConsumer registered) {
        this.registry = registry;
        this.organizationId = simulation.organizationId();
        simulation
                .deviceTransforms()
                .forEach(
                        (name, transform) -> {
                            names.add(name);
                            transforms.add(transform);
                        });
        this.revisions = new int[names.size()];
        this.latestRevisions = new int[names.size()];
        Map<String, String> wanted = new LinkedHashMap<>();
        for (int number = 0; number < names.size(); number++) {
            wanted.put(names.get(number), transform(number));
        }
        this.devices = registry.ensureDevices(organizationId, wanted, registered);
    }

    int size() {
        return names.size();
    }

    /** The device that has a number now. */
    synchronized RegisteredDevice device(int number) {
        return devices.get(number);
    }

    /** Gives a device the next revision of its transform. */
    void update(int number) {
        int revision = ++latestRevisions[number];
        String id = device(number).id();
        become(number, registry.updateTransform(id, transform(number, revision)), revision);
    }

    /** Makes a device what it was at one of its versions; one that was never updated is, first. */
    void restore(int number, SplittableRandom random) {
        String id = device(number).id();
        if (versionsOf(id).isEmpty()) {
            update(number);
            update(number);
        }
        List<Version> known = versionsOf(id);
        Version wanted = known.get(random.nextInt(known.size()));
        become(number, registry.restore(id, wanted.version()), wanted.revision());
    }

    /**
     * Makes all devices what they were, by a snapshot of their organization, after what somebody
     * does to them.
     */
    void restoreAllAfter(Runnable changes) {
        String snapshot = registry.createSnapshot(organizationId);
        int[] before = revisions.clone();
        changes.run();
        Map<String, Long> restored = registry.restoreSnapshot(snapshot);
        for (int number = 0; number < before.length; number++) {
            Long version = restored.get(device(number).id());
            if (version != null) {
                become(number, version, before[number]);
            }
        }
    }

    private void become(int number, long version, int revision) {
        revisions[number] = revision;
        versions.add(new Version(device(number).id(), number, version, revision));
    }

    private List<Version> versionsOf(String deviceId) {
        return versions.stream().filter(each -> each.deviceId().equals(deviceId)).toList();
    }

    /** Looks back at one of the versions; there was a change before. */
    void lookBack(SplittableRandom random) {
        looksBack++;
        lookBack(versions.get(random.nextInt(versions.size())));
    }

    private void lookBack(Version version) {
        String seen = registry.transformAt(version.deviceId(), version.version());
        if (!seen.equals(transform(version.number(), version.revision()))) {
            misremembered.add(
                    "%s at version %d had revision %d of its transform, its history says %s"
                            .formatted(
                                    version.deviceId(),
                                    version.version(),
                                    version.revision(),
                                    seen));
        }
    }

    /**
     * Looks back at every version of the devices; describes those that are not what they were, now
     * or when they were looked at before.
     */
    List<String> misremembered() {
        versions.forEach(this::lookBack);
        return List.copyOf(misremembered);
    }

    /** How often a version was looked at between changes. */
    int looksBack() {
        return looksBack;
    }

    /** How many versions of devices are known. */
    int versions() {
        return versions.size();
    }

    /** Registers devices that never send. */
    void registerOthers(int count) {
        for (int number = 0; number < count; number++) {
            registry.create(organizationId, "silent", "{}");
        }
    }

    /**
     * Deletes a device and registers another one in its place, which sends at once.
     *
     * @param deleted told the device that is gone
     */
    void replace(int number, Consumer<RegisteredDevice> deleted) {
        RegisteredDevice before = device(number);
        synchronized (this) {
            deletedIds.add(before.id());
        }
        registry.delete(before.id());
        deleted.accept(before);
        RegisteredDevice after =
                registry.create(organizationId, names.get(number), transform(number));
        synchronized (this) {
            devices.set(number, after);
        }
    }

    /**
     * Whether a device was deleted during the run: what it sent may be a dead letter. Of one that
     * was created and sent at once nothing may be.
     */
    synchronized boolean isDeleted(String deviceId) {
        return deletedIds.contains(deviceId);
    }

    /** The revision that each device's rows should name by now, by its id. */
    synchronized Map<String, Integer> revisions() {
        Map<String, Integer> expected = new HashMap<>();
        for (int number = 0; number < revisions.length; number++) {
            expected.put(devices.get(number).id(), revisions[number]);
        }
        return expected;
    }

    /** How many rows each envelope of a device with this number becomes. */
    static int rowsOf(int number) {
        if (isOfMonths(number)) {
            return ROWS_OF_MONTHS;
        } else if (number % 40 == 33) {
            return MANY_ROWS;
        }
        return number % 10 == 3 ? FEWEST_ROWS + number / 10 % (MOST_ROWS - FEWEST_ROWS + 1) : 1;
    }

    /** Whether the rows of a device with this number have a count. */
    private static boolean isCounting(int number) {
        return number % 10 == 5;
    }

    private static boolean isOfMonths(int number) {
        return number % 25 == 7;
    }

    private String transform(int number) {
        return transform(number, revisions[number]);
    }

    private String transform(int number, int revision) {
        String row =
                "{\"revision\": %d, \"reading\": %s".formatted(revision, transforms.get(number));
        if (isCounting(number)) {
            return row + ", \"" + COUNT + "\": int(previous.?result.?count.orValue(0)) + 1}";
        }
        int rows = rowsOf(number);
        return rows == 1
                ? row + "}"
                : "lists.range(%d).map(row, %s, \"occurred_at\": timestamp(int(occurred_at) - row * %d)})"
                        .formatted(
                                rows,
                                row,
                                (isOfMonths(number) ? LONGEST_MONTH : Duration.ofHours(1))
                                        .toSeconds());
    }
}
