package io.ponix.cli.chaos;

import io.ponix.cli.stack.StackServer;
import io.ponix.embedded.network.NetworkProxy;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A part of the stack is killed at a moment at which an envelope is seen stored in part: ClickHouse
 * inserts an envelope whose rows are of many months, and some of its months have their rows already
 * and others not. Where no envelope is seen so, nothing is killed, and the report says so.
 *
 * @param part what is killed: ClickHouse or the TaskManager
 */
record WithinEnvelopeFault(StackPart part) implements Fault {

    private static final Duration SEEN_WITHIN = Duration.ofSeconds(60);
    private static final int SHORTEST_ABSENCE_MILLIS = 200;
    private static final int LONGEST_ABSENCE_MILLIS = 4_000;

    @Override
    public String id() {
        return "kill-" + part.id() + "-within-envelope";
    }

    @Override
    public String title() {
        return "kill -9 " + part.title() + " within an envelope";
    }

    @Override
    public void inject(ChaosStack stack, Load load, SplittableRandom random) {
        EnvelopesInPart envelopes = load.envelopesInPart();
        Optional<EnvelopesInPart.Seen> seen =
                envelopes.await(load::readingOfAllMonths, SEEN_WITHIN);
        if (seen.isEmpty()) {
            envelopes.tried(this, false, false);
            stack.note(
                    "no envelope was seen stored in part within %d s: nothing was killed"
                            .formatted(SEEN_WITHIN.toSeconds()));
            return;
        }
        part.processes().forEach(process -> stack.process(process).kill());
        Duration absence =
                Duration.ofMillis(random.nextInt(SHORTEST_ABSENCE_MILLIS, LONGEST_ABSENCE_MILLIS));
        EnvelopesInPart.Seen after;
        if (part == StackPart.CLICKHOUSE) {
            // What was not stored yet must not come before it is looked at.
            NetworkProxy network = stack.networkTo(StackServer.CLICKHOUSE);
            network.stall();
            try {
                ChaosStack.pause(absence);
                stack.startWhatIsDown();
                after = envelopes.again(seen.get());
            } finally {
                network.pass();
            }
        } else {
            after = envelopes.again(seen.get());
            ChaosStack.pause(absence);
            stack.startWhatIsDown();
        }
        envelopes.tried(this, true, after.isInPart());
        stack.note(
                "%s was killed at %s, and then had %,d"
                        .formatted(part.title(), seen.get(), after.rows()));
    }
}
