package io.ponix.connector.nats.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.connector.nats.source.split.JetStreamSplit;
import io.ponix.connector.nats.source.split.MessageStamp;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplitProgressTest {

    private final SplitProgress progress = new SplitProgress();

    @Test
    void knowsNothingAtFirst() {
        assertThat(progress.checkpointPosition(0)).isZero();
        assertThat(progress.checkpointPosition(17)).isEqualTo(17);
    }

    @Test
    void movesAnIdleSplitForward() {
        progress.nothingBetween(100, 5_000, null);

        assertThat(progress.checkpointPosition(100)).isEqualTo(5_000);
    }

    @Test
    void waitsForWhatIsNotEmittedYet() {
        progress.nothingBetween(100, 5_000, null);

        assertThat(progress.checkpointPosition(99)).as("message 99 is on its way").isEqualTo(99);
        assertThat(progress.checkpointPosition(5_001)).isEqualTo(5_001);
    }

    @Test
    void checkpointKnowsWhatTheStreamHadThere() {
        JetStreamSplit split =
                new JetStreamSplit("s", ">", 100, JetStreamSplit.NO_STOP)
                        .at(100, List.of(new MessageStamp(99, 9)));
        progress.nothingBetween(100, 5_000, new MessageStamp(4_999, 499));

        JetStreamSplit there = progress.atCheckpointPosition(split);
        assertThat(there.nextSequence()).isEqualTo(5_000);
        assertThat(there.history())
                .containsExactly(new MessageStamp(99, 9), new MessageStamp(4_999, 499));
        assertThat(progress.atCheckpointPosition(split.at(99)))
                .as("message 99 is on its way")
                .isEqualTo(split.at(99));
    }

    @Test
    void holdsUpToWhereTheStreamWentBack() {
        progress.nothingBetween(33, 704, null);
        progress.wentBackTo(404);
        assertThat(progress.checkpointPosition(33)).isEqualTo(404);

        progress.nothingBetween(404, 904, null);
        assertThat(progress.checkpointPosition(33)).isEqualTo(904);

        progress.wentBackTo(20);
        assertThat(progress.checkpointPosition(33)).isEqualTo(33);
    }

    @Test
    void joinsWhatIsAdjacent() {
        progress.nothingBetween(0, 100, null);
        progress.nothingBetween(100, 200, null);
        assertThat(progress.checkpointPosition(0)).isEqualTo(200);

        progress.nothingBetween(300, 400, null);
        assertThat(progress.checkpointPosition(0)).as("there was a message at 200").isZero();
        assertThat(progress.checkpointPosition(300)).isEqualTo(400);
    }
}
