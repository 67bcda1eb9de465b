package io.ponix.migrations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.migrations.MigrationPlan.Recorded;
import io.ponix.migrations.MigrationStatus.State;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class MigrationPlanTest {

    private static final Migration FIRST = migration(1);
    private static final Migration SECOND = migration(2);
    private static final Migration THIRD = migration(3);
    private static final List<Migration> FILES = List.of(FIRST, SECOND, THIRD);

    @Test
    void whatIsNotRecordedIsPending() {
        MigrationPlan plan = new MigrationPlan(FILES, List.of(recorded(1, State.APPLIED)));

        assertThat(plan.pending()).containsExactly(SECOND, THIRD);
        assertThat(plan.newestApplied()).contains(FIRST);
    }

    @Test
    void aPartlyAppliedMigrationIsContinuedAndNotUndone() {
        MigrationPlan plan =
                new MigrationPlan(
                        FILES,
                        List.of(recorded(1, State.APPLIED), recorded(2, State.PARTLY_APPLIED)));

        assertThat(plan.pending()).containsExactly(SECOND, THIRD);
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
        assertThatThrownBy(plan::pending)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("half undone")
                .hasMessageContaining("'down'");
    }

    @Test
    void aFileOlderThanWhatIsAppliedIsRefused() {
        MigrationPlan plan =
                new MigrationPlan(
                        FILES, List.of(recorded(1, State.APPLIED), recorded(3, State.APPLIED)));

        assertThatThrownBy(plan::pending)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining(SECOND.fileName() + " is not applied, but the newer 3");
    }

    @Test
    void whatANewerReleaseAppliedIsKeptAndShown() {
        MigrationPlan plan =
                new MigrationPlan(
                        List.of(FIRST),
                        List.of(recorded(1, State.APPLIED), recorded(2, State.APPLIED)));

        assertThat(plan.pending()).isEmpty();
        assertThat(plan.status())
                .extracting(MigrationStatus::state)
                .containsExactly(State.APPLIED, State.APPLIED_WITHOUT_FILE);
        assertThatThrownBy(plan::newestApplied)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("there is no file for it");
    }

    private static Migration migration(long id) {
        return new Migration(id, "number " + id, id + "_number.sql", List.of(), List.of());
    }

    private static Recorded recorded(long id, State state) {
        return new Recorded(id, "number " + id, state, Instant.EPOCH);
    }
}
