package io.ponix.jobs.envelope.poison;

import static io.ponix.jobs.envelope.poison.PoisonInput.LPP;
import static io.ponix.jobs.envelope.poison.PoisonInput.OCCURRED_AT;
import static io.ponix.jobs.envelope.poison.PoisonInput.TEMPERATURE;
import static io.ponix.jobs.envelope.poison.PoisonInput.changed;
import static io.ponix.jobs.envelope.poison.PoisonInput.deviceId;
import static io.ponix.jobs.envelope.poison.PoisonInput.letter;
import static io.ponix.jobs.envelope.poison.PoisonInput.published;
import static io.ponix.jobs.envelope.poison.PoisonInput.row;
import static io.ponix.jobs.envelope.poison.PoisonInput.transformed;

import io.ponix.jobs.envelope.poison.PoisonInput.Ending;
import io.ponix.jobs.envelope.poison.PoisonInput.Row;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.util.List;

/** Devices and organizations that are not what an envelope says, and ids that nobody expects. */
final class IdentityInputs {

    /** The id of a device that is known, with most of what an id should not hold. */
    static final String HOSTILE_DEVICE = "a.b.*.> \t\r\n'\"\\`$(x){}%00\u007f\u00e9\u2028🙂";

    /** What senders call a device that is known, in the form that the service keeps. */
    static final String HOSTILE_EXTERNAL_ID = "a.b.*.> '\"\\`$(x){}%00é\u2028🙂";

    static final String EXTERNAL_ID = "a84041ffff1822c4";
    static final String NAMED_DEVICE = "device-of-external-id";
    static final String HOSTILE_NAMED_DEVICE = "device-of-hostile-external-id";

    static final String DELETED_DEVICE = "deleted-device";
    static final String DEVICE_OF_DELETED_ORGANIZATION = "device-of-deleted-organization";
    static final String DELETED_ORGANIZATION = "deleted-organization";

    private IdentityInputs() {}

    static List<PoisonInput> all() {
        return List.of(
                changed(
                        "an empty device",
                        envelope -> envelope.setEndDeviceId(""),
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                                "names no device")),
                nobody("a device that does not exist", "nobody"),
                nobody("a device of spaces", "   "),
                nobody("a device with dots", "a.b.c"),
                nobody("a device that is a wildcard", "*"),
                nobody("a device that is all subjects", ">"),
                nobody("a device with NUL", "a\0b"),
                nobody("a device with control characters", "\u0001\u0002\u001b[2J\u007f"),
                nobody("a device that adds headers", "a\r\nPonix-Reason: NONE\r\n\r\n"),
                nobody("a device that is SQL", "' OR 1 = 1; DROP TABLE processed_envelopes --"),
                nobody("a device of emoji", "🙂".repeat(300)),
                nobody("a device of 1 MB", "d".repeat(1_000_000)),
                changed(
                        "a known device of an impossible name",
                        envelope -> envelope.setEndDeviceId(HOSTILE_DEVICE),
                        new Row(HOSTILE_DEVICE, OCCURRED_AT, TEMPERATURE)),
                changed(
                        "a deleted device",
                        envelope -> envelope.setEndDeviceId(DELETED_DEVICE),
                        letter(DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, "deleted")),
                external(
                        "an external id in capitals",
                        "A84041FFFF1822C4",
                        new Row(NAMED_DEVICE, OCCURRED_AT, TEMPERATURE)),
                external(
                        "an external id that nobody expects",
                        HOSTILE_EXTERNAL_ID,
                        new Row(HOSTILE_NAMED_DEVICE, OCCURRED_AT, TEMPERATURE)),
                changed(
                        "an external id beside an id",
                        envelope -> envelope.setExternalId(EXTERNAL_ID),
                        PoisonInput.row("an external id beside an id", TEMPERATURE)),
                unknownName("an external id with dashes", "A8-40-41-FF-FF-18-22-C4"),
                unknownName("an external id with NUL", "a84041ffff1822c4\0"),
                unknownName("an external id of 1 MB", "A".repeat(1_000_000)),
                unknownName("the id of a device as external id", NAMED_DEVICE),
                changed(
                        "an external id in another organization",
                        envelope ->
                                envelope.clearEndDeviceId()
                                        .setOrganizationId("other")
                                        .setExternalId(EXTERNAL_ID),
                        letter(DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, "unknown")),
                changed(
                        "an external id without an organization",
                        envelope ->
                                envelope.clearEndDeviceId()
                                        .clearOrganizationId()
                                        .setExternalId(EXTERNAL_ID),
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                                "no organization_id")),
                organization("an empty organization", ""),
                organization("another organization", "other"),
                organization("an organization in capitals", "ORG"),
                organization("an organization of 1 MB", "o".repeat(1_000_000)),
                changed(
                        "a deleted organization",
                        envelope ->
                                envelope.setOrganizationId(DELETED_ORGANIZATION)
                                        .setEndDeviceId(DEVICE_OF_DELETED_ORGANIZATION),
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_NOT_ACTIVE,
                                DELETED_ORGANIZATION)),
                published(
                        "a subject of another device",
                        NAMED_DEVICE,
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_SUBJECT_MISMATCH,
                                "a-subject-of-another-device")),
                published(
                        "a subject of its own",
                        deviceId("a subject of its own"),
                        row("a subject of its own", TEMPERATURE)),
                transformed(
                        "no transform",
                        "",
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION,
                                "payload_conversion")));
    }

    private static PoisonInput nobody(String name, String deviceId) {
        return changed(
                name,
                LPP,
                envelope -> envelope.setEndDeviceId(deviceId),
                letter(DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, "unknown"));
    }

    private static PoisonInput unknownName(String name, String externalId) {
        return external(
                name,
                externalId,
                letter(DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, "unknown"));
    }

    private static PoisonInput external(String name, String externalId, Ending ending) {
        return changed(
                name, envelope -> envelope.clearEndDeviceId().setExternalId(externalId), ending);
    }

    private static PoisonInput organization(String name, String organization) {
        return changed(
                name,
                envelope -> envelope.setOrganizationId(organization),
                letter(DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_MISMATCH, "organization"));
    }
}
