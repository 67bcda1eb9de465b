package io.ponix.jobs.envelope.announcements;

import io.ponix.client.nats.NatsSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.metrics.MetricGroup;

/**
 * Gives changes to the {@link Announcer} of their table. See {@link AnnouncementSink} for what it
 * guarantees.
 */
final class AnnouncementWriter implements StatefulSinkWriter<AnnouncedChange, AnnouncedChange> {

    private final Map<AnnouncedTable, Announcer> announcers = new EnumMap<>(AnnouncedTable.class);

    /**
     * @param streams of the tables that are announced
     * @param restored changes that a checkpoint holds, in the order of each table's; those of
     *     tables that are no longer announced are left out
     */
    AnnouncementWriter(
            NatsSettings connection,
            Map<AnnouncedTable, String> streams,
            Collection<AnnouncedChange> restored,
            MetricGroup metrics) {
        streams.forEach(
                (table, stream) ->
                        announcers.put(
                                table,
                                new Announcer(
                                        connection,
                                        table,
                                        stream,
                                        restored.stream()
                                                .filter(change -> change.table() == table)
                                                .toList(),
                                        metrics)));
    }

    @Override
    public void write(AnnouncedChange change, Context context) {
        announcers.get(change.table()).add(change);
    }

    /** Waits for nothing: what the streams have not stored is part of the checkpoint. */
    @Override
    public void flush(boolean endOfInput) throws IOException {
        for (Announcer announcer : announcers.values()) {
            announcer.requireAlive();
        }
    }

    @Override
    public List<AnnouncedChange> snapshotState(long checkpointId) {
        List<AnnouncedChange> pending = new ArrayList<>();
        announcers.values().forEach(announcer -> pending.addAll(announcer.pending()));
        return pending;
    }

    @Override
    public void close() {
        // All at once, so that closing takes no longer than for one.
        announcers.values().forEach(Announcer::stop);
        announcers.values().forEach(Announcer::awaitStopped);
    }
}
