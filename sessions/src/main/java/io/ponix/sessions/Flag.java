package io.ponix.sessions;

/** What is odd about a session. */
public enum Flag {

    /** Nobody has said that it started. */
    START_MISSING,

    /** The register at its start is not known, and so is not its energy. */
    BEGIN_VALUE_MISSING,

    /**
     * The register at its start is 0, and the next one so far above it that no station delivers
     * that: its energy is counted from the next one on.
     */
    BEGIN_VALUE_IMPLAUSIBLE,

    /**
     * The register fell, and rose again from there (J02.FR.16): its energy is what it rose by,
     * without what was delivered between the last value of one meter and the first of the other.
     */
    METER_REPLACED,

    /**
     * The register at its end is below that at its start, and has not risen since it fell: its
     * energy is not known.
     */
    STOP_BELOW_START,

    /** Its end never came, but the station went on to something else. */
    CLOSED_BY_IMPLICATION,

    /** Something was measured after its end. */
    VALUES_AFTER_END,

    /**
     * It is over, and messages between its first and its last one are missing, which a station may
     * leave out (E04.FR.07).
     */
    GAPS,

    /**
     * A register was not understood, as its unit is unknown, or is negative: it is kept, and counts
     * for nothing.
     */
    UNUSABLE_REGISTER
}
