package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.deadletter.DeadLetter;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceLoader;
import io.ponix.jobs.envelope.envelope.InboundEnvelope;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.MultipleConnectedStreams;
import org.apache.flink.streaming.api.datastream.SideOutputDataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.ChainingStrategy;
import org.apache.flink.streaming.api.transformations.MultipleInputTransformation;

/** Puts the operator that enriches and transforms envelopes into a topology. */
public final class EnvelopeTransform {

    private final SingleOutputStreamOperator<ProcessedRow> rows;

    private EnvelopeTransform(SingleOutputStreamOperator<ProcessedRow> rows) {
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
     * @param settings what can be set
     */
    public static EnvelopeTransform connect(
            String name,
            String uid,
            DataStream<InboundEnvelope> envelopes,
            DataStream<DeviceChange> changes,
            DeviceLoader loader,
            TransformSettings settings) {
        StreamExecutionEnvironment environment = envelopes.getExecutionEnvironment();
        EnvelopeTransformOperatorFactory factory =
                new EnvelopeTransformOperatorFactory(loader, settings);
        // Not HEAD_WITH_SOURCES: Flink 2.3 triggers checkpoints only at vertices without inputs
        // (DefaultCheckpointPlanCalculator), so a source chained beside a network input never gets
        // its barrier, the other input stays blocked in alignment, and no checkpoint completes.
        factory.setChainingStrategy(ChainingStrategy.ALWAYS);
        MultipleInputTransformation<ProcessedRow> transformation =
                new MultipleInputTransformation<>(
                        name, factory, ProcessedRow.TYPE, environment.getParallelism());
        transformation.addInput(envelopes.getTransformation());
        transformation.addInput(changes.broadcast().getTransformation());
        transformation.setUid(uid);
        environment.addOperator(transformation);
        return new EnvelopeTransform(
                new MultipleConnectedStreams(environment).transform(transformation));
    }

    /** Decoded readings. The same object is used for all of them: encode at once. */
    public DataStream<ProcessedRow> rows() {
        return rows;
    }

    /** Envelopes that do not become rows. */
    public SideOutputDataStream<DeadLetter> deadLetters() {
        return rows.getSideOutput(EnvelopeTransformOperator.DEAD_LETTERS);
    }
}
