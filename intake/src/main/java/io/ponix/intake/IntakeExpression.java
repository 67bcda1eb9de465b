package io.ponix.intake;

import dev.cel.common.values.CelByteString;
import io.ponix.transforms.Expression;
import io.ponix.transforms.TransformException;
import java.util.List;

/**
 * A compiled expression that says what a message means.
 *
 * <p>Immutable and safe for use by several threads at once.
 */
public final class IntakeExpression {
    private final String source;
    private final Expression expression;

    IntakeExpression(String source, Expression expression) {
        this.source = source;
        this.expression = expression;
    }

    /** The expression as it was written. */
    public String source() {
        return source;
    }

    /**
     * Evaluates the expression.
     *
     * @return the uplinks, all of which are valid, in their order; empty for null or an empty list:
     *     the message is not a reading
     * @throws IntakeException whatever is wrong: nothing an expression or a message does raises
     *     anything else
     */
    public List<Uplink> evaluate(IntakeMessage message) throws IntakeException {
        Object result;
        try {
            result = expression.evaluate(new Variables(message)::find);
        } catch (TransformException e) {
            throw IntakeException.of(e, source);
        }
        return UplinkReader.read(result, message.receivedAt());
    }

    /** The payload is copied to CEL once, however often an expression names it. */
    private static final class Variables {
        private final IntakeMessage message;
        private CelByteString payload;

        Variables(IntakeMessage message) {
            this.message = message;
        }

        Object find(String name) {
            return switch (name) {
                case IntakeCompiler.TOPIC -> message.topic();
                case IntakeCompiler.PAYLOAD -> payload();
                case IntakeCompiler.HEADERS -> message.headers();
                case IntakeCompiler.RECEIVED_AT -> message.receivedAt();
                default -> null;
            };
        }

        private CelByteString payload() {
            if (payload == null) {
                payload = CelByteString.of(message.payload());
            }
            return payload;
        }
    }
}
