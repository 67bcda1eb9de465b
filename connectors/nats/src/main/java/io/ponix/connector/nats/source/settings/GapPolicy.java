package io.ponix.connector.nats.source.settings;

import org.apache.flink.annotation.PublicEvolving;

/** What to do when messages are gone from the stream before they were read. */
@PublicEvolving
public enum GapPolicy {
    /** Fail the job with the bounds of the gap. The default: a person decides about lost data. */
    FAIL,
    /** Count the gap, log its bounds and read on with what is there. */
    CONTINUE
}
