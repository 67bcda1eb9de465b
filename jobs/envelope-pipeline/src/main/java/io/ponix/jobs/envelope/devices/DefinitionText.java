package io.ponix.jobs.envelope.devices;

import static java.util.Objects.requireNonNull;

/**
 * What of a definition decides how its envelopes are decoded, as one text, which is compiled as a
 * whole and has one {@link TransformKey}: the contracts, and before them, where there are any, the
 * messages that they name and a space. No base64 begins as contracts do, with a bracket.
 *
 * @param contracts as a {@link io.ponix.transforms.ContractDocument}
 * @param fileDescriptorSet the messages, in base64; empty if there are none
 */
public record DefinitionText(String contracts, String fileDescriptorSet) {
    private static final char AFTER_MESSAGES = ' ';

    /** Checks that nothing is {@code null}. */
    public DefinitionText {
        requireNonNull(contracts, "contracts");
        requireNonNull(fileDescriptorSet, "fileDescriptorSet");
    }

    /** What {@link #text()} has made. */
    public static DefinitionText read(String text) {
        int end = text.startsWith("[") ? -1 : text.indexOf(AFTER_MESSAGES);
        return end < 0
                ? new DefinitionText(text, "")
                : new DefinitionText(text.substring(end + 1), text.substring(0, end));
    }

    /** Both as one text. */
    public String text() {
        return fileDescriptorSet.isEmpty()
                ? contracts
                : fileDescriptorSet + AFTER_MESSAGES + contracts;
    }
}
