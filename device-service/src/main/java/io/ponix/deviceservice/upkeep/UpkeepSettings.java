package io.ponix.deviceservice.upkeep;

import java.time.Duration;
import java.util.Optional;

/**
 * What the service does to the registry by itself.
 *
 * @param snapshotInterval between two snapshots of all; empty: it makes none
 * @param snapshotsKept the most scheduled snapshots; empty: any number
 * @param snapshotAge how long a scheduled snapshot is kept; empty: for ever
 * @param historyRetention how long each event is kept by itself; empty: for ever
 */
public record UpkeepSettings(
        Optional<Duration> snapshotInterval,
        Optional<Integer> snapshotsKept,
        Optional<Duration> snapshotAge,
        Optional<Duration> historyRetention) {}
