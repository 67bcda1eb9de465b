package io.ponix.connector.nats.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

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
        progress.nothingBetween(100, 5_000);

        assertThat(progress.checkpointPosition(100)).isEqualTo(5_000);
    }

    @Test
    void waitsForWhatIsNotEmittedYet() {
        progress.nothingBetween(100, 5_000);

        assertThat(progress.checkpointPosition(99)).as("message 99 is on its way").isEqualTo(99);
        assertThat(progress.checkpointPosition(5_001)).isEqualTo(5_001);
    }

    @Test
    void joinsWhatIsAdjacent() {
        progress.nothingBetween(0, 100);
        progress.nothingBetween(100, 200);
        assertThat(progress.checkpointPosition(0)).isEqualTo(200);

        progress.nothingBetween(300, 400);
        assertThat(progress.checkpointPosition(0)).as("there was a message at 200").isZero();
        assertThat(progress.checkpointPosition(300)).isEqualTo(400);
    }
}
