package io.ponix.cli.chaos;

import io.ponix.cli.program.CommandException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Postgres or the device service is killed while devices are updated, restored and looked back at.
 * Whoever changes them makes the same request again until there is an answer; the account looks
 * whether each happened once, and whether what was seen is what was.
 *
 * @param part what is killed
 */
record WithinChangesFault(StackPart part) implements Fault {

    private static final int CHANGES = 30;
    private static final int LATEST_KILL_MILLIS = 300;
    private static final int LONGEST_ABSENCE_MILLIS = 2_000;

    @Override
    public String id() {
        return "kill-" + part.id() + "-within-changes";
    }

    @Override
    public String title() {
        return "kill -9 " + part.title() + " within changes";
    }

    @Override
    public void inject(ChaosStack stack, Load load, SplittableRandom random) {
        SplittableRandom choices = random.split();
        CompletableFuture<Void> changes =
                CompletableFuture.runAsync(
                        () -> change(load.fleet(), choices),
                        task -> new Thread(task, "chaos-changes").start());
        ChaosStack.pause(Duration.ofMillis(random.nextInt(LATEST_KILL_MILLIS)));
        part.processes().forEach(process -> stack.process(process).kill());
        ChaosStack.pause(Duration.ofMillis(random.nextInt(LONGEST_ABSENCE_MILLIS)));
        stack.startWhatIsDown();
        try {
            changes.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof CommandException refused
                    ? refused
                    : new IllegalStateException(e.getCause());
        }
    }

    private static void change(Fleet fleet, SplittableRandom random) {
        for (int change = 0; change < CHANGES; change++) {
            int number = random.nextInt(fleet.size());
            if (random.nextBoolean()) {
                fleet.update(number);
            } else {
                fleet.restore(number, random);
            }
            fleet.lookBack(random);
        }
    }
}
