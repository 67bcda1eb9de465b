package io.ponix.cli.chaos;

import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where what was published has ended. Envelopes that ended wrongly are described one by one.
 *
 * @param published acknowledged, and in the stream
 * @param unacknowledged stored by JetStream without an acknowledgement
 * @param rows in the table
 * @param uniqueSequences stream sequences of these rows
 * @param deadLetters by reason
 * @param expectedDeadLetters what was sent wrong on purpose, by the reason it should end with
 * @param parked still waiting in the job for their devices; -1 where the job does not say
 * @param forgotten what the stream does not have any more, because it went back
 * @param lost neither a row nor a dead letter, or gone from the stream
 * @param doubled more than one row or dead letter
 * @param misjudged readings that became dead letters though they should be rows, and the reverse
 * @param stale devices whose latest row was made with an old revision of their transform
 * @param miscounted devices of which a row was not made after the one before it
 * @param registry what the registry and its history say differently
 */
record Findings(
        int published,
        long unacknowledged,
        long rows,
        long uniqueSequences,
        Map<DeadLetterReason, Integer> deadLetters,
        Map<DeadLetterReason, Integer> expectedDeadLetters,
        long parked,
        Forgotten forgotten,
        List<String> lost,
        List<String> doubled,
        List<String> misjudged,
        List<String> stale,
        List<String> miscounted,
        Registry registry) {

    /**
     * What was looked for in the registry.
     *
     * @param changes that the run made
     * @param looksBack at versions, between changes
     * @param rows compared with their events
     * @param events of them
     * @param differences described
     */
    record Registry(int changes, int looksBack, long rows, long events, List<String> differences) {}

    /**
     * What NATS did not know any more after it went back; none of it is the pipeline's loss.
     *
     * @param published acknowledged envelopes
     * @param rows of them
     * @param deadLetters of envelopes that it still knew
     */
    record Forgotten(int published, long rows, long deadLetters) {}

    /** These, and what happened before the stream. */
    Findings with(LoadPath.Arrivals arrivals) {
        List<String> allLost = new ArrayList<>(arrivals.lost());
        allLost.addAll(lost);
        List<String> allDoubled = new ArrayList<>(arrivals.doubled());
        allDoubled.addAll(doubled);
        return new Findings(
                published,
                unacknowledged,
                rows,
                uniqueSequences,
                deadLetters,
                expectedDeadLetters,
                parked,
                forgotten,
                allLost,
                allDoubled,
                misjudged,
                stale,
                miscounted,
                registry);
    }

    /** Whether everything ended exactly once, and where it should. */
    boolean balanced() {
        return lost.isEmpty()
                && doubled.isEmpty()
                && misjudged.isEmpty()
                && stale.isEmpty()
                && miscounted.isEmpty()
                && registry.differences().isEmpty()
                && parked == 0;
    }
}
