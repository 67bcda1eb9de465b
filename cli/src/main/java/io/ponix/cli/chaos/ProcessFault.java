package io.ponix.cli.chaos;

import io.ponix.cli.simulation.Way;
import io.ponix.embedded.process.EmbeddedProcess;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A part of the stack is killed and started again, or hangs for a while.
 *
 * @param part what is hit
 * @param blow how
 */
record ProcessFault(StackPart part, Blow blow) implements Fault {

    private static final Duration FROZEN = Duration.ofSeconds(20);
    private static final int SHORTEST_ABSENCE_MILLIS = 200;
    private static final int LONGEST_ABSENCE_MILLIS = 4_000;

    /** What is done to a process. */
    enum Blow {
        KILL("kill", "kill -9"),
        TERMINATE("stop", "kill -15"),
        FREEZE("freeze", "freeze " + FROZEN.toSeconds() + " s");

        private final String id;
        private final String title;

        Blow(String id, String title) {
            this.id = id;
            this.title = title;
        }
    }

    @Override
    public String id() {
        return blow.id + "-" + part.id();
    }

    @Override
    public String title() {
        return blow.title + " " + part.title();
    }

    @Override
    public boolean isPossible(Way way) {
        return part.isOn(way);
    }

    @Override
    public void inject(ChaosStack stack, Load load, SplittableRandom random) {
        List<EmbeddedProcess> processes = part.processes().stream().map(stack::process).toList();
        switch (blow) {
            case KILL -> processes.forEach(EmbeddedProcess::kill);
            case TERMINATE -> processes.parallelStream().forEach(EmbeddedProcess::terminate);
            case FREEZE -> {
                processes.forEach(EmbeddedProcess::freeze);
                ChaosStack.pause(FROZEN);
                processes.stream()
                        .filter(EmbeddedProcess::isRunning)
                        .forEach(EmbeddedProcess::resume);
                return;
            }
        }
        ChaosStack.pause(
                Duration.ofMillis(random.nextInt(SHORTEST_ABSENCE_MILLIS, LONGEST_ABSENCE_MILLIS)));
        stack.startWhatIsDown();
    }
}
