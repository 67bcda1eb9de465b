package io.ponix.cli.chaos;

import io.ponix.cli.simulation.Way;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a run is to do.
 *
 * @param home the folder of the run's stack
 * @param way of the load
 * @param seed decides the order of the faults
 * @param duration how long new faults are injected
 * @param eachOnce and until each fault had its turn
 * @param ratePerSecond envelopes a second, above 0
 * @param devices at least 1
 * @param patience how long nothing may end before what is missing counts as lost
 */
record ChaosSettings(
        Path home,
        Way way,
        long seed,
        Duration duration,
        boolean eachOnce,
        double ratePerSecond,
        int devices,
        Duration patience) {}
