package io.ponix.deviceservice.enddevice;

import com.google.protobuf.Message;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import java.util.ArrayList;
import java.util.List;

/** The requests of a batch, each as if it were alone; what is wrong with one names its place. */
final class Batch {

    /** What is done with a request. */
    @FunctionalInterface
    interface Step<Q, A, E extends Exception> {
        A with(Q request) throws E;
    }

    private Batch() {}

    /** Does something with each in turn, and returns what that gives. */
    static <Q, A, E extends Exception> List<A> each(List<Q> requests, Step<Q, A, E> step) throws E {
        List<A> answers = new ArrayList<>(requests.size());
        for (int i = 0; i < requests.size(); i++) {
            try {
                answers.add(step.with(requests.get(i)));
            } catch (RequestException e) {
                throw e.at("requests[" + i + "]");
            }
        }
        return answers;
    }

    /**
     * Makes sure that callers can read the answer: more than that they refuse by default, and what
     * they would not be told must not be done.
     */
    static <A extends Message> A requireReadable(A answer) {
        if (answer.getSerializedSize() > Paging.LONGEST_PAGE) {
            throw RequestException.invalidArgument(
                    "requests",
                    "The answer would be of "
                            + answer.getSerializedSize()
                            + " bytes, and may be of "
                            + Paging.LONGEST_PAGE
                            + ": make smaller batches");
        }
        return answer;
    }

    /** What names the whole batch, says why, or has it tried, is said once. */
    static void requireAlone(String requestId, String reason, boolean isTry) {
        if (!requestId.isEmpty() || !reason.isEmpty()) {
            throw RequestException.invalidArgument(
                    requestId.isEmpty() ? "reason" : "request_id",
                    "request_id and reason are those of the batch: leave them out here");
        }
        if (isTry) {
            throw RequestException.invalidArgument(
                    "validate_only", "validate_only is that of the batch: leave it out here");
        }
    }
}
