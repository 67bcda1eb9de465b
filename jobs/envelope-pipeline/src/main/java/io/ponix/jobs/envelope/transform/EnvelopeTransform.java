package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.deadletter.DeadLetter;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceLoader;
import io.ponix.jobs.envelope.inbound.RawMessage;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SideOutputDataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Puts the operator that enriches and transforms envelopes into a topology.
 *
 * <p>It is an ordinary two-input operator: between the source and it lies an exchange on the same
 * TaskManager. Flink could chain the source into a multiple-input operator
 * (ChainingStrategy.HEAD_WITH_SOURCES), but 2.3 triggers checkpoints at vertices without inputs
 * only (DefaultCheckpointPlanCalculator): beside a network input a chained source gets no barrier,
 * the other input stays blocked in alignment, and no checkpoint ever completes.
 */
public final class EnvelopeTransform {

    private final SingleOutputStreamOperator<EnvelopeRows> rows;

    private EnvelopeTransform(SingleOutputStreamOperator<EnvelopeRows> rows) {
        this.rows = rows;
    }

    /**
     * Connects the two inputs.
     *
     * @param name the operator's name in the dashboard
     * @param uid the operator's identity in savepoints
     * @param envelopes comes straight from a source of the environment's parallelism, so that each
     *     record stays on its TaskManager
     * @param changes reaches every instance
     * @param loader reads the devices when nothing is restored
     * @param activation opens when the job is the active one
     * @param stored knows which envelopes are rows already
     * @param settings what can be set
     */
    public static EnvelopeTransform connect(
            String name,
            String uid,
            DataStream<RawMessage> envelopes,
            DataStream<DeviceChange> changes,
            DeviceLoader loader,
            Activation activation,
            StoredSequences stored,
            TransformSettings settings) {
        SingleOutputStreamOperator<EnvelopeRows> rows =
                envelopes
                        .connect(changes.broadcast())
                        .transform(
                                name,
                                EnvelopeRows.TYPE,
                                new EnvelopeTransformOperator(loader, activation, stored, settings))
                        .uid(uid);
        return new EnvelopeTransform(rows);
    }

    /** Decoded readings. The same object is used for all of them: encode at once. */
    public DataStream<EnvelopeRows> rows() {
        return rows;
    }

    /** Envelopes that do not become rows. */
    public SideOutputDataStream<DeadLetter> deadLetters() {
        return rows.getSideOutput(EnvelopeTransformOperator.DEAD_LETTERS);
    }
}
