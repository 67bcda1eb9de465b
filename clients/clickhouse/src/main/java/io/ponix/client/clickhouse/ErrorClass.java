package io.ponix.client.clickhouse;

import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/** What has to happen after an insert failed. */
@API(status = Status.EXPERIMENTAL)
public enum ErrorClass {
    /** It may succeed later as it is, or its outcome is unknown: repeat it, byte for byte. */
    TRANSIENT,
    /** A row in it cannot be stored: find the row. */
    DATA,
    /** A person has to change something: stop, say what, keep the batch. */
    CONFIGURATION,
    /** A code nobody has thought about: repeat it some times, then look for a row. */
    UNCLASSIFIED
}
