package io.ponix.transforms.functions;

import dev.cel.common.exceptions.CelInvalidArgumentException;
import java.util.AbstractList;
import java.util.List;
import java.util.Optional;
import java.util.RandomAccess;

/**
 * The accumulator of {@code unfold}: the state, and the values so far. It never changes; a round
 * makes another one.
 */
final class Unfolding {
    /** As many rounds as the budget for iterations allows; the loop ends where a step is none. */
    static final List<Long> ROUNDS = new Rounds();

    private final Object state;
    private final boolean goesOn;
    private final Chain values;

    private Unfolding(Object state, boolean goesOn, Chain values) {
        this.state = state;
        this.goesOn = goesOn;
        this.values = values;
    }

    /** What a round gives: a value, and the state of the next round. */
    record Step(Object value, Object next) {}

    static Unfolding begin(Object state) {
        return new Unfolding(state, true, Chain.EMPTY);
    }

    boolean goesOn() {
        return goesOn;
    }

    Object state() {
        return state;
    }

    /**
     * After another step.
     *
     * @throws CelInvalidArgumentException if the state is a number and stays the same, because then
     *     all others would do so, too
     */
    Unfolding next(Optional<?> step) {
        if (step.isEmpty()) {
            return new Unfolding(state, false, values);
        }
        Step taken = (Step) step.get();
        if (state instanceof Long && state.equals(taken.next())) {
            throw new CelInvalidArgumentException(
                    "unfold: the next state is the state itself, "
                            + state
                            + ": that would never end");
        }
        return new Unfolding(taken.next(), true, values.with(taken.value()));
    }

    List<Object> values() {
        return values.toList();
    }

    private static final class Rounds extends AbstractList<Long> implements RandomAccess {
        @Override
        public Long get(int index) {
            return (long) index;
        }

        @Override
        public int size() {
            return Integer.MAX_VALUE;
        }
    }
}
