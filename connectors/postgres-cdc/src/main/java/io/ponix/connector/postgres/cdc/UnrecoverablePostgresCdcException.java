package io.ponix.connector.postgres.cdc;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/** Ends the job as failed instead of restarting it: no restart would find another condition. */
@PublicEvolving
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class UnrecoverablePostgresCdcException extends PostgresCdcException {

    private static final long serialVersionUID = 1L;

    /**
     * @param advice what follows the condition's message, for a person; may be empty
     */
    public UnrecoverablePostgresCdcException(PostgresCdcException condition, String advice) {
        super(condition.problem(), condition.getMessage() + advice, condition);
    }
}
