package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.DeviceLoader;
import org.apache.flink.streaming.api.operators.AbstractStreamOperatorFactory;
import org.apache.flink.streaming.api.operators.StreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;

/** Makes the operator in its task. */
final class EnvelopeTransformOperatorFactory extends AbstractStreamOperatorFactory<ProcessedRow> {

    private final DeviceLoader loader;
    private final TransformSettings settings;

    EnvelopeTransformOperatorFactory(DeviceLoader loader, TransformSettings settings) {
        this.loader = loader;
        this.settings = settings;
    }

    @Override
    @SuppressWarnings("unchecked") // the interface cannot say that the result is of our type
    public <T extends StreamOperator<ProcessedRow>> T createStreamOperator(
            StreamOperatorParameters<ProcessedRow> parameters) {
        return (T) new EnvelopeTransformOperator(parameters, loader, settings);
    }

    @Override
    @SuppressWarnings("rawtypes") // the interface's own type
    public Class<? extends StreamOperator> getStreamOperatorClass(ClassLoader classLoader) {
        return EnvelopeTransformOperator.class;
    }
}
