package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceLoader;
import io.ponix.jobs.message.RawMessage;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SideOutputDataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/**
 * Puts the operator that enriches and transforms envelopes into a topology, and beside it the one
 * that decodes those whose contracts see what the device's envelope before became. Those cross the
 * network, to the instance that keeps the device; the others do not: each of the two has sinks of
 * its own.
 *
 * <p>It is an ordinary two-input operator: between the source and it lies an exchange on the same
 * TaskManager. Flink could chain the source into a multiple-input operator
 * (ChainingStrategy.HEAD_WITH_SOURCES), but 2.3 triggers checkpoints at vertices without inputs
 * only (DefaultCheckpointPlanCalculator): beside a network input a chained source gets no barrier,
 * the other input stays blocked in alignment, and no checkpoint ever completes.
 */
public final class EnvelopeTransform {

    /** How many instances may ever keep devices between them; part of every savepoint. */
    private static final int KEY_GROUPS = 1_024;

    private final SingleOutputStreamOperator<EnvelopeRows> rows;
    private final SingleOutputStreamOperator<EnvelopeRows> rowsAfterPrevious;

    private EnvelopeTransform(
            SingleOutputStreamOperator<EnvelopeRows> rows,
            SingleOutputStreamOperator<EnvelopeRows> rowsAfterPrevious) {
        this.rows = rows;
        this.rowsAfterPrevious = rowsAfterPrevious;
    }

    /**
     * What an operator is called.
     *
     * @param name in the dashboard
     * @param uid in savepoints
     */
    public record OperatorIdentity(String name, String uid) {}

    /**
     * Connects the two inputs.
     *
     * @param identity of the operator that enriches and transforms
     * @param identityAfterPrevious of the one that decodes a device's envelopes one after another
     * @param envelopes comes straight from a source of the environment's parallelism, so that each
     *     record stays on its TaskManager
     * @param changes reaches every instance
     * @param loader reads the devices when nothing is restored
     * @param activation opens when the job is the active one
     * @param stored knows which envelopes are rows already
     * @param settings what can be set
     */
    public static EnvelopeTransform connect(
            OperatorIdentity identity,
            OperatorIdentity identityAfterPrevious,
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
                                identity.name,
                                EnvelopeRows.TYPE,
                                new EnvelopeTransformOperator(loader, activation, stored, settings))
                        .uid(identity.uid);
        SingleOutputStreamOperator<EnvelopeRows> rowsAfterPrevious =
                rows.getSideOutput(EnvelopeTransformOperator.AFTER_PREVIOUS)
                        .keyBy(KnownEnvelope::deviceId, Types.STRING)
                        .process(new DecodingAfterPrevious(settings), EnvelopeRows.TYPE)
                        .name(identityAfterPrevious.name)
                        .uid(identityAfterPrevious.uid)
                        .setMaxParallelism(KEY_GROUPS);
        return new EnvelopeTransform(rows, rowsAfterPrevious);
    }

    /** Decoded readings. The same object is used for all of them: encode at once. */
    public DataStream<EnvelopeRows> rows() {
        return rows;
    }

    /** The same of devices whose contracts see what the envelope before became. */
    public DataStream<EnvelopeRows> rowsAfterPrevious() {
        return rowsAfterPrevious;
    }

    /** Envelopes that do not become rows. */
    public SideOutputDataStream<DeadLetter> deadLetters() {
        return rows.getSideOutput(EnvelopeTransformOperator.DEAD_LETTERS);
    }

    /** The same of devices whose contracts see what the envelope before became. */
    public SideOutputDataStream<DeadLetter> deadLettersAfterPrevious() {
        return rowsAfterPrevious.getSideOutput(EnvelopeTransformOperator.DEAD_LETTERS);
    }
}
