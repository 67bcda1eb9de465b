package io.ponix.cli.demo;

import io.ponix.cli.simulation.Simulation;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a demo sends: readings of sensors and meters, a block of a logger for every thousand of
 * them, and some envelopes that are wrong on purpose.
 */
final class DemoPlan {

    private static final int POISONED_PER_THOUSAND = 5;
    private static final int ENVELOPES_PER_BLOCK = 1_000;

    private final long envelopes;
    private final Simulation sensors;
    private final Simulation loggers;

    /**
     * @param organizationId whose devices send
     * @param devices sensors and meters, at least 1
     * @param envelopes how many in all, the poisoned ones included; at least 0
     */
    DemoPlan(String organizationId, int devices, long envelopes) {
        this.envelopes = envelopes;
        this.sensors = Simulation.withMeters(organizationId, devices);
        this.loggers = Simulation.ofLoggers(organizationId, 1);
    }

    long envelopes() {
        return envelopes;
    }

    /** Sensors, and between them meters whose envelopes are two rows each. */
    Simulation sensors() {
        return sensors;
    }

    /** A logger whose envelopes are 1,000 rows each. */
    Simulation loggers() {
        return loggers;
    }

    /** How many envelopes the sensors and meters send. */
    long readings() {
        return good() - blocks();
    }

    /** How many envelopes the logger sends: one, where there is room for it, and more of many. */
    long blocks() {
        return (good() + ENVELOPES_PER_BLOCK - 1) / ENVELOPES_PER_BLOCK;
    }

    private long good() {
        long poison = 0;
        for (Poison kind : Poison.values()) {
            poison += poisoned(kind);
        }
        return envelopes - poison;
    }

    /** How many envelopes of each kind of poison: at least one, where there is room for it. */
    long poisoned(Poison poison) {
        int kinds = Poison.values().length;
        long wanted = Math.max(kinds, envelopes * POISONED_PER_THOUSAND / 1000);
        long all = Math.min(wanted, envelopes);
        return all / kinds + (poison.ordinal() < all % kinds ? 1 : 0);
    }

    /** What is sent wrong on purpose, by the reason it should end with. */
    Map<DeadLetterReason, Long> poisonedByReason() {
        Map<DeadLetterReason, Long> expected = new EnumMap<>(DeadLetterReason.class);
        for (Poison poison : Poison.values()) {
            expected.put(poison.reason(), poisoned(poison));
        }
        return expected;
    }

    /** How many of the other envelopes should become a number of rows, by that number. */
    Map<Integer, Long> envelopesByRows() {
        Map<Integer, Long> expected = new TreeMap<>(sensors.readingsByRows(readings()));
        loggers.readingsByRows(blocks())
                .forEach((rows, blocks) -> expected.merge(rows, blocks, Long::sum));
        return expected;
    }
}
