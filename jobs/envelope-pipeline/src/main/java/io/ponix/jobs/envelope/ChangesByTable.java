package io.ponix.jobs.envelope;

import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.gateways.GatewayChange;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Takes the change stream apart: what concerns devices goes on, changes of gateways leave on {@link
 * #GATEWAY_CHANGES}.
 */
final class ChangesByTable
        extends ProcessFunction<Either<DeviceChange, GatewayChange>, DeviceChange> {

    /** The side output of changes of gateways. */
    static final OutputTag<GatewayChange> GATEWAY_CHANGES =
            new OutputTag<>("gateway-changes", GatewayChange.TYPE);

    private static final long serialVersionUID = 1L;

    @Override
    public void processElement(
            Either<DeviceChange, GatewayChange> change,
            Context context,
            Collector<DeviceChange> out) {
        if (change.isLeft()) {
            out.collect(change.left());
        } else {
            context.output(GATEWAY_CHANGES, change.right());
        }
    }
}
