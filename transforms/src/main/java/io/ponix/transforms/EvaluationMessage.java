package io.ponix.transforms;

import dev.cel.runtime.CelEvaluationException;

/** Turns what CEL throws into a message for the person who wrote the expression. */
final class EvaluationMessage {
    private EvaluationMessage() {}

    static String of(CelEvaluationException e) {
        return e.getMessage();
    }
}
