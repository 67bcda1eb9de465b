package io.ponix.cli.replay;

import java.util.LinkedHashMap;
import java.util.Map;

/** What became of the messages that were replayed, or would become of them. */
public final class ReplayResult {

    private int replayed;
    private int replayedBefore;
    private int needless;
    private final Map<Long, String> left = new LinkedHashMap<>();

    /** Another one is in the raw stream now. */
    public void addReplayed() {
        replayed++;
    }

    /** Another one had been put there by an interrupted replay. */
    public void addReplayedBefore() {
        replayedBefore++;
    }

    /** Another one had nothing to be put there. */
    public void addNeedless() {
        needless++;
    }

    /**
     * Another one cannot be replayed.
     *
     * @param number its sequence
     */
    public void leave(long number, String why) {
        left.put(number, why);
    }

    /** Messages whose envelopes were given to the pipeline, or would be. */
    public int replayed() {
        return replayed;
    }

    /** Messages whose envelopes an interrupted replay had given to the pipeline. */
    public int replayedBefore() {
        return replayedBefore;
    }

    /** Messages that were only deleted, or would be: there is nothing to give to the pipeline. */
    public int needless() {
        return needless;
    }

    /** The sequences of those that cannot be replayed, each with the reason. */
    public Map<Long, String> left() {
        return left;
    }

    /** All messages looked at. */
    public int total() {
        return replayed + replayedBefore + needless + left.size();
    }
}
