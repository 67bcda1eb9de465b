package io.ponix.jobs.envelope.transform;

import static java.util.Objects.requireNonNull;

import io.ponix.transforms.TransformLimits;
import java.io.Serializable;
import java.time.Duration;

/**
 * What can be set of the operator.
 *
 * @param gracePeriod how long an envelope waits for its device to become known
 * @param parkedEnvelopes how many envelopes may wait per parallel instance
 * @param parkedBytes how many bytes they may take per parallel instance
 * @param allowedAge how far occurred_at may be behind the job's clock; null: without limit
 * @param allowedFutureSkew how far occurred_at may be ahead of the job's clock
 * @param limits the budget of one evaluation
 * @param subjectMustMatch whether an envelope is refused that names another device than its subject
 */
public record TransformSettings(
        Duration gracePeriod,
        int parkedEnvelopes,
        long parkedBytes,
        Duration allowedAge,
        Duration allowedFutureSkew,
        TransformLimits limits,
        boolean subjectMustMatch)
        implements Serializable {

    /** Checks that nothing is missing. */
    public TransformSettings {
        requireNonNull(gracePeriod, "gracePeriod");
        requireNonNull(allowedFutureSkew, "allowedFutureSkew");
        requireNonNull(limits, "limits");
    }
}
