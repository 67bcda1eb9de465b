package io.ponix.connector.postgres.cdc.source.reader;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.connector.postgres.cdc.slot.WalPosition;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfirmablePositionsTest {

    @Test
    void withNothingToKeepEveryCheckpointIsConfirmed() {
        ConfirmablePositions positions = new ConfirmablePositions(0);
        assertThat(positions.complete(at(100))).isEqualTo(at(100));
        assertThat(positions.complete(at(100))).isEqualTo(at(100));
        assertThat(positions.complete(at(101))).isEqualTo(at(101));
    }

    @Test
    void whatIsKeptStaysUnconfirmed() {
        ConfirmablePositions positions = new ConfirmablePositions(1_000);
        assertThat(positions.complete(at(5_000))).isNull();
        assertThat(positions.complete(at(5_500))).isNull();
        assertThat(positions.complete(at(5_999))).isNull();
        assertThat(positions.complete(at(6_000))).isEqualTo(at(5_000));
        assertThat(positions.complete(at(6_400))).isNull();
        assertThat(positions.complete(at(9_000))).isEqualTo(at(6_400));
    }

    @Test
    void onlyPositionsOfCheckpointsAreConfirmedAndNeverTooMuchIsKept() {
        ConfirmablePositions positions = new ConfirmablePositions(1_600);
        List<WalPosition> checkpoints = new ArrayList<>();
        WalPosition confirmed = at(0);
        for (long lsn = 10_000; lsn < 100_000; lsn += 7) {
            checkpoints.add(at(lsn));
            WalPosition confirmable = positions.complete(at(lsn));
            if (confirmable != null) {
                assertThat(confirmable).isGreaterThan(confirmed).isIn(checkpoints);
                confirmed = confirmable;
            }
            if (lsn > 12_000) {
                assertThat(lsn - confirmed.value()).isBetween(1_600L, 2_000L);
            }
        }
    }

    @Test
    void whatWasNotKeptIsNotWaitedForLater() {
        ConfirmablePositions positions = new ConfirmablePositions(1_000);
        assertThat(positions.complete(at(5_000))).isNull();
        assertThat(positions.completeAndKeepNothing(at(5_500))).isEqualTo(at(5_500));
        assertThat(positions.complete(at(6_000))).isNull();
        assertThat(positions.complete(at(7_000))).isEqualTo(at(6_000));
    }

    private static WalPosition at(long lsn) {
        return new WalPosition(lsn);
    }
}
