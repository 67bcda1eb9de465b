package io.ponix.transforms.budget;

import dev.cel.common.CelErrorCode;
import dev.cel.common.exceptions.CelRuntimeException;

/**
 * An evaluation used up its work or its time. Without a stack trace: an {@code ||} can swallow it
 * many times over before the evaluation ends, and the place is of no interest.
 */
public final class BudgetExceededException extends CelRuntimeException {
    private static final long serialVersionUID = 1L;

    private final String message;

    BudgetExceededException(String message) {
        super(null, CelErrorCode.INVALID_ARGUMENT);
        this.message = message;
    }

    @Override
    public String getMessage() {
        return message;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
