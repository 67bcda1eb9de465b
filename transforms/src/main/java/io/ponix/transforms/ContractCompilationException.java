package io.ponix.transforms;

import io.ponix.transforms.PayloadContract.Part;
import io.ponix.transforms.TransformCompilationException.Issue;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Contracts cannot be used. The message is made to be shown to the person who wrote them: for each
 * part that is wrong, which contract (from 1) and which part it is, and what is wrong.
 */
public final class ContractCompilationException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * A part of a contract that is wrong.
     *
     * @param contract which contract, from 0
     * @param part which part of it
     * @param message what is wrong; for an expression with the source line and a caret
     * @param issues what is wrong with an expression, one by one; empty for a schema
     */
    public record Problem(int contract, Part part, String message, List<Issue> issues) {

        /** {@code contract 2, match_expression:} and the message on lines of its own. */
        @Override
        public String toString() {
            return "contract " + (contract + 1) + ", " + part.field() + ":\n" + message;
        }
    }

    private final transient List<Problem> problems;

    ContractCompilationException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** What is wrong, in the order of the contracts; never empty. */
    public List<Problem> problems() {
        return problems;
    }
}
