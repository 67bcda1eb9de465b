package io.ponix.connector.nats.source.enumerator;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.connector.nats.source.split.AlreadyRead;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitPoolTest {

    private static final long CREATED = 1_000;

    private static final PositionResolver.Bounds FROM_7 = from(7);

    @Test
    void freshSplitsAreDealtOutEvenly() {
        SplitPool pool = fresh(filters(9));
        pool.reconcile(FROM_7);

        Map<Integer, List<JetStreamSplit>> assignment = pool.assign(4, Set.of(0, 1, 2, 3));

        assertThat(assignment.values().stream().map(List::size)).containsExactly(3, 2, 2, 2);
        assertThat(assignment.values().stream().flatMap(List::stream))
                .hasSize(9)
                .allSatisfy(split -> assertThat(split.nextSequence()).isEqualTo(7));
        assertThat(pool.assign(4, Set.of(0, 1, 2, 3))).as("nothing is dealt out twice").isEmpty();
    }

    @Test
    void readerThatIsNotThereYetGetsItsShareLater() {
        SplitPool pool = fresh(filters(4));
        pool.reconcile(FROM_7);

        assertThat(pool.assign(2, Set.of(1))).containsOnlyKeys(1);
        assertThat(pool.toState().unassignedSplits()).hasSize(2);
        assertThat(pool.assign(2, Set.of(0, 1))).containsOnlyKeys(0);
        assertThat(pool.toState().unassignedSplits()).isEmpty();
    }

    @Test
    void moreReadersThanSplitsLeaveSomeIdle() {
        SplitPool pool = fresh(filters(2));
        pool.reconcile(FROM_7);

        assertThat(pool.assign(4, Set.of(0, 1, 2, 3))).containsOnlyKeys(0, 1);
    }

    @Test
    void rescaledReadersShareWhatTheyReport() {
        SplitPool pool = restored(filters(4), filters(4));
        pool.report(List.of(split("s.0.*", 10), split("s.1.*", 11)), 0);
        pool.report(List.of(split("s.2.*", 12), split("s.3.*", 13)), 1);
        pool.report(List.of(), 2);
        pool.report(List.of(), 3);
        assertThat(pool.toState().unassignedSplits())
                .as("what is reported and not assigned is in the enumerator's state")
                .hasSize(4);
        pool.reconcile(FROM_7);

        assertThat(pool.assign(4, Set.of(0, 1, 2, 3)))
                .isEqualTo(
                        Map.of(
                                0, List.of(split("s.0.*", 10)),
                                1, List.of(split("s.1.*", 11)),
                                2, List.of(split("s.2.*", 12)),
                                3, List.of(split("s.3.*", 13))));
    }

    @Test
    void failedReaderGetsItsSplitsBackAtItsCheckpoint() {
        SplitPool pool = fresh(filters(2));
        pool.reconcile(FROM_7);
        pool.assign(2, Set.of(0, 1));

        pool.giveBack(List.of());
        pool.report(List.of(split("s.0.*", 500)), 0);

        assertThat(pool.assign(2, Set.of(0, 1))).isEqualTo(Map.of(0, List.of(split("s.0.*", 500))));
    }

    @Test
    void readerThatFailsBeforeItsFirstCheckpointStartsOver() {
        SplitPool pool = fresh(filters(2));
        pool.reconcile(FROM_7);
        pool.assign(2, Set.of(0, 1));

        pool.giveBack(List.of(split("s.1.*", 7)));
        pool.report(List.of(), 1);

        assertThat(pool.assign(2, Set.of(0, 1))).isEqualTo(Map.of(1, List.of(split("s.1.*", 7))));
    }

    @Test
    void splitsDealtToOthersAfterARescaleAreNotReadTwice() {
        // Two readers are restored at the state of one, and dealt the splits; reader 0 then fails
        // before the next checkpoint and is restored with all of the old state again.
        SplitPool pool = restored(filters(2), filters(2));
        pool.report(List.of(split("s.0.*", 10), split("s.1.*", 11)), 0);
        pool.report(List.of(), 1);
        pool.reconcile(FROM_7);
        pool.assign(2, Set.of(0, 1));

        pool.giveBack(List.of(split("s.0.*", 10)));
        pool.report(List.of(split("s.0.*", 10), split("s.1.*", 11)), 0);

        assertThat(pool.assign(2, Set.of(0, 1))).isEqualTo(Map.of(0, List.of(split("s.0.*", 10))));
    }

    @Test
    void newFilterStartsAtTheStartingPosition() {
        SplitPool pool = restored(List.of("s.0.*"), List.of("s.0.*", "s.1.*"));
        pool.report(List.of(split("s.0.*", 100)), 0);
        pool.reconcile(FROM_7);

        assertThat(pool.assign(1, Set.of(0)))
                .isEqualTo(Map.of(0, List.of(split("s.0.*", 100), split("s.1.*", 7))));
    }

    @Test
    void filterThatReplacesOthersReadsWhatTheyDidNot() {
        SplitPool pool = restored(List.of("s.0.*", "s.1.*", "t.*"), List.of("s.*.*", "u.*"));
        pool.report(List.of(split("s.0.*", 100), split("s.1.*", 90), split("t.*", 5)), 0);
        pool.reconcile(FROM_7);

        assertThat(pool.assign(1, Set.of(0)))
                .isEqualTo(
                        Map.of(
                                0,
                                List.of(
                                        // s.2.* was never read and begins at the starting position
                                        split(
                                                "s.*.*",
                                                7,
                                                new AlreadyRead("s.0.*", 100),
                                                new AlreadyRead("s.1.*", 90)),
                                        split("u.*", 7))));
        assertThat(pool.toState().knownSplitIds()).containsExactlyInAnyOrder("s s.*.*", "s u.*");
    }

    @Test
    void filterThatReplacesAllThereIsBeginsAtTheLowestPosition() {
        SplitPool pool = restored(List.of("s.0.*", "s.1.*"), List.of(">"));
        pool.report(List.of(split("s.0.*", 100), split("s.1.*", 90)), 0);
        pool.reconcile(
                new PositionResolver.Bounds(
                        JetStreamSplit.EARLIEST,
                        JetStreamSplit.NO_STOP,
                        CREATED,
                        List.of("s.0.*", "s.1.*")));

        assertThat(pool.assign(1, Set.of(0)))
                .isEqualTo(
                        Map.of(
                                0,
                                List.of(
                                        split(
                                                ">",
                                                90,
                                                new AlreadyRead("s.0.*", 100),
                                                new AlreadyRead("s.1.*", 90)))));
    }

    @Test
    void filtersThatShareARemovedOneBothContinueIt() {
        SplitPool pool = restored(List.of("s.>"), List.of("s.0.*", "s.1.*"));
        pool.report(List.of(split("s.>", 100)), 0);
        pool.reconcile(from(JetStreamSplit.EARLIEST));

        assertThat(pool.assign(1, Set.of(0)))
                .isEqualTo(Map.of(0, List.of(split("s.0.*", 100), split("s.1.*", 100))));
    }

    @Test
    void laterStartingPositionOfWhatWasNeverReadIsKept() {
        SplitPool pool = restored(List.of("s.0.*"), List.of("s.*.*"));
        pool.report(List.of(split("s.0.*", 100)), 0);
        pool.reconcile(from(500)); // from what is stored next

        assertThat(pool.assign(1, Set.of(0)))
                .isEqualTo(
                        Map.of(
                                0,
                                List.of(
                                        split(
                                                "s.*.*",
                                                100,
                                                new AlreadyRead("s.0.*", 100),
                                                new AlreadyRead("s.*.*", 500)))));
    }

    @Test
    void secondChangeRemembersWhatWasReadBeforeTheFirst() {
        SplitPool pool = restored(List.of("s.*.*"), List.of(">"));
        pool.report(List.of(split("s.*.*", 95, new AlreadyRead("s.0.*", 100))), 0);
        pool.reconcile(from(JetStreamSplit.EARLIEST));

        assertThat(pool.assign(1, Set.of(0)))
                .isEqualTo(
                        Map.of(
                                0,
                                List.of(
                                        split(
                                                ">",
                                                JetStreamSplit.EARLIEST,
                                                new AlreadyRead("s.0.*", 100),
                                                new AlreadyRead("s.*.*", 95)))));
    }

    @Test
    void stateThatDoesNotKnowItsStreamBelongsToTheOneThereIs() {
        SplitPool pool = restored(List.of(">"), List.of(">"));
        pool.report(List.of(new JetStreamSplit("s", ">", 10, JetStreamSplit.NO_STOP)), 0);
        pool.reconcile(FROM_7);

        assertThat(pool.assign(1, Set.of(0))).isEqualTo(Map.of(0, List.of(split(">", 10))));
    }

    @Test
    void stateOfAnotherStreamKeepsItsTimeOfCreation() {
        SplitPool pool = restored(List.of("s.0.*"), List.of("s.*.*"));
        pool.report(List.of(split("s.0.*", 10).ofStreamCreatedAt(1)), 0);
        pool.reconcile(FROM_7);

        assertThat(pool.assign(1, Set.of(0)).get(0))
                .singleElement()
                .satisfies(split -> assertThat(split.streamCreatedNanos()).isEqualTo(1));
    }

    @Test
    void otherStreamsPositionsMeanNothing() {
        SplitPool pool =
                new SplitPool(
                        "s",
                        List.of(">"),
                        new JetStreamEnumeratorState(List.of("old >"), List.of()));
        pool.report(List.of(new JetStreamSplit("old", ">", 1_000, JetStreamSplit.NO_STOP)), 0);
        pool.reconcile(FROM_7);

        assertThat(pool.assign(1, Set.of(0))).isEqualTo(Map.of(0, List.of(split(">", 7))));
    }

    @Test
    void finishedSplitsAreNotStartedAgain() {
        SplitPool pool = restored(filters(2), filters(2));
        pool.report(List.of(split("s.0.*", 10)), 0); // the other one had been read to its end
        pool.reconcile(FROM_7);

        assertThat(pool.assign(1, Set.of(0))).isEqualTo(Map.of(0, List.of(split("s.0.*", 10))));
    }

    @Test
    void splitWithNothingToReadIsNotAssigned() {
        SplitPool pool = fresh(List.of(">"));
        pool.reconcile(new PositionResolver.Bounds(7, 7, CREATED, List.of()));

        assertThat(pool.assign(1, Set.of(0))).isEmpty();
        assertThat(pool.toState().knownSplitIds()).containsExactly("s >");
        assertThat(pool.toState().unassignedSplits()).isEmpty();
    }

    private static SplitPool fresh(List<String> filters) {
        return new SplitPool("s", filters, new JetStreamEnumeratorState(List.of(), List.of()));
    }

    private static SplitPool restored(Collection<String> before, List<String> filters) {
        List<String> known = new ArrayList<>();
        before.forEach(filter -> known.add(JetStreamSplit.splitId("s", filter)));
        return new SplitPool("s", filters, new JetStreamEnumeratorState(known, List.of()));
    }

    private static PositionResolver.Bounds from(long next) {
        return new PositionResolver.Bounds(next, JetStreamSplit.NO_STOP, CREATED, List.of());
    }

    private static JetStreamSplit split(String filter, long next, AlreadyRead... alreadyRead) {
        return new JetStreamSplit(
                "s",
                filter,
                next,
                JetStreamSplit.NO_STOP,
                CREATED,
                List.of(alreadyRead),
                List.of());
    }

    private static List<String> filters(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "s." + i + ".*")
                .collect(Collectors.toList());
    }
}
