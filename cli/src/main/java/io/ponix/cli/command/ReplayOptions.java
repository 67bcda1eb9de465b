package io.ponix.cli.command;

import io.ponix.cli.program.AtInterrupt;
import io.ponix.cli.replay.ReplayLease;
import io.ponix.cli.replay.ReplayResult;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.terminal.ProgressLine;
import io.ponix.cli.terminal.TerminalText;
import java.util.Map;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** What the commands that replay have in common: one at a time, and what they say of it. */
final class ReplayOptions {

    private static final int NAMED = 10;

    @Option(names = "--dry-run", description = "Only say what would be done.")
    private boolean dryRun;

    /** Replays what is meant. */
    interface Replay {

        /**
         * @param dryRun whether nothing is published and deleted
         * @param progress to be told of the result so far
         */
        ReplayResult run(boolean dryRun, Consumer<ReplayResult> progress);
    }

    /**
     * What the messages are called.
     *
     * @param one of them, before its number
     * @param all of them
     * @param needless what those are that are only deleted
     */
    record Words(String one, String all, String needless) {}

    /**
     * Replays.
     *
     * @param stream of the messages
     * @return the exit status: 0 if none is left
     */
    // try: what it does at Ctrl-C needs no reference.
    @SuppressWarnings("try")
    int run(StackAddresses addresses, String stream, Words words, Replay replay) {
        ReplayResult result;
        try (AtInterrupt atInterrupt =
                        dryRun ? null : AtInterrupt.say("the same command goes on from here");
                ReplayLease lease = dryRun ? null : ReplayLease.take(addresses, stream);
                ProgressLine progress = new ProgressLine()) {
            result =
                    replay.run(
                            dryRun,
                            soFar -> {
                                if (lease != null) {
                                    lease.check();
                                }
                                progress.show(
                                        String.format("%,d %ss …", soFar.total(), words.all()));
                            });
        }
        print(result, words);
        return result.left().isEmpty() ? 0 : 1;
    }

    private void print(ReplayResult result, Words words) {
        if (result.total() == 0) {
            System.out.println("no such " + words.all() + " is open");
            return;
        }
        line(result.replayed(), dryRun ? "would be replayed" : "replayed");
        line(result.replayedBefore(), "had been replayed before, now deleted");
        line(
                result.needless(),
                dryRun
                        ? "are " + words.needless() + ", would only be deleted"
                        : "were " + words.needless() + ", only deleted");
        line(result.left().size(), "cannot be replayed, and stay");
        int named = 0;
        for (Map.Entry<Long, String> left : result.left().entrySet()) {
            if (named++ == NAMED) {
                System.out.println("           …");
                break;
            }
            System.out.println(
                    "           "
                            + words.one()
                            + " "
                            + left.getKey()
                            + ": "
                            + TerminalText.escaped(left.getValue()));
        }
    }

    private static void line(int count, String what) {
        if (count > 0) {
            System.out.printf("%,9d  %s%n", count, what);
        }
    }
}
