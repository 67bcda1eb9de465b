package io.ponix.jobs.envelope;

import io.ponix.jobs.envelope.announcements.AnnouncedChange;
import io.ponix.jobs.envelope.devices.DeviceChange;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Takes the change stream apart: what transforms need goes on, what is announced leaves on {@link
 * #ANNOUNCED}.
 */
final class ChangesByUse
        extends ProcessFunction<Either<DeviceChange, AnnouncedChange>, DeviceChange> {

    /** The side output of what is announced. */
    static final OutputTag<AnnouncedChange> ANNOUNCED =
            new OutputTag<>("announced-changes", AnnouncedChange.TYPE);

    private static final long serialVersionUID = 1L;

    @Override
    public void processElement(
            Either<DeviceChange, AnnouncedChange> change,
            Context context,
            Collector<DeviceChange> out) {
        if (change.isLeft()) {
            out.collect(change.left());
        } else {
            context.output(ANNOUNCED, change.right());
        }
    }
}
