package io.ponix.bridge.publish;

import io.ponix.bridge.intake.Refusal;
import java.util.List;
import java.util.Optional;

/**
 * What became of a message.
 *
 * @param stored its envelopes in the stream, in their order; empty for a message that is refused
 *     and for one that is no reading
 * @param refusal why there is none; the message is a refused uplink now
 */
public record Outcome(List<Stored> stored, Optional<Refusal> refusal) {

    /**
     * An envelope in the stream.
     *
     * @param device the id by which it names its device
     * @param sequence its sequence in the stream
     * @param duplicate whether the stream had it already
     */
    public record Stored(String device, long sequence, boolean duplicate) {}

    /** Whether it is no reading, so that nothing is stored of it. */
    public boolean isIgnored() {
        return stored.isEmpty() && refusal.isEmpty();
    }
}
