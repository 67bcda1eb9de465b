package io.ponix.jobs.envelope.announcements;

import static java.util.Objects.requireNonNull;

import io.ponix.client.nats.NatsSettings;
import io.ponix.jobs.serialization.VersionedElements;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Announces changes of entities to whoever is interested, changes of gateways to bridges: each as
 * the bare protobuf message of the entity on {@code <stream>.create}, {@code <stream>.update} or
 * {@code <stream>.delete}, in the order of the commits. Every table has a stream of its own. Runs
 * with one writer.
 *
 * <p><b>Guarantee.</b> Every change that was read is announced at least once, and stored once as
 * long as a repetition comes within the stream's duplicate window: its message id depends on the
 * row only. Left out are updates that are outdated already, if more than {@value
 * PendingChanges#MANY} changes of a table wait, and what is too large for a message.
 *
 * <p><b>Apart from the envelopes.</b> A {@link io.ponix.connector.nats.sink.JetStreamSink} would
 * hold up checkpoints, and with them the rows, until the stream has stored everything, and fail the
 * job if it does not. Announcements are not worth that. So neither elements nor checkpoints wait
 * for the streams here, nor one stream for another: what they have not stored is in the checkpoint,
 * and is tried for as long as it takes, also after a restart. It connects when there is a change to
 * announce.
 */
public final class AnnouncementSink
        implements Sink<AnnouncedChange>, SupportsWriterState<AnnouncedChange, AnnouncedChange> {

    private static final long serialVersionUID = 1L;

    private final NatsSettings connection;
    private final EnumMap<AnnouncedTable, String> streams;

    /**
     * @param connection how to reach the NATS server
     * @param streams of the tables that are announced; a stream is the first token of its subjects
     *     as well
     */
    public AnnouncementSink(NatsSettings connection, Map<AnnouncedTable, String> streams) {
        this.connection = requireNonNull(connection, "connection");
        this.streams = new EnumMap<>(AnnouncedTable.class);
        this.streams.putAll(streams);
    }

    @Override
    public SinkWriter<AnnouncedChange> createWriter(WriterInitContext context) {
        return restoreWriter(context, List.of());
    }

    @Override
    public StatefulSinkWriter<AnnouncedChange, AnnouncedChange> restoreWriter(
            WriterInitContext context, Collection<AnnouncedChange> pending) {
        return new AnnouncementWriter(connection, streams, pending, context.metricGroup());
    }

    @Override
    public SimpleVersionedSerializer<AnnouncedChange> getWriterStateSerializer() {
        return new VersionedElements<>(AnnouncedChangeSerializer.INSTANCE);
    }
}
