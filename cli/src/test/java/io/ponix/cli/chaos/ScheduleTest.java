package io.ponix.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.cli.program.CommandException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScheduleTest {

    @Test
    void everyFaultHasItsTurnAndASeedGivesTheSameOrder() {
        int all = Fault.all().size();
        List<Fault> faults = faults(7, 3 * all);

        assertThat(faults.subList(0, all)).containsExactlyInAnyOrderElementsOf(Fault.all());
        assertThat(faults(7, 3 * all)).isEqualTo(faults);
        assertThat(faults(8, 3 * all)).isNotEqualTo(faults);
    }

    @Test
    void faultsHaveNamesOfTheirOwn() {
        assertThat(Fault.all())
                .extracting(Fault::id)
                .doesNotHaveDuplicates()
                .contains("kill-nats", "stop-postgres", "freeze-clickhouse", "rescale", "poison");
        assertThat(Fault.named(List.of("kill-nats", "poison")))
                .containsExactly(
                        new ProcessFault(StackPart.NATS, ProcessFault.Blow.KILL),
                        PipelineFault.POISON);
        assertThatThrownBy(() -> Fault.named(List.of("kill-everything")))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("kill-everything")
                .hasMessageContaining("freeze-device-service");
    }

    private static List<Fault> faults(long seed, int count) {
        Schedule schedule = new Schedule(Fault.all(), seed);
        List<Fault> faults = new ArrayList<>();
        while (faults.size() < count) {
            faults.add(schedule.next().fault());
        }
        return faults;
    }
}
