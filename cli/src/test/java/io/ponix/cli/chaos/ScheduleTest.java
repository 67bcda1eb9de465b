package io.ponix.cli.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.simulation.Way;
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
        assertThat(Fault.named(List.of("kill-nats", "poison"), Way.nats))
                .containsExactly(
                        new ProcessFault(StackPart.NATS, ProcessFault.Blow.KILL),
                        PipelineFault.POISON);
        assertThatThrownBy(() -> Fault.named(List.of("kill-everything"), Way.nats))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("kill-everything")
                .hasMessageContaining("freeze-device-service");
    }

    @Test
    void aWayOfTheLoadHasItsOwnFaults() {
        assertThat(Fault.named(List.of(), Way.nats))
                .contains(PipelineFault.REWIND_STREAM)
                .doesNotContain(new ProcessFault(StackPart.BRIDGE, ProcessFault.Blow.KILL));
        assertThat(Fault.named(List.of(), Way.mqtt))
                .doesNotContain(PipelineFault.REWIND_STREAM)
                .contains(
                        new ProcessFault(StackPart.BRIDGE, ProcessFault.Blow.FREEZE),
                        new ProcessFault(StackPart.MQTT_BROKER, ProcessFault.Blow.KILL),
                        new ProcessFault(StackPart.NATS, ProcessFault.Blow.KILL));
        assertThat(Fault.named(List.of(), Way.http))
                .doesNotContain(
                        PipelineFault.REWIND_STREAM,
                        new ProcessFault(StackPart.MQTT_BROKER, ProcessFault.Blow.KILL))
                .contains(
                        PipelineFault.MANY_MONTHS,
                        new ProcessFault(StackPart.BRIDGE, ProcessFault.Blow.KILL));
        assertThatThrownBy(() -> Fault.named(List.of("kill-bridge"), Way.nats))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("kill-bridge is not possible with --via nats");
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
