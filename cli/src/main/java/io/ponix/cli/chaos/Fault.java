package io.ponix.cli.chaos;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.simulation.Way;
import io.ponix.cli.stack.StackServer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Something that goes wrong, or changes, while the pipeline works. */
sealed interface Fault
        permits ProcessFault,
                WithinEnvelopeFault,
                WithinChangesFault,
                NetworkFault,
                DiskFault,
                BusyDiskFault,
                PipelineFault {

    /** Its name on the command line, for instance {@code kill-nats}. */
    String id();

    /** Its name in the table, for instance {@code kill -9 NATS}. */
    String title();

    /**
     * Makes it happen, and mends what has to be mended by hand: what was killed runs again when
     * this returns. That the pipeline has recovered is not waited for.
     *
     * @param random decides what the fault leaves open
     */
    void inject(ChaosStack stack, Load load, SplittableRandom random);

    /** Whether it can be when the load comes by a way. */
    default boolean isPossible(Way way) {
        return true;
    }

    /** Every fault there is. */
    static List<Fault> all() {
        List<Fault> faults = new ArrayList<>();
        for (StackPart part : StackPart.values()) {
            for (ProcessFault.Blow blow : ProcessFault.Blow.values()) {
                faults.add(new ProcessFault(part, blow));
            }
        }
        faults.add(new WithinEnvelopeFault(StackPart.CLICKHOUSE));
        faults.add(new WithinEnvelopeFault(StackPart.TASK_MANAGER));
        faults.add(new WithinChangesFault(StackPart.POSTGRES));
        faults.add(new WithinChangesFault(StackPart.DEVICE_SERVICE));
        for (StackServer server : NetworkFault.SERVERS) {
            for (NetworkFault.Trouble trouble : NetworkFault.Trouble.values()) {
                faults.add(new NetworkFault(server, trouble));
            }
        }
        for (StackServer server : DiskFault.SERVERS) {
            faults.add(new DiskFault(server));
        }
        faults.add(new BusyDiskFault());
        faults.addAll(List.of(PipelineFault.values()));
        return faults;
    }

    /**
     * The faults with the names given; where none is, all that are possible.
     *
     * @param way of the load
     * @throws CommandException when there is no such fault, or it is not possible
     */
    static List<Fault> named(List<String> ids, Way way) {
        List<Fault> all = all();
        if (ids.isEmpty()) {
            return all.stream().filter(fault -> fault.isPossible(way)).toList();
        }
        List<Fault> chosen = new ArrayList<>();
        for (String id : ids) {
            chosen.add(
                    all.stream()
                            .filter(fault -> fault.id().equals(id))
                            .findFirst()
                            .orElseThrow(
                                    () ->
                                            CommandException.calledWrongly(
                                                    "there is no fault \""
                                                            + id
                                                            + "\"; there are "
                                                            + String.join(
                                                                    ", ",
                                                                    all.stream()
                                                                            .map(Fault::id)
                                                                            .toList()))));
        }
        for (Fault fault : chosen) {
            if (!fault.isPossible(way)) {
                throw CommandException.calledWrongly(
                        "--fault %s is not possible with --via %s".formatted(fault.id(), way));
            }
        }
        return chosen;
    }
}
