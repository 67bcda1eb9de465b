package io.ponix.jobs.preflight;

import org.apache.flink.client.program.ProgramParametrizationException;

/** What a person reads instead of a stack trace where a job is not submitted. */
public final class Refusal {

    private Refusal() {}

    /**
     * Flink's client shows the message alone, and ends with status 1.
     *
     * @param problem what is wrong
     * @param settings what to look at
     * @param cause or null
     */
    public static ProgramParametrizationException of(
            String problem, String settings, Throwable cause) {
        ProgramParametrizationException refusal =
                new ProgramParametrizationException(
                        problem + System.lineSeparator() + "Check " + settings + ".");
        if (cause != null) {
            refusal.initCause(cause);
        }
        return refusal;
    }
}
