package io.ponix.jobs.envelope.transform;

import io.ponix.connector.postgres.cdc.publication.PublicationState;
import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.envelope.devices.Device;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceChange.DefinitionUpserted;
import io.ponix.jobs.envelope.devices.DeviceChange.DeviceUpserted;
import io.ponix.jobs.envelope.devices.DeviceChange.OrganizationUpserted;
import io.ponix.jobs.envelope.devices.DeviceChange.Published;
import io.ponix.jobs.envelope.devices.DeviceChange.Removed;
import io.ponix.jobs.envelope.devices.DeviceChange.Truncated;
import io.ponix.jobs.envelope.devices.DeviceDirectory;
import io.ponix.jobs.envelope.devices.DeviceLoader;
import io.ponix.jobs.envelope.devices.DeviceName;
import io.ponix.jobs.envelope.inbound.EnvelopeParser;
import io.ponix.jobs.envelope.inbound.InboundEnvelope;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.message.RawMessageSerializer;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.registry.EndDeviceRow;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.TwoInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.apache.flink.util.TimeUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enriches envelopes (first input) with device state (second input, broadcast) and runs their
 * transforms. Rows leave on the main output, dead letters on {@link #DEAD_LETTERS}, and on {@link
 * #AFTER_PREVIOUS} what has to be decoded after the envelope before it, by another operator.
 *
 * <p><b>Device state before data.</b> Every start, fresh or restored, loads every device from
 * Postgres in {@code initializeState}, before its task reads an envelope, and for as long as
 * Postgres takes; the envelopes stay in JetStream. The change stream continues from the slot's or
 * the checkpoint's position, which lies before what was loaded, so nothing is missing in between,
 * and what it tells again is recognised by its version. So also what was created, changed or
 * deleted while the job was down is known to the first envelope, and no checkpoint carries the
 * devices.
 *
 * <p><b>Changes that were not published.</b> When the change stream tells that the publication was
 * changed since the devices were read, they are all read again, in the task's thread: what happened
 * to them while their table was not published is in no stream.
 *
 * <p><b>Unknown devices.</b> The change stream may be late, and Postgres with it, so that an
 * envelope's device is not known yet: the envelope is parked, and released when the stream tells of
 * the device. When its grace period has ended, Postgres itself is asked for the device, and only
 * its answer makes a dead letter of the envelope; while Postgres does not answer, the envelope
 * stays parked. A park that is full is emptied in the same way without waiting for the grace
 * periods' end; as long as there is no answer then, this operator takes no more envelopes, and
 * JetStream keeps them. (Flink's InputSelectable would say so more elegantly, but is refused with
 * checkpointing. A blocked {@code processElement1} delays the checkpoint, as any backpressure does,
 * and cannot keep the answer from coming: that does not depend on the other input.)
 *
 * <p><b>Nothing twice.</b> Envelopes that an earlier run stored after the point this one starts
 * from are not stored again, and of one that was stored in part only the rest is ({@link
 * StoredSequences}). All rows of an envelope leave as one record, and no checkpoint comes between
 * them.
 *
 * <p><b>State.</b> Parked envelopes, in operator list state, which a rescale deals out anew: any
 * instance may hold any envelope, since all hold all devices.
 */
final class EnvelopeTransformOperator extends AbstractStreamOperator<EnvelopeRows>
        implements TwoInputStreamOperator<RawMessage, DeviceChange, EnvelopeRows> {

    /** The side output of envelopes that do not become rows. */
    static final OutputTag<DeadLetter> DEAD_LETTERS =
            new OutputTag<>("dead-letters", DeadLetter.TYPE);

    /** The side output of envelopes that are decoded after those before them. */
    static final OutputTag<KnownEnvelope> AFTER_PREVIOUS =
            new OutputTag<>("after-previous", KnownEnvelope.TYPE);

    private static final Logger LOG = LoggerFactory.getLogger(EnvelopeTransformOperator.class);

    private static final ListStateDescriptor<RawMessage> PARKED =
            new ListStateDescriptor<>("parked-envelopes", RawMessageSerializer.INSTANCE);

    /** Lookups for expired grace periods are at least this far apart, in milliseconds. */
    private static final long LOOKUP_INTERVAL_MILLIS = 100;

    private final DeviceLoader loader;
    private final Activation activation;
    private final StoredSequences stored;
    private final TransformSettings settings;

    private transient EnvelopeParser parser;
    private transient ParkedEnvelopes parked;
    private transient CompiledContracts compiled;
    private transient StreamRecord<EnvelopeRows> rowsRecord;
    private transient DeviceDirectory directory;
    private transient EnvelopeConverter converter;
    private transient EnvelopeDecoding decoding;
    private transient EnvelopeMetrics envelopeMetrics;
    private transient ListState<RawMessage> parkedState;
    private transient MailboxExecutor mailbox;
    private transient DeviceLookup lookup;
    private transient Releases releases;
    private transient boolean timerRegistered;
    private transient String publication;
    private transient long nextLookup;

    EnvelopeTransformOperator(
            DeviceLoader loader,
            Activation activation,
            StoredSequences stored,
            TransformSettings settings) {
        this.loader = loader;
        this.activation = activation;
        this.stored = stored;
        this.settings = settings;
    }

    @Override
    public void setMailboxExecutor(MailboxExecutor mailboxExecutor) {
        super.setMailboxExecutor(mailboxExecutor);
        mailbox = mailboxExecutor;
    }

    @Override
    public void processElement1(StreamRecord<RawMessage> element) throws Exception {
        envelopeMetrics.countConsumed();
        process(element.getValue());
    }

    private void process(RawMessage message) throws Exception {
        if (isStored(message)) {
            envelopeMetrics.countAlreadyStored();
            if (directory.mayUsePrevious()) {
                handOnStored(parser.parse(message));
            }
        } else {
            convertOrPark(parser.parse(message));
        }
    }

    /** What is stored is nevertheless what came before the device's next envelope. */
    private void handOnStored(InboundEnvelope envelope) throws Exception {
        if (converter.isAfterPrevious(envelope)) {
            handOn(converter.known(envelope).stored());
        }
    }

    private void handOn(KnownEnvelope envelope) {
        output.collect(AFTER_PREVIOUS, new StreamRecord<>(envelope));
    }

    @Override
    public void processElement2(StreamRecord<DeviceChange> element) throws Exception {
        applyChange(element.getValue());
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        parser = new EnvelopeParser();
        parked = new ParkedEnvelopes(settings.parkedEnvelopes(), settings.parkedBytes());
        compiled = new CompiledContracts(settings.limits(), CompiledContracts.ROOM);
        rowsRecord = new StreamRecord<>(null);
        directory = new DeviceDirectory(compiled::forget);
        decoding = new EnvelopeDecoding(new StorableTimes(settings));
        converter = new EnvelopeConverter(directory, compiled, decoding, settings);
        envelopeMetrics = new EnvelopeMetrics(getMetricGroup(), parked, directory);
        lookup = new DeviceLookup(loader, mailbox);
        releases = new Releases();
        parkedState = context.getOperatorStateStore().getListState(PARKED);
        load();
        // The grace period begins anew.
        long deadline = graceEnd();
        for (RawMessage message : parkedState.get()) {
            parked.add(parser.parse(message), deadline);
            envelopeMetrics.countConsumed();
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        activation.await(getRuntimeContext().getJobInfo().getJobId().toHexString());
        stored.open();
        // Devices created while the job was down. After a rescale to fewer instances the park may
        // hold more than the limit; the next envelope of an unknown device sees to that.
        releaseKnown();
        registerTimer();
    }

    private void load() throws Exception {
        publication = loader.load(directory::apply);
        LOG.info(
                "Loaded {} devices of {} organizations with {} definitions and {} distinct"
                        + " transforms",
                directory.deviceCount(),
                directory.organizationCount(),
                directory.definitionCount(),
                directory.transformCount());
    }

    private void releaseKnown() throws Exception {
        for (DeviceName name : parked.devices()) {
            releaseIfKnown(name);
        }
    }

    private void releaseIfKnown(DeviceName name) throws Exception {
        if (directory.device(name) != null) {
            release(name);
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        parkedState.update(parked.snapshot());
    }

    @Override
    public void close() throws Exception {
        if (lookup != null) {
            lookup.close();
        }
        stored.close();
        super.close();
    }

    private boolean isStored(RawMessage message) throws Exception {
        return stored.contains(message.sequence(), message.receivedAt());
    }

    private void convertOrPark(InboundEnvelope envelope) throws Exception {
        if (!convert(envelope)) {
            park(envelope);
        }
    }

    /** Returns false if the device or its definition is not known, and nothing was done. */
    private boolean convert(InboundEnvelope envelope) throws Exception {
        RawMessage message = envelope.message();
        Set<Integer> storedRows = stored.rows(message.sequence(), message.receivedAt());
        long clock = storedRows.isEmpty() ? now() : StorableTimes.ACCEPTED_BEFORE;
        switch (converter.convert(envelope, clock)) {
            case ROWS -> emitRows(storedRows);
            case EMPTY -> envelopeMetrics.decoding().countEmpty();
            case AFTER_PREVIOUS -> {
                envelopeMetrics.countAfterPrevious();
                handOn(converter.known(envelope).storedInPart(storedRows));
            }
            case UNKNOWN_DEVICE, UNKNOWN_DEFINITION -> {
                return false;
            }
            case UNMATCHED -> envelopeMetrics.decoding().countUnmatched();
            case FAILED -> emitDeadLetter(envelope, decoding.failure(), decoding.failureMessage());
        }
        return true;
    }

    /**
     * @param storedRows most often none: a server died between the months of its rows
     */
    private void emitRows(Set<Integer> storedRows) {
        EnvelopeRows rows = decoding.rows();
        if (!storedRows.isEmpty()) {
            rows.processedAt = now();
            rows.remove(storedRows);
        }
        envelopeMetrics.decoding().countConverted(rows.rowCount());
        output.collect(rowsRecord.replace(rows));
    }

    private void applyChange(DeviceChange change) throws Exception {
        directory.apply(change);
        if (change instanceof Published published
                && !PublicationState.includes(publication, published.publication())) {
            LOG.info("The publication was changed since the devices were read: reading them again");
            directory.clear();
            load();
        }
        releaseWhatWaitedFor(change);
    }

    private void releaseWhatWaitedFor(DeviceChange change) throws Exception {
        if (parked.count() > 0) {
            change.tell(releases);
        }
    }

    /** Releases the envelopes that waited for what a change tells of. */
    private final class Releases implements DeviceChange.Listener<Exception> {

        @Override
        public void on(DeviceUpserted change) throws Exception {
            EndDeviceRow row = change.row();
            release(DeviceName.ofId(row.deviceId()));
            if (!row.externalId().isEmpty()) {
                // Perhaps an older row, whose external id is another device's by now, or nobody's.
                releaseIfKnown(DeviceName.ofExternalId(row.organizationId(), row.externalId()));
            }
        }

        @Override
        public void on(DefinitionUpserted change) throws Exception {
            for (DeviceName name : parked.devices()) {
                Device device = directory.device(name);
                if (device != null && change.id().equals(device.definitionId())) {
                    release(name);
                }
            }
        }

        @Override
        public void on(Published change) throws Exception {
            releaseKnown();
        }

        // Nothing that envelopes wait for.

        @Override
        public void on(OrganizationUpserted change) {}

        @Override
        public void on(Removed change) {}

        @Override
        public void on(Truncated change) {}
    }

    private void release(DeviceName name) throws Exception {
        for (InboundEnvelope envelope : parked.release(name)) {
            // Parked in a savepoint, it may be a row of a later run by now.
            if (isStored(envelope.message())) {
                envelopeMetrics.countAlreadyStored();
                handOnStored(envelope);
            } else {
                convertOrPark(envelope);
            }
        }
    }

    private void park(InboundEnvelope envelope) throws Exception {
        if (parked.isTooLarge(envelope)) {
            giveUp(envelope, unparked());
            return;
        }
        // Before anything else, so that a checkpoint in between has it.
        parked.add(envelope, graceEnd());
        while (parked.isOverfull()) {
            lookUpOverdue();
            mailbox.yield();
        }
        registerTimer();
    }

    private void registerTimer() {
        if (!timerRegistered && !lookup.isAsking() && parked.count() > 0) {
            timerRegistered = true;
            getProcessingTimeService()
                    .registerTimer(Math.max(parked.firstDeadline(), nextLookup), this::onTimer);
        }
    }

    private void onTimer(long timestamp) {
        timerRegistered = false;
        lookUpOverdue();
        registerTimer();
    }

    private void lookUpOverdue() {
        if (lookup.isAsking()) {
            return;
        }
        ParkedEnvelopes.Overdue overdue = parked.overdue(now());
        if (overdue != null) {
            long removals = directory.removals();
            envelopeMetrics.countLookup();
            lookup.ask(overdue.devices(), found -> onAnswer(overdue, removals, found));
        }
    }

    private void onAnswer(
            ParkedEnvelopes.Overdue overdue, long removalsBefore, List<DeviceChange> found)
            throws Exception {
        // A removal that was applied meanwhile may be that of a row found: ask again.
        if (directory.removals() == removalsBefore) {
            found.forEach(directory::apply);
            if (found.stream().noneMatch(this::isOutdated)) {
                decide(overdue);
            }
            // Younger envelopes that waited for the same.
            for (DeviceChange change : found) {
                releaseWhatWaitedFor(change);
            }
        }
        nextLookup = now() + LOOKUP_INTERVAL_MILLIS;
        registerTimer();
    }

    /**
     * Whether a device that was found has let go of its external id since: another may have it by
     * now, and not be known yet.
     */
    private boolean isOutdated(DeviceChange change) {
        if (!(change instanceof DeviceUpserted found) || found.row().externalId().isEmpty()) {
            return false;
        }
        Device device = directory.device(found.row().deviceId());
        return device != null
                && device.version() > found.version()
                && !found.row().externalId().equals(device.externalId());
    }

    private void decide(ParkedEnvelopes.Overdue overdue) throws Exception {
        while (parked.count() > 0) {
            boolean graceEnded = parked.firstDeadline() <= now();
            InboundEnvelope envelope = parked.pollUpTo(overdue.lastNumber());
            if (envelope == null) {
                return;
            }
            if (!convert(envelope)) {
                giveUp(
                        envelope,
                        graceEnded
                                ? "still unknown after the grace period of "
                                        + TimeUtils.formatWithHighestUnit(settings.gracePeriod())
                                : unparked());
            }
        }
    }

    private String unparked() {
        return "unknown, and more than "
                + settings.parkedEnvelopes()
                + " envelopes or "
                + settings.parkedBytes()
                + " bytes would wait for what is unknown";
    }

    /** Names what an envelope waited for in vain. */
    private void giveUp(InboundEnvelope envelope, String why) {
        Device device = converter.device(envelope);
        if (device == null) {
            emitDeadLetter(
                    envelope,
                    DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                    "The device is " + why);
        } else {
            emitDeadLetter(
                    envelope,
                    DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION,
                    "The device's definition '" + device.definitionId() + "' is " + why);
        }
    }

    private void emitDeadLetter(InboundEnvelope envelope, DeadLetterReason reason, String message) {
        envelopeMetrics.decoding().countDeadLetter(reason);
        Device named = envelope.externalId().isEmpty() ? null : converter.device(envelope);
        output.collect(
                DEAD_LETTERS,
                new StreamRecord<>(
                        new DeadLetter(
                                envelope.message(),
                                envelope.organizationId(),
                                named == null ? envelope.endDeviceId() : named.id(),
                                envelope.externalId(),
                                reason,
                                message,
                                now())));
    }

    /** How many messages it has read the bytes of, since it started. */
    long parsed() {
        return parser.parsed();
    }

    private long now() {
        return getProcessingTimeService().getCurrentProcessingTime();
    }

    private long graceEnd() {
        return now() + settings.gracePeriod().toMillis();
    }
}
