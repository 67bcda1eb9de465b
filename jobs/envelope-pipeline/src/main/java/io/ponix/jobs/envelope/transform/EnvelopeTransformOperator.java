package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.deadletter.DeadLetter;
import io.ponix.jobs.envelope.deadletter.Reason;
import io.ponix.jobs.envelope.devices.Device;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceDirectory;
import io.ponix.jobs.envelope.devices.DeviceLoader;
import io.ponix.jobs.envelope.envelope.InboundEnvelope;
import io.ponix.jobs.envelope.envelope.InboundEnvelopeSerializer;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enriches envelopes (first input) with device state (second input, broadcast) and runs their
 * transforms. Rows leave on the main output, dead letters on {@link #DEAD_LETTERS}.
 *
 * <p><b>Device state before data.</b> An instance that restores nothing loads every device in
 * {@code initializeState}, before its task reads an envelope. An instance that restores state loads
 * nothing: the change stream continues where the checkpoint ended.
 *
 * <p><b>Nothing twice.</b> Envelopes that an earlier run stored after the point this one starts
 * from are not stored again ({@link StoredSequences}).
 *
 * <p><b>State.</b> Devices, definitions, organizations and transforms in broadcast state ({@link
 * DeviceDirectory}); parked envelopes in operator list state, which a rescale deals out anew: any
 * instance may hold any envelope, since all hold all devices.
 */
final class EnvelopeTransformOperator extends AbstractStreamOperator<ProcessedRow>
        implements TwoInputStreamOperator<InboundEnvelope, DeviceChange, ProcessedRow> {

    /** The side output of envelopes that do not become rows. */
    static final OutputTag<DeadLetter> DEAD_LETTERS =
            new OutputTag<>("dead-letters", DeadLetter.TYPE);

    private static final Logger LOG = LoggerFactory.getLogger(EnvelopeTransformOperator.class);

    private static final ListStateDescriptor<InboundEnvelope> PARKED =
            new ListStateDescriptor<>("parked-envelopes", InboundEnvelopeSerializer.INSTANCE);

    private final DeviceLoader loader;
    private final StoredSequences stored;
    private final TransformSettings settings;

    private transient ParkedEnvelopes parked;
    private transient CompiledContracts compiled;
    private transient StreamRecord<ProcessedRow> rowRecord;
    private transient DeviceDirectory directory;
    private transient EnvelopeConverter converter;
    private transient EnvelopeMetrics envelopeMetrics;
    private transient ListState<InboundEnvelope> parkedState;
    private transient boolean timerRegistered;

    EnvelopeTransformOperator(
            DeviceLoader loader, StoredSequences stored, TransformSettings settings) {
        this.loader = loader;
        this.stored = stored;
        this.settings = settings;
    }

    @Override
    public void processElement1(StreamRecord<InboundEnvelope> element) throws Exception {
        envelopeMetrics.countConsumed();
        process(element.getValue());
    }

    @Override
    public void processElement2(StreamRecord<DeviceChange> element) throws Exception {
        applyChange(element.getValue());
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        parked = new ParkedEnvelopes(settings.parkedEnvelopes(), settings.parkedBytes());
        compiled = new CompiledContracts();
        rowRecord = new StreamRecord<>(null);
        directory = new DeviceDirectory(context.getOperatorStateStore(), compiled::forget);
        converter = new EnvelopeConverter(directory, compiled, settings.allowedFutureSkew());
        envelopeMetrics = new EnvelopeMetrics(getMetricGroup(), parked, directory);
        parkedState = context.getOperatorStateStore().getListState(PARKED);
        // A savepoint that knows nothing of this operator also counts as restored; without devices
        // it is as good as none.
        if (directory.deviceCount() == 0 && directory.organizationCount() == 0) {
            loader.load(directory::apply);
            LOG.info(
                    "Loaded {} devices of {} organizations with {} definitions and {} distinct"
                            + " transforms",
                    directory.deviceCount(),
                    directory.organizationCount(),
                    directory.definitionCount(),
                    directory.transformCount());
        }
        // The grace period begins anew: the device may have been created while the job was down.
        long deadline = graceEnd();
        for (InboundEnvelope envelope : parkedState.get()) {
            parked.add(envelope, deadline);
            envelopeMetrics.countConsumed();
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        stored.open();
        // The input may hold more than the limit after a rescale to fewer instances.
        deadLetterSurplus();
        registerTimer();
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        parkedState.update(parked.snapshot());
    }

    @Override
    public void close() throws Exception {
        stored.close();
        super.close();
    }

    private void process(InboundEnvelope envelope) throws Exception {
        if (stored.contains(envelope.streamSequence(), envelope.receivedAt())) {
            envelopeMetrics.countAlreadyStored();
            return;
        }
        switch (converter.convert(envelope, now())) {
            case ROW -> {
                envelopeMetrics.countRow();
                output.collect(rowRecord.replace(converter.row()));
            }
            case UNKNOWN_DEVICE, UNKNOWN_DEFINITION -> park(envelope);
            case UNMATCHED -> envelopeMetrics.countUnmatched();
            case FAILED ->
                    emitDeadLetter(envelope, converter.failure(), converter.failureMessage());
        }
    }

    private void applyChange(DeviceChange change) throws Exception {
        directory.apply(change);
        if (parked.count() == 0) {
            return;
        }
        switch (change.kind()) {
            case DEVICE_UPSERTED -> release(change.id());
            case DEFINITION_UPSERTED -> {
                for (String deviceId : parked.deviceIds()) {
                    Device device = directory.device(deviceId);
                    if (device != null && change.id().equals(device.definitionId())) {
                        release(deviceId);
                    }
                }
            }
            default -> {
                // Nothing that envelopes wait for.
            }
        }
    }

    private void release(String deviceId) throws Exception {
        for (InboundEnvelope envelope : parked.release(deviceId)) {
            process(envelope);
        }
    }

    private void park(InboundEnvelope envelope) throws Exception {
        if (parked.isTooLarge(envelope)) {
            giveUpUnparked(envelope);
            return;
        }
        parked.add(envelope, graceEnd());
        deadLetterSurplus();
        registerTimer();
    }

    private void deadLetterSurplus() throws Exception {
        InboundEnvelope surplus;
        while ((surplus = parked.pollSurplus()) != null) {
            giveUpUnparked(surplus);
        }
    }

    private void giveUpUnparked(InboundEnvelope envelope) throws Exception {
        giveUp(
                envelope,
                "unknown, and more than "
                        + settings.parkedEnvelopes()
                        + " envelopes or "
                        + settings.parkedBytes()
                        + " bytes would wait for what is unknown");
    }

    private void registerTimer() {
        long deadline = parked.firstDeadline();
        if (!timerRegistered && deadline != Long.MAX_VALUE) {
            timerRegistered = true;
            getProcessingTimeService().registerTimer(deadline, this::deadLetterExpired);
        }
    }

    private void deadLetterExpired(long timestamp) throws Exception {
        timerRegistered = false;
        InboundEnvelope expired;
        while ((expired = parked.pollExpired(timestamp)) != null) {
            giveUp(expired, "still unknown after the grace period of " + settings.gracePeriod());
        }
        registerTimer();
    }

    /** Names what an envelope waited for in vain. */
    private void giveUp(InboundEnvelope envelope, String why) throws Exception {
        Device device = directory.device(envelope.endDeviceId());
        if (device == null) {
            emitDeadLetter(envelope, Reason.DEVICE_NOT_FOUND, "The device is " + why);
        } else {
            emitDeadLetter(
                    envelope,
                    Reason.NO_CONVERSION,
                    "The device's definition '" + device.definitionId() + "' is " + why);
        }
    }

    private void emitDeadLetter(InboundEnvelope envelope, Reason reason, String message) {
        envelopeMetrics.countDeadLetter(reason);
        output.collect(
                DEAD_LETTERS, new StreamRecord<>(new DeadLetter(envelope, reason, message, now())));
    }

    private long now() {
        return getProcessingTimeService().getCurrentProcessingTime();
    }

    private long graceEnd() {
        return now() + settings.gracePeriod().toMillis();
    }
}
