package io.ponix.cli.chaos;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * The order of faults that a seed gives: each once, shuffled, and then at random. How long each
 * takes does not change it.
 */
final class Schedule {

    /**
     * In so many cases out of a hundred the next fault does not wait for the pipeline to recover.
     */
    private static final int OVERLAPPING_PERCENT = 25;

    private final List<Fault> faults;
    private final long seed;
    private final Random order;
    private final Deque<Fault> firstRound;
    private int number;

    /**
     * @param faults at least one
     */
    Schedule(List<Fault> faults, long seed) {
        this.faults = List.copyOf(faults);
        this.seed = seed;
        this.order = new Random(seed);
        List<Fault> shuffled = new ArrayList<>(faults);
        Collections.shuffle(shuffled, order);
        this.firstRound = new ArrayDeque<>(shuffled);
    }

    /**
     * A fault and what the seed decides about it.
     *
     * @param number from 1
     * @param overlapping whether the next fault comes before the pipeline has recovered from this
     * @param random for what the fault leaves open
     */
    record Entry(int number, Fault fault, boolean overlapping, SplittableRandom random) {}

    /** Whether each fault had its turn. */
    boolean hadEach() {
        return firstRound.isEmpty();
    }

    /** The next fault; there is always one. */
    Entry next() {
        number++;
        Fault fault =
                firstRound.isEmpty()
                        ? faults.get(order.nextInt(faults.size()))
                        : firstRound.remove();
        SplittableRandom random = new SplittableRandom(seed + number);
        return new Entry(number, fault, random.nextInt(100) < OVERLAPPING_PERCENT, random);
    }
}
