package io.ponix.jobs.envelope.deadletter;

/** The step of the pipeline that gives an envelope up. */
public enum Stage {
    /** Reading the envelope. */
    DECODE,
    /** Finding its device and organization. */
    ENRICH,
    /** Running the device's transform. */
    TRANSFORM,
    /** Inserting the row. */
    STORE
}
