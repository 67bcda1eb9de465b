package io.ponix.jobs.envelope.serialization;

import static io.ponix.jobs.envelope.serialization.SerializedForm.assertGolden;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.deadletter.DeadLetterSerializer;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceChangeSerializer;
import io.ponix.jobs.envelope.devices.DeviceChanges;
import io.ponix.jobs.envelope.devices.RegistryTable;
import io.ponix.jobs.envelope.devices.TransformKey;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.io.IOException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.junit.jupiter.api.Test;

/**
 * Pins the bytes of everything that ends up in savepoints: whoever changes a format has to add a
 * version.
 */
class SerializersTest {

    private static final RawMessage MESSAGE =
            new RawMessage("raw", 42, "raw.1.d", 1000, HexFormat.of().parseHex("120164"));

    private static final String MESSAGE_BYTES =
            "01"
                    + "00000003726177"
                    + "000000000000002a"
                    + "000000077261772e312e64"
                    + "00000000000003e8"
                    + "00000003120164";

    @Test
    void rawMessage() throws Exception {
        assertGolden(RawMessageSerializer.INSTANCE, MESSAGE, MESSAGE_BYTES);
    }

    @Test
    @SuppressWarnings("unchecked")
    void theNameInSavepointsOfBeforeTheFirstReleaseStandsForTheSameSerializer() throws Exception {
        // By name, as Flink does: a refactoring must not take the name along.
        TypeSerializerSnapshot<RawMessage> old =
                (TypeSerializerSnapshot<RawMessage>)
                        Class.forName(
                                        "io.ponix.jobs.envelope.envelope"
                                                + ".InboundEnvelopeSerializer$Snapshot")
                                .getConstructor()
                                .newInstance();
        assertThat(old.restoreSerializer()).isEqualTo(RawMessageSerializer.INSTANCE);
        assertThat(
                        RawMessageSerializer.INSTANCE
                                .snapshotConfiguration()
                                .resolveSchemaCompatibility(old)
                                .isCompatibleAsIs())
                .isTrue();
        assertThat(RawMessageSerializer.Snapshot.class.getName())
                .isEqualTo("io.ponix.jobs.message.RawMessageSerializer$Snapshot");
    }

    @Test
    void theKeyOfATransformIsTheBeginningOfItsSha256() {
        // printf abc | sha256sum
        assertThat(TransformKey.of("abc"))
                .isEqualTo(new TransformKey(0xba7816bf8f01cfeaL, 0x414140de5dae2223L));
        // printf '\\0abc' | sha256sum
        assertThat(TransformKey.ofContracts("abc"))
                .isEqualTo(new TransformKey(0x609f6e36d2405585L, 0x188d5cfd761f407cL));
    }

    @Test
    void deviceChange() throws Exception {
        String firstFields =
                "01"
                        + "0000000164"
                        + "000000036f7267"
                        + "0000000661206e616d65"
                        + "000000027b7d"
                        + "0000000000000007"
                        + "01";
        assertGolden(
                DeviceChangeSerializer.INSTANCE,
                DeviceChanges.device("d", "org", "{}", "def", "ext", 7, true),
                "04" + firstFields + "00000003646566" + "00000000" + "00000003657874" + "00000000");
        // Version 3, before definitions described messages.
        assertThat(
                        SerializedForm.read(
                                DeviceChangeSerializer.INSTANCE,
                                "03"
                                        + firstFields
                                        + "00000003646566"
                                        + "00000000"
                                        + "00000003657874"))
                .isEqualTo(DeviceChanges.device("d", "org", "{}", "def", "ext", 7, true));
        // Version 2, before there were external ids.
        assertThat(
                        SerializedForm.read(
                                DeviceChangeSerializer.INSTANCE,
                                "02" + firstFields + "00000003646566" + "00000000"))
                .isEqualTo(DeviceChanges.device("d", "org", "{}", "def", 7, true));
        // Version 1, before there were definitions.
        assertThat(SerializedForm.read(DeviceChangeSerializer.INSTANCE, "01" + firstFields))
                .isEqualTo(DeviceChanges.device("d", "org", "{}", "", 7, true));
    }

    @Test
    void deviceChangesOfEveryKind() throws Exception {
        Map<DeviceChange, String> changes = new LinkedHashMap<>();
        changes.put(
                new DeviceChange.Removed(RegistryTable.DEVICES, "d", 8),
                "0402000000016400000000000000000000000000000000000000080100000000000000000000000000000000");
        changes.put(
                new DeviceChange.Truncated(RegistryTable.DEVICES),
                "04030000000000000000000000000000000000000000000000000100000000000000000000000000000000");
        changes.put(
                new DeviceChange.OrganizationUpserted("o", 9, false),
                "0404000000016f00000000000000000000000000000000000000090000000000000000000000000000000000");
        changes.put(
                new DeviceChange.Removed(RegistryTable.ORGANIZATIONS, "o", 10),
                "0405000000016f000000000000000000000000000000000000000a0100000000000000000000000000000000");
        changes.put(
                new DeviceChange.Truncated(RegistryTable.ORGANIZATIONS),
                "04060000000000000000000000000000000000000000000000000100000000000000000000000000000000");
        changes.put(
                new DeviceChange.DefinitionUpserted("def", "a name", "[]", "CgA=", 11),
                "040700000003646566000000000000000661206e616d6500000000000000000000000b00"
                        + "00000000000000025b5d00000000000000044367413d");
        changes.put(
                new DeviceChange.Removed(RegistryTable.DEFINITIONS, "def", 12),
                "040800000003646566000000000000000000000000000000000000000c0100000000000000000000000000000000");
        changes.put(
                new DeviceChange.Truncated(RegistryTable.DEFINITIONS),
                "04090000000000000000000000000000000000000000000000000100000000000000000000000000000000");
        changes.put(
                new DeviceChange.Published("1 2"),
                "040a0000000331203200000000000000000000000000000000000000000000000000000000000000000000000000");
        for (Map.Entry<DeviceChange, String> change : changes.entrySet()) {
            assertGolden(DeviceChangeSerializer.INSTANCE, change.getKey(), change.getValue());
        }
    }

    @Test
    void deadLetter() throws Exception {
        assertGolden(
                DeadLetterSerializer.INSTANCE,
                new DeadLetter(
                        MESSAGE,
                        300,
                        "org",
                        "d",
                        "ext",
                        DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                        "no",
                        2000),
                "04"
                        + MESSAGE_BYTES
                        + "0000012c"
                        + "000000036f7267"
                        + "0000000164"
                        + "00000003657874"
                        + "02"
                        + "000000026e6f"
                        + "00000000000007d0");
    }

    @Test
    void aReasonOfALaterVersionIsSaidToBeOne() throws Exception {
        String known =
                SerializedForm.write(
                        DeadLetterSerializer.INSTANCE,
                        new DeadLetter(
                                MESSAGE,
                                "",
                                "",
                                "",
                                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                                "",
                                2000));
        String later =
                known.replace(
                        "02" + "00000000" + "00000000000007d0",
                        "7f" + "00000000" + "00000000000007d0");
        assertThatThrownBy(() -> SerializedForm.read(DeadLetterSerializer.INSTANCE, later))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("reason 127")
                .hasMessageContaining("newer Ponix");
    }
}
