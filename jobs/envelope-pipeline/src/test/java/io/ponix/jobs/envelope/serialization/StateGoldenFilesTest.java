package io.ponix.jobs.envelope.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.deadletter.DeadLetterSerializer;
import io.ponix.jobs.envelope.announcements.AnnouncedChange;
import io.ponix.jobs.envelope.announcements.AnnouncedChangeSerializer;
import io.ponix.jobs.envelope.announcements.AnnouncedTable;
import io.ponix.jobs.envelope.devices.DeviceChangeSerializer;
import io.ponix.jobs.envelope.devices.DeviceChanges;
import io.ponix.jobs.envelope.transform.EnvelopeRowsSerializer;
import io.ponix.jobs.envelope.transform.KnownEnvelopeSerializer;
import io.ponix.jobs.envelope.transform.KnownEnvelopes;
import io.ponix.jobs.envelope.transform.PreviousResultSerializer;
import io.ponix.jobs.envelope.transform.ProcessedRows;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.jobs.serialization.VersionedSerializer;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.transforms.PreviousResult;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What released versions wrote, as files: each must be restored for ever, and the current version
 * must write exactly its own. Parked envelopes are the operator's state, announced changes that of
 * their sink; the others are in checkpoints only when those are unaligned, as records on their way.
 * Devices are in none: every start reads them from Postgres.
 */
class StateGoldenFilesTest {

    private static final RawMessage MESSAGE =
            new RawMessage(
                    "raw_envelopes",
                    42,
                    "raw_envelopes.1.d",
                    1000,
                    HexFormat.of().parseHex("120164"));

    /** Every version of one kind: the n-th value is what version n's file holds. */
    private record Kind<T>(String file, VersionedSerializer<T> serializer, List<T> valueOfVersion) {

        @Override
        public String toString() {
            return file;
        }
    }

    static Stream<Kind<?>> kinds() {
        return Stream.of(
                new Kind<>("raw-message", RawMessageSerializer.INSTANCE, List.of(MESSAGE)),
                new Kind<>(
                        "previous-result",
                        PreviousResultSerializer.INSTANCE,
                        List.of(
                                new PreviousResult(
                                        "{\"a\":1}".getBytes(StandardCharsets.UTF_8),
                                        1_769_860_800L,
                                        250_000_000,
                                        2))),
                new Kind<>(
                        "known-envelope",
                        KnownEnvelopeSerializer.INSTANCE,
                        List.of(KnownEnvelopes.storedInPart(MESSAGE, 1, 0, 7))),
                new Kind<>(
                        "device-change",
                        DeviceChangeSerializer.INSTANCE,
                        List.of(
                                DeviceChanges.device("d", "org", "{}", "", 7, true),
                                DeviceChanges.device("d", "org", "{}", "def", 7, true),
                                DeviceChanges.device("d", "org", "{}", "def", "ext", 7, true),
                                DeviceChanges.device("d", "org", "{}", "def", "ext", 7, true))),
                new Kind<>(
                        "dead-letter",
                        DeadLetterSerializer.INSTANCE,
                        List.of(
                                // Version 1 has no ids: they are those of the message's bytes.
                                // Version 2 has
                                // no external id.
                                new DeadLetter(
                                        MESSAGE,
                                        "",
                                        "d",
                                        "",
                                        DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                                        "no",
                                        2000),
                                new DeadLetter(
                                        MESSAGE,
                                        "org",
                                        "d",
                                        "",
                                        DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                                        "no",
                                        2000),
                                new DeadLetter(
                                        MESSAGE,
                                        "org",
                                        "d",
                                        "ext",
                                        DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                                        "no",
                                        2000),
                                // Before, the message had all of its bytes.
                                new DeadLetter(
                                        MESSAGE,
                                        300,
                                        "org",
                                        "d",
                                        "ext",
                                        DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                                        "no",
                                        2000))),
                new Kind<>(
                        "announced-change",
                        AnnouncedChangeSerializer.INSTANCE,
                        List.of(
                                // Version 1 is of gateways only.
                                new AnnouncedChange(
                                        AnnouncedTable.GATEWAYS,
                                        AnnouncedChange.Operation.UPDATE,
                                        "g",
                                        7,
                                        Gateway.newBuilder()
                                                .setGatewayId("g")
                                                .setName("North")
                                                .build()
                                                .toByteString()),
                                new AnnouncedChange(
                                        AnnouncedTable.END_DEVICES,
                                        AnnouncedChange.Operation.UPDATE,
                                        "d",
                                        7,
                                        EndDevice.newBuilder()
                                                .setDeviceId("d")
                                                .build()
                                                .toByteString()))),
                new Kind<>(
                        "envelope-rows",
                        EnvelopeRowsSerializer.INSTANCE,
                        // As they are read: without the room that the operator's array has.
                        List.of(
                                        ProcessedRows.row("d", "{\"a\":1}"),
                                        ProcessedRows.rows("d", "{\"a\":1}", "{\"a\":2}"),
                                        ProcessedRows.of(
                                                "def",
                                                63,
                                                1L << 40,
                                                ProcessedRows.rows("d", "{\"a\":1}", "{\"a\":2}"),
                                                "low battery",
                                                "°"))
                                .stream()
                                .map(EnvelopeRowsSerializer.INSTANCE::copy)
                                .toList()));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <T> void everyVersionIsRestored(Kind<T> kind) throws Exception {
        for (int version = 1; version <= kind.valueOfVersion().size(); version++) {
            assertThat(
                            SerializedForm.read(
                                    kind.serializer(),
                                    HexFormat.of().formatHex(golden(kind.file(), version))))
                    .as("%s, version %d", kind.file(), version)
                    .usingRecursiveComparison()
                    .isEqualTo(kind.valueOfVersion().get(version - 1));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    <T> void theCurrentVersionWritesItsGoldenFile(Kind<T> kind) throws Exception {
        int versions = kind.valueOfVersion().size();
        String written =
                SerializedForm.write(kind.serializer(), kind.valueOfVersion().get(versions - 1));
        assertThat(HexFormat.fromHexDigits(written, 0, 2))
                .as("the version that %s is written in, of which there is a golden file", kind)
                .isEqualTo(versions);
        if (!written.equals(HexFormat.of().formatHex(golden(kind.file(), versions)))) {
            fail(
                    "Version %d of %s is written otherwise than in its golden file. A savepoint of a"
                            + " released version could not be restored, or would be read wrongly: write"
                            + " version %d, keep reading version %d, and add a golden file for version %d"
                            + " (xxd -r -p) with:%n%s",
                    versions, kind.file(), versions + 1, versions, versions + 1, written);
        }
    }

    private static byte[] golden(String kind, int version) throws IOException {
        String file = "/state/" + kind + "-v" + version + ".bin";
        try (InputStream in = StateGoldenFilesTest.class.getResourceAsStream(file)) {
            assertThat(in).as("src/test/resources" + file).isNotNull();
            return in.readAllBytes();
        }
    }
}
