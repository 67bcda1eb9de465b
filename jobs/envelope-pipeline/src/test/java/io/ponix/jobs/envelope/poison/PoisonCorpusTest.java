package io.ponix.jobs.envelope.poison;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.jobs.envelope.poison.PoisonInput.Letter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.dead_letter.v1.DeadLetterStage;
import io.ponix.proto.deadletter.DeadLetterReasons;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PoisonCorpusTest {

    /** But for what another job finds in what this one has decoded. */
    @Test
    void everyReasonOfTheContractHasAnInputThatEndsByIt() {
        Set<DeadLetterReason> reasons = EnumSet.noneOf(DeadLetterReason.class);
        for (PoisonInput input : PoisonCorpus.inputs()) {
            if (input.ending() instanceof Letter letter) {
                reasons.add(letter.reason());
            }
        }
        assertThat(reasons)
                .containsExactlyElementsOf(
                        DeadLetterReasons.all().stream()
                                .filter(
                                        reason ->
                                                DeadLetterReasons.stage(reason)
                                                        != DeadLetterStage
                                                                .DEAD_LETTER_STAGE_ASSEMBLE)
                                .toList());
    }
}
