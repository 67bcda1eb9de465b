package io.ponix.jobs.envelope.devices;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Devices are found by their external ids, whatever changes came in whatever order. */
class ExternalIdIndexTest {

    private static final List<String> DEVICES = List.of("d1", "d2", "d3", "d4", "d5");
    private static final List<String> ORGANIZATIONS = List.of("o", "p");
    private static final List<String> EXTERNAL_IDS = List.of("", "ab", "cd", "Meter 7");

    private final DeviceDirectory directory = new DeviceDirectory(key -> {});

    /** Keeps the rows only, and looks through all of them. */
    private static final class Naive {
        final Map<String, DeviceChange.DeviceUpserted> rows = new HashMap<>();

        void apply(DeviceChange change) {
            if (change instanceof DeviceChange.DeviceUpserted upserted) {
                rows.merge(
                        upserted.row().deviceId(),
                        upserted,
                        (old, next) -> old.version() >= next.version() ? old : next);
            } else if (change instanceof DeviceChange.Removed removed
                    && removed.table() == RegistryTable.DEVICES) {
                rows.computeIfPresent(
                        removed.id(), (id, old) -> old.version() <= removed.version() ? null : old);
            } else if (change instanceof DeviceChange.Truncated truncated
                    && truncated.table() == RegistryTable.DEVICES) {
                rows.clear();
            }
        }

        String find(String organization, String externalId) {
            return rows.values().stream()
                    .filter(
                            each ->
                                    !each.deleted()
                                            && each.row().organizationId().equals(organization)
                                            && each.row().externalId().equals(externalId))
                    .max(Comparator.comparing(DeviceChange.DeviceUpserted::version))
                    .map(each -> each.row().deviceId())
                    .orElse(null);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void agreesWithALookAtEveryRowAfterAnyChanges(long seed) {
        Random random = new Random(seed);
        Naive naive = new Naive();
        long found = 0;
        for (int step = 0; step < 5_000; step++) {
            DeviceChange change = change(random, step);
            if (change == null) {
                directory.clear();
                naive.rows.clear();
            } else {
                directory.apply(change);
                naive.apply(change);
            }
            for (String organization : ORGANIZATIONS) {
                for (String externalId : EXTERNAL_IDS.subList(1, EXTERNAL_IDS.size())) {
                    Device device = directory.deviceOfExternalId(organization, externalId);
                    assertThat(device == null ? null : device.id())
                            .as(
                                    "%s of %s after step %d: %s",
                                    externalId, organization, step, change)
                            .isEqualTo(naive.find(organization, externalId));
                    if (device != null) {
                        assertThat(device).isSameAs(directory.device(device.id()));
                        found++;
                    }
                }
                assertThat(directory.deviceOfExternalId(organization, "")).isNull();
            }
        }
        assertThat(found).as("times that a device was found").isGreaterThan(5_000);
    }

    /** Versions are all different, and often older than what is known; null stands for clear. */
    private static DeviceChange change(Random random, int step) {
        String id = one(random, DEVICES);
        long version = Math.max(0, step - random.nextInt(12)) * 100L + step % 100;
        int kind = random.nextInt(200);
        if (kind == 0) {
            return null;
        }
        if (kind == 1) {
            return new DeviceChange.Truncated(one(random, List.of(RegistryTable.values())));
        }
        if (kind < 20) {
            return new DeviceChange.Removed(RegistryTable.DEVICES, id, version);
        }
        return DeviceChanges.device(
                id,
                one(random, ORGANIZATIONS),
                "",
                "",
                one(random, EXTERNAL_IDS),
                version,
                kind < 50);
    }

    private static <T> T one(Random random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    @Test
    void caseDoesNotMatterWhereItIsHexadecimal() {
        directory.apply(DeviceChanges.device("d", "o", "", "", "a84041ffff1822c4", 1, false));
        assertThat(directory.deviceOfExternalId("o", "A84041FFFF1822C4").id()).isEqualTo("d");
        assertThat(directory.deviceOfExternalId("o", "a84041FFFF1822c4").id()).isEqualTo("d");
        assertThat(directory.device(DeviceName.ofExternalId("o", "A84041FFFF1822C4")).id())
                .isEqualTo("d");
        assertThat(directory.deviceOfExternalId("p", "a84041ffff1822c4")).isNull();
        assertThat(directory.device(DeviceName.ofId("a84041ffff1822c4"))).isNull();
        directory.apply(DeviceChanges.device("e", "o", "", "", "Meter", 2, false));
        assertThat(directory.deviceOfExternalId("o", "meter")).isNull();
    }

    /** What the change stream has not told of yet is in the tables, and the other way round. */
    @Test
    void anIdThatWentFromOneToAnotherIsTheOthersWhateverIsToldFirst() {
        directory.apply(DeviceChanges.device("a", "o", "", "", "x", 1, false));
        directory.apply(DeviceChanges.device("b", "o", "", "", "x", 3, false));
        assertThat(directory.deviceOfExternalId("o", "x").id()).isEqualTo("b");
        directory.apply(DeviceChanges.device("a", "o", "", "", "", 2, false));
        assertThat(directory.deviceOfExternalId("o", "x").id()).isEqualTo("b");

        // The new one's version was drawn before the old one let go.
        directory.apply(DeviceChanges.device("b", "o", "", "", "x", 6, false));
        directory.apply(DeviceChanges.device("c", "o", "", "", "x", 5, false));
        directory.apply(DeviceChanges.device("b", "o", "", "", "y", 7, false));
        assertThat(directory.deviceOfExternalId("o", "x").id()).isEqualTo("c");
        assertThat(directory.deviceOfExternalId("o", "y").id()).isEqualTo("b");
    }

    /** A directory of a million devices holds each text once, however often they change. */
    @Test
    void theTextsAreThoseOfTheDevice() throws Exception {
        for (long version = 1; version <= 3; version++) {
            directory.apply(
                    DeviceChanges.device(
                            new String("d"), "o", "", "", new String("x"), version, false));
        }
        Device device = directory.device("d");
        Map<?, ?> devices = field(directory, "devices", Map.class);
        ExternalIds index = field(directory, "externalIds", ExternalIds.class);
        Map<?, ?> organizations = field(index, "byOrganization", Map.class);
        List<Object> keys = new ArrayList<>(devices.keySet());
        keys.addAll(((Map<?, ?>) organizations.get("o")).keySet());
        assertThat(keys).hasSize(2);
        assertThat(keys.get(0)).isSameAs(device.id());
        assertThat(keys.get(1)).isSameAs(device.externalId());
    }

    private static <T> T field(Object object, String name, Class<T> type) throws Exception {
        Field field = object.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return type.cast(field.get(object));
    }
}
