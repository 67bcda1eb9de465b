package io.ponix.jobs.envelope.devices;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceDirectoryTest {

    private static final TransformKey A = TransformKey.of("{'a': 1}");
    private static final TransformKey B = TransformKey.of("{'b': 1}");

    private final List<TransformKey> dropped = new ArrayList<>();
    private final DeviceDirectory directory = new DeviceDirectory(dropped::add);

    @Test
    void aNewerVersionOverwritesAndAnOlderOneDoesNot() {
        directory.apply(DeviceChanges.device("d", "o", "{'a': 1}", "", 5, false));
        directory.apply(DeviceChanges.device("d", "o", "{'b': 1}", "", 4, false));
        assertThat(directory.device("d"))
                .isEqualTo(Device.of(DeviceChanges.device("d", "o", "", "", 5, false), A));

        directory.apply(DeviceChanges.device("d", "o2", "{'b': 1}", "", 6, false));
        assertThat(directory.device("d"))
                .isEqualTo(Device.of(DeviceChanges.device("d", "o2", "", "", 6, false), B));
        assertThat(directory.deviceCount()).isEqualTo(1);
    }

    @Test
    void aDeletedDeviceIsNotBroughtBackByAnOlderChange() {
        directory.apply(DeviceChanges.device("d", "o", "{'a': 1}", "", 5, true));
        directory.apply(DeviceChanges.device("d", "o", "{'a': 1}", "", 4, false));
        assertThat(directory.device("d"))
                .isEqualTo(Device.of(DeviceChanges.device("d", "o", "", "", 5, true), null));
    }

    @Test
    void aRemovalDoesNotTouchANewerRow() {
        directory.apply(DeviceChanges.device("d", "o", "", "", 5, false));
        directory.apply(new DeviceChange.Removed(RegistryTable.DEVICES, "d", 4));
        assertThat(directory.device("d")).isNotNull();
        directory.apply(new DeviceChange.Removed(RegistryTable.DEVICES, "d", 5));
        assertThat(directory.device("d")).isNull();
        directory.apply(new DeviceChange.Removed(RegistryTable.DEVICES, "d", 5));
        assertThat(directory.deviceCount()).isZero();
    }

    @Test
    void eachTransformIsHeldOnceAndUntilItsLastDeviceLetsGo() {
        directory.apply(DeviceChanges.device("d1", "o", "{'a': 1}", "", 1, false));
        directory.apply(DeviceChanges.device("d2", "o", "{'a': 1}", "", 2, false));
        assertThat(directory.transformCount()).isEqualTo(1);
        assertThat(directory.transform(A)).isEqualTo("{'a': 1}");

        directory.apply(DeviceChanges.device("d1", "o", "{'b': 1}", "", 3, false));
        assertThat(directory.transformCount()).isEqualTo(2);
        assertThat(dropped).isEmpty();

        // The same transform again: neither dropped nor counted twice.
        directory.apply(DeviceChanges.device("d2", "o", "{'a': 1}", "", 4, false));
        assertThat(dropped).isEmpty();

        directory.apply(new DeviceChange.Removed(RegistryTable.DEVICES, "d2", 4));
        assertThat(dropped).containsExactly(A);
        assertThat(directory.transform(A)).isNull();
        assertThat(directory.transformCount()).isEqualTo(1);
    }

    @Test
    void aBlankTransformIsNone() {
        directory.apply(DeviceChanges.device("d", "o", " \n", "", 1, false));
        assertThat(directory.device("d").transform()).isNull();
    }

    @Test
    void aTruncationRemovesEverything() {
        directory.apply(new DeviceChange.OrganizationUpserted("o", 1, false));
        directory.apply(DeviceChanges.device("d", "o", "{'a': 1}", "", 2, false));
        directory.apply(new DeviceChange.Truncated(RegistryTable.DEVICES));
        assertThat(directory.device("d")).isNull();
        assertThat(directory.deviceCount()).isZero();
        assertThat(directory.transformCount()).isZero();
        assertThat(dropped).containsExactly(A);
        assertThat(directory.isActive("o")).isTrue();

        directory.apply(new DeviceChange.Truncated(RegistryTable.ORGANIZATIONS));
        assertThat(directory.isActive("o")).isFalse();
        assertThat(directory.organizationCount()).isZero();
    }

    @Test
    void anOrganizationIsActiveUntilItIsDeletedOrRemoved() {
        assertThat(directory.isActive("o")).isFalse();
        directory.apply(new DeviceChange.OrganizationUpserted("o", 1, false));
        assertThat(directory.isActive("o")).isTrue();
        directory.apply(new DeviceChange.OrganizationUpserted("o", 2, true));
        directory.apply(new DeviceChange.OrganizationUpserted("o", 1, false));
        assertThat(directory.isActive("o")).isFalse();
        directory.apply(new DeviceChange.OrganizationUpserted("o", 3, false));
        directory.apply(new DeviceChange.Removed(RegistryTable.ORGANIZATIONS, "o", 2));
        assertThat(directory.isActive("o")).isTrue();
        directory.apply(new DeviceChange.Removed(RegistryTable.ORGANIZATIONS, "o", 3));
        assertThat(directory.isActive("o")).isFalse();
        assertThat(directory.organizationCount()).isZero();
    }

    @Test
    void aRemovalCountsWhetherItFindsARowOrNot() {
        directory.apply(DeviceChanges.device("d", "o", "", "", 5, false));
        directory.apply(new DeviceChange.OrganizationUpserted("o", 1, false));
        assertThat(directory.removals()).isZero();
        directory.apply(new DeviceChange.Removed(RegistryTable.DEVICES, "d", 4));
        directory.apply(new DeviceChange.Removed(RegistryTable.DEVICES, "other", 4));
        directory.apply(new DeviceChange.Truncated(RegistryTable.DEVICES));
        directory.apply(new DeviceChange.Removed(RegistryTable.ORGANIZATIONS, "o", 1));
        directory.apply(new DeviceChange.Truncated(RegistryTable.ORGANIZATIONS));
        directory.apply(new DeviceChange.Removed(RegistryTable.DEFINITIONS, "def", 1));
        directory.apply(new DeviceChange.Truncated(RegistryTable.DEFINITIONS));
        assertThat(directory.removals()).isEqualTo(7);
    }

    @Test
    void aNewerDefinitionOverwritesAndAnOlderOneDoesNot() {
        directory.apply(new DeviceChange.DefinitionUpserted("def", "a name", "[1]", "", 5));
        directory.apply(new DeviceChange.DefinitionUpserted("def", "a name", "[2]", "", 4));
        assertThat(directory.definition("def"))
                .isEqualTo(new Definition("a name", TransformKey.ofContracts("[1]"), 5));

        directory.apply(new DeviceChange.DefinitionUpserted("def", "another", "[2]", "", 6));
        assertThat(directory.definition("def"))
                .isEqualTo(new Definition("another", TransformKey.ofContracts("[2]"), 6));
        assertThat(directory.transform(TransformKey.ofContracts("[2]"))).isEqualTo("[2]");
        assertThat(dropped).containsExactly(TransformKey.ofContracts("[1]"));

        directory.apply(new DeviceChange.Removed(RegistryTable.DEFINITIONS, "def", 5));
        assertThat(directory.definition("def")).isNotNull();
        directory.apply(new DeviceChange.Removed(RegistryTable.DEFINITIONS, "def", 6));
        assertThat(directory.definition("def")).isNull();
        assertThat(directory.definitionCount()).isZero();
        assertThat(directory.transformCount()).isZero();
    }

    @Test
    void contractsOfOneTextMayNameOtherMessages() {
        String first = new DefinitionText("[1]", "AA==").text();
        String second = new DefinitionText("[1]", "AQ==").text();
        directory.apply(new DeviceChange.DefinitionUpserted("x", "a name", "[1]", "AA==", 1));
        directory.apply(new DeviceChange.DefinitionUpserted("y", "a name", "[1]", "AQ==", 2));
        assertThat(directory.transform(directory.definition("x").contracts())).isEqualTo(first);
        assertThat(directory.transform(directory.definition("y").contracts())).isEqualTo(second);
        assertThat(DefinitionText.read(second)).isEqualTo(new DefinitionText("[1]", "AQ=="));
        assertThat(DefinitionText.read("[1 ]")).isEqualTo(new DefinitionText("[1 ]", ""));

        directory.apply(new DeviceChange.DefinitionUpserted("y", "a name", "[1]", "AA==", 3));
        assertThat(dropped).containsExactly(TransformKey.ofContracts(second));
        assertThat(directory.transformCount()).isEqualTo(1);
    }

    @Test
    void aDeviceAndItsDefinitionMayComeInAnyOrder() {
        directory.apply(DeviceChanges.device("d", "o", "", "def", 5, false));
        assertThat(directory.device("d").definitionId()).isEqualTo("def");
        assertThat(directory.definition("def")).isNull();

        directory.apply(new DeviceChange.DefinitionUpserted("def", "a name", "[1]", "", 4));
        assertThat(directory.definition("def")).isNotNull();

        directory.apply(DeviceChanges.device("d", "o", "", "def", 6, true));
        assertThat(directory.device("d").definitionId()).isNull();
    }

    @Test
    void contractsThatDefinitionsHaveInCommonAreHeldOnce() {
        directory.apply(new DeviceChange.DefinitionUpserted("x", "a name", "[1]", "", 1));
        directory.apply(new DeviceChange.DefinitionUpserted("y", "a name", "[1]", "", 2));
        assertThat(directory.transformCount()).isEqualTo(1);

        // A transform with the same text is something else.
        directory.apply(DeviceChanges.device("d", "o", "[1]", "", 3, false));
        assertThat(directory.transformCount()).isEqualTo(2);

        // Devices that go take no contracts with them.
        directory.apply(new DeviceChange.Truncated(RegistryTable.DEVICES));
        assertThat(dropped).containsExactly(TransformKey.of("[1]"));
        assertThat(directory.definitionCount()).isEqualTo(2);
        directory.apply(new DeviceChange.Removed(RegistryTable.DEFINITIONS, "x", 1));
        assertThat(directory.transform(TransformKey.ofContracts("[1]"))).isEqualTo("[1]");
        directory.apply(new DeviceChange.Truncated(RegistryTable.DEFINITIONS));
        assertThat(directory.transform(TransformKey.ofContracts("[1]"))).isNull();
        assertThat(directory.definition("y")).isNull();
        assertThat(directory.definitionCount()).isZero();
    }
}
