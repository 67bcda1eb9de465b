package io.ponix.jobs.envelope.poison;

import static io.ponix.jobs.envelope.poison.PoisonInput.LPP;
import static io.ponix.jobs.envelope.poison.PoisonInput.OCCURRED_AT;
import static io.ponix.jobs.envelope.poison.PoisonInput.TEMPERATURE;
import static io.ponix.jobs.envelope.poison.PoisonInput.changed;
import static io.ponix.jobs.envelope.poison.PoisonInput.letter;
import static io.ponix.jobs.envelope.poison.PoisonInput.transformed;

import io.ponix.jobs.envelope.poison.PoisonInput.Row;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.util.List;

/** Devices and organizations that are not what an envelope says, and ids that nobody expects. */
final class IdentityInputs {

    /** The id of a device that is known, with most of what an id should not hold. */
    static final String HOSTILE_DEVICE = "a.b.*.> \t\r\n'\"\\`$(x){}%00\u007f\u00e9\u2028🙂";

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

    private static PoisonInput organization(String name, String organization) {
        return changed(
                name,
                envelope -> envelope.setOrganizationId(organization),
                letter(DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_MISMATCH, "organization"));
    }
}
