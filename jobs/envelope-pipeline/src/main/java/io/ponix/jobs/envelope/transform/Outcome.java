package io.ponix.jobs.envelope.transform;

/** What became of an envelope. */
enum Outcome {
    /** {@link EnvelopeDecoding#rows()} holds them, one at least. */
    ROWS,
    /** Its transform gave an empty list: it is meant to have no row. */
    EMPTY,
    /** Its contracts see what the device's envelope before became: to be decoded after that. */
    AFTER_PREVIOUS,
    /** Its device is not known yet. */
    UNKNOWN_DEVICE,
    /** Its device is known, but not yet the definition that the device refers to. */
    UNKNOWN_DEFINITION,
    /** No contract of its device's definition applies to it. */
    UNMATCHED,
    /**
     * {@link EnvelopeDecoding#failure()} and {@link EnvelopeDecoding#failureMessage()} say why it
     * has no rows.
     */
    FAILED
}
