package io.ponix.connector.postgres.cdc;

import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/** Ends the job as failed instead of restarting it: no restart would find another condition. */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class UnrecoverablePostgresCdcException extends PostgresCdcException {

    private static final long serialVersionUID = 1L;

    public UnrecoverablePostgresCdcException(PostgresCdcException condition) {
        super(condition.problem(), condition.getMessage(), condition);
    }
}
