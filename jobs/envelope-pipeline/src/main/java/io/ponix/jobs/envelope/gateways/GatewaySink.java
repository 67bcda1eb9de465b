package io.ponix.jobs.envelope.gateways;

import static java.util.Objects.requireNonNull;

import io.ponix.client.nats.NatsSettings;
import io.ponix.jobs.serialization.VersionedElements;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Announces changes of gateways to bridges: each as a bare {@code ponix.gateway.v1.Gateway} on
 * {@code <stream>.create}, {@code <stream>.update} or {@code <stream>.delete}, in the order of the
 * commits. Runs with one writer.
 *
 * <p><b>Guarantee.</b> Every change that was read is announced at least once, and stored once as
 * long as a repetition comes within the stream's duplicate window: its message id depends on the
 * row only. Left out are updates that are outdated already, if more than {@value
 * PendingGatewayChanges#MANY} changes wait, and what is too large for a message.
 *
 * <p><b>Apart from the envelopes.</b> A {@link io.ponix.connector.nats.sink.JetStreamSink} would
 * hold up checkpoints, and with them the rows, until the stream has stored everything, and fail the
 * job if it does not. Bridges are not worth that. So neither elements nor checkpoints wait for the
 * stream here: what it has not stored is in the checkpoint, and is tried for as long as it takes,
 * also after a restart. It connects when there is a change to announce.
 */
public final class GatewaySink
        implements Sink<GatewayChange>, SupportsWriterState<GatewayChange, GatewayChange> {

    private static final long serialVersionUID = 1L;

    private final NatsSettings connection;
    private final String stream;

    /**
     * @param connection how to reach the NATS server
     * @param stream the stream, which is the first token of the subjects as well
     */
    public GatewaySink(NatsSettings connection, String stream) {
        this.connection = requireNonNull(connection, "connection");
        this.stream = requireNonNull(stream, "stream");
    }

    @Override
    public SinkWriter<GatewayChange> createWriter(WriterInitContext context) {
        return restoreWriter(context, List.of());
    }

    @Override
    public StatefulSinkWriter<GatewayChange, GatewayChange> restoreWriter(
            WriterInitContext context, Collection<GatewayChange> pending) {
        return new GatewayWriter(connection, stream, pending, context.metricGroup());
    }

    @Override
    public SimpleVersionedSerializer<GatewayChange> getWriterStateSerializer() {
        return new VersionedElements<>(GatewayChangeSerializer.INSTANCE);
    }
}
