package io.ponix.transforms.functions;

import com.google.common.base.Throwables;
import dev.cel.common.CelErrorCode;
import dev.cel.common.exceptions.CelRuntimeException;
import java.util.Optional;

/**
 * The expression refuses the payload with a message of its own: {@code error(text)}. Without a
 * stack trace, as the place is of no interest.
 */
public final class RefusedPayloadException extends CelRuntimeException {
    private static final long serialVersionUID = 1L;

    private final String message;

    RefusedPayloadException(String message) {
        super(null, CelErrorCode.INVALID_ARGUMENT);
        this.message = message;
    }

    /** The refusal that an evaluation failed with, if that is why. */
    public static Optional<RefusedPayloadException> in(Throwable failure) {
        return Throwables.getCausalChain(failure).stream()
                .filter(RefusedPayloadException.class::isInstance)
                .map(RefusedPayloadException.class::cast)
                .findFirst();
    }

    /** What the expression says, and nothing else. */
    @Override
    public String getMessage() {
        return message;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
