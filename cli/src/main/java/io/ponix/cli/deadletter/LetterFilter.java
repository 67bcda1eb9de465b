package io.ponix.cli.deadletter;

import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.deadletter.DeadLetterReasons;
import io.ponix.proto.envelope.ExternalId;
import java.time.Instant;

/**
 * Which dead letters are meant.
 *
 * @param reason their reason, or null for any
 * @param device the id or external id of the device that the envelope names, or null for any
 * @param since only letters stored then or later, or null for all
 */
public record LetterFilter(DeadLetterReason reason, String device, Instant since) {

    /** Every letter. */
    public static final LetterFilter ALL = new LetterFilter(null, null, null);

    /** Only those of a reason, or all if it is null. */
    public static LetterFilter ofReason(DeadLetterReason reason) {
        return new LetterFilter(reason, null, null);
    }

    /** Whether it means every letter. */
    public boolean isEmpty() {
        return equals(ALL);
    }

    /** The subjects of the letters that it may mean, in the stream of dead letters. */
    String subject(String stream) {
        return reason == null
                ? DeadLetterReasons.subjects(stream)
                : DeadLetterReasons.subject(stream, reason);
    }

    /** What neither the subject nor the starting point decides. */
    boolean accepts(StoredLetter letter) {
        String externalId = letter.content().getExternalId();
        return device == null
                || device.equals(letter.content().getEndDeviceId())
                || !externalId.isEmpty()
                        && ExternalId.normal(externalId).equals(ExternalId.normal(device));
    }
}
