package io.ponix.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.migrations.MigrationPlan.Recorded;
import io.ponix.migrations.MigrationStatus.State;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MigrationPlanTest {

    private static final Migration FIRST = migration(1);
    private static final Migration SECOND = migration(2);
    private static final Migration THIRD = migration(3);
    private static final List<Migration> FILES = List.of(FIRST, SECOND, THIRD);

    @Test
    void whatIsNotRecordedIsPending() {
        MigrationPlan plan = new MigrationPlan(FILES, List.of(recorded(1, State.APPLIED)));

        assertThat(pending(plan)).containsExactly(SECOND, THIRD);
        assertThat(plan.newestApplied()).contains(FIRST);
    }

    @Test
    void aPartlyAppliedMigrationIsContinuedAndNotUndone() {
        MigrationPlan plan =
                new MigrationPlan(
                        FILES,
                        List.of(recorded(1, State.APPLIED), recorded(2, State.PARTLY_APPLIED)));

        assertThat(pending(plan)).containsExactly(SECOND, THIRD);
        assertThatThrownBy(plan::newestApplied)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("half applied")
                .hasMessageContaining("'up'");
    }

    @Test
    void aPartlyUndoneMigrationIsUndoneFirst() {
        MigrationPlan plan =
                new MigrationPlan(
                        FILES,
                        List.of(recorded(1, State.APPLIED), recorded(2, State.PARTLY_UNDONE)));

        assertThat(plan.newestApplied()).contains(SECOND);
        assertThatThrownBy(() -> pending(plan))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("half undone")
                .hasMessageContaining("'down'");
    }

    @Test
    void aFileOlderThanWhatIsAppliedIsRefused() {
        MigrationPlan plan =
                new MigrationPlan(
                        FILES, List.of(recorded(1, State.APPLIED), recorded(3, State.APPLIED)));

        assertThatThrownBy(() -> pending(plan))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining(SECOND.fileName() + " is not applied, but the newer 3");
    }

    @Test
    void whatANewerReleaseAppliedIsKeptAndShown() {
        MigrationPlan plan =
                new MigrationPlan(
                        List.of(FIRST),
                        List.of(recorded(1, State.APPLIED), recorded(2, State.APPLIED)));

        assertThat(pending(plan)).isEmpty();
        assertThat(plan.report().statuses())
                .extracting(MigrationStatus::state)
                .containsExactly(State.APPLIED, State.APPLIED_WITHOUT_FILE);
        assertThatThrownBy(plan::newestApplied)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("there is no file for it");
    }

    @Test
    void upToStopsThereAndWantsAMigrationThatIs() {
        MigrationPlan plan = new MigrationPlan(FILES, List.of(recorded(1, State.APPLIED)));

        assertThat(plan.pending(2)).containsExactly(SECOND);
        assertThat(plan.pending(1)).isEmpty();
        assertThatThrownBy(() -> plan.pending(4))
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("There is no migration 4 to go up to");
    }

    @Test
    void theReportNamesEverythingThatIsNotAsTheFilesSay() {
        assertThat(new MigrationPlan(FILES, List.of()).report().problems())
                .as("pending is no problem")
                .isEmpty();
        assertThat(
                        new MigrationPlan(
                                        FILES,
                                        List.of(
                                                recorded(2, State.APPLIED),
                                                new Recorded(
                                                        3,
                                                        "number 3",
                                                        State.APPLIED,
                                                        Instant.EPOCH,
                                                        Optional.of("another")),
                                                recorded(4, State.PARTLY_UNDONE)))
                                .report()
                                .problems())
                .satisfiesExactly(
                        late ->
                                assertThat(late)
                                        .startsWith(
                                                "1_number.sql is not applied, but the newer 4 (number 4)"),
                        changed ->
                                assertThat(changed)
                                        .startsWith(
                                                "3_number.sql was changed after it was applied"),
                        withoutFile ->
                                assertThat(withoutFile)
                                        .startsWith("The database has the migration 4 (number 4)"));
        assertThat(
                        new MigrationPlan(
                                        FILES,
                                        List.of(
                                                recorded(1, State.PARTLY_UNDONE),
                                                recorded(2, State.PARTLY_APPLIED)))
                                .report()
                                .problems())
                .containsExactly(
                        "1 (number 1) is half undone, by a run that stopped: finish that first with 'down'",
                        "2 (number 2) is half applied, by a run that stopped: finish that first with 'up'");
    }

    private static List<Migration> pending(MigrationPlan plan) {
        return plan.pending(Long.MAX_VALUE);
    }

    private static Migration migration(long id) {
        return new Migration(id, "number " + id, id + "_number.sql", List.of(), List.of(), true);
    }

    private static Recorded recorded(long id, State state) {
        return new Recorded(id, "number " + id, state, Instant.EPOCH, Optional.empty());
    }
}
