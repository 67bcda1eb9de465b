package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.envelope.inbound.EnvelopeParser;
import io.ponix.jobs.envelope.inbound.InboundEnvelope;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.transforms.PayloadContracts;
import io.ponix.transforms.PreviousResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Decodes the envelopes of devices whose contracts see what the one before became, a device's one
 * after another: a device is a key. Rows leave on the main output, dead letters on {@link
 * EnvelopeTransformOperator#DEAD_LETTERS}.
 *
 * <p><b>Order.</b> All envelopes of a subject are read by one reader, in the order of the stream,
 * and what leaves the operator before this one keeps it: it is the order of the stream.
 *
 * <p><b>Exactly once.</b> What is kept and what is emitted are part of the same checkpoint. Where
 * envelopes are read again that an earlier run has stored, they are decoded for what is kept, and
 * not emitted.
 *
 * <p><b>State.</b> One result for each device, of at most {@link PreviousResult#MAX_BYTES}, for
 * {@link #KEPT} after it was last renewed.
 */
final class DecodingAfterPrevious
        extends KeyedProcessFunction<String, KnownEnvelope, EnvelopeRows> {

    /** How long a device may be silent before it begins anew. */
    static final Duration KEPT = Duration.ofDays(400);

    private static final long serialVersionUID = 1L;

    private final TransformSettings settings;

    private transient ValueState<PreviousResult> previous;
    private transient EnvelopeParser parser;
    private transient CompiledContracts compiled;
    private transient EnvelopeDecoding decoding;
    private transient DecodingMetrics metrics;

    DecodingAfterPrevious(TransformSettings settings) {
        this.settings = settings;
    }

    @Override
    public void open(OpenContext context) {
        ValueStateDescriptor<PreviousResult> descriptor =
                new ValueStateDescriptor<>("previous", PreviousResultSerializer.INSTANCE);
        descriptor.enableTimeToLive(StateTtlConfig.newBuilder(KEPT).build());
        previous = getRuntimeContext().getState(descriptor);
        parser = new EnvelopeParser();
        compiled = new CompiledContracts(settings.limits(), CompiledContracts.ROOM);
        decoding = new EnvelopeDecoding(new StorableTimes(settings));
        metrics = new DecodingMetrics(getRuntimeContext().getMetricGroup());
    }

    @Override
    public void processElement(KnownEnvelope known, Context context, Collector<EnvelopeRows> out)
            throws Exception {
        InboundEnvelope envelope = parser.parse(known.message());
        long now = context.timerService().currentProcessingTime();
        boolean isNew = !known.isStored() && known.storedRows().isEmpty();
        Outcome outcome = decode(known, envelope, isNew ? now : StorableTimes.ACCEPTED_BEFORE);
        if (outcome == Outcome.ROWS) {
            previous.update(decoding.result(envelope));
        }
        if (!known.isStored()) {
            emit(outcome, known, envelope, context, out);
        }
    }

    private Outcome decode(KnownEnvelope known, InboundEnvelope envelope, long now)
            throws Exception {
        CompiledContracts.Compilation compilation = compiled.get(known.key());
        if (compilation == null) {
            compilation =
                    compiled.compile(
                            known.key(),
                            new String(known.text(), StandardCharsets.UTF_8),
                            known.definition() != null);
        }
        PayloadContracts contracts = compilation.contracts();
        return contracts == null
                ? decoding.fail(known.device(), known.definition(), compilation)
                : decoding.decode(
                        envelope,
                        known.device(),
                        known.definition(),
                        contracts,
                        previous.value(),
                        now);
    }

    private void emit(
            Outcome outcome,
            KnownEnvelope known,
            InboundEnvelope envelope,
            Context context,
            Collector<EnvelopeRows> out) {
        switch (outcome) {
            case ROWS -> {
                EnvelopeRows rows = decoding.rows();
                if (!known.storedRows().isEmpty()) {
                    rows.processedAt = context.timerService().currentProcessingTime();
                    rows.remove(known.storedRows());
                }
                metrics.countConverted(rows.rowCount());
                out.collect(rows);
            }
            case EMPTY -> metrics.countEmpty();
            case UNMATCHED -> metrics.countUnmatched();
            case FAILED -> emitDeadLetter(known, envelope, context);
            case AFTER_PREVIOUS, UNKNOWN_DEVICE, UNKNOWN_DEFINITION ->
                    throw new IllegalStateException(outcome + " of " + known);
        }
    }

    private void emitDeadLetter(KnownEnvelope known, InboundEnvelope envelope, Context context) {
        DeadLetterReason reason = decoding.failure();
        metrics.countDeadLetter(reason);
        context.output(
                EnvelopeTransformOperator.DEAD_LETTERS,
                new DeadLetter(
                        known.message(),
                        envelope.organizationId(),
                        known.deviceId(),
                        envelope.externalId(),
                        reason,
                        decoding.failureMessage(),
                        context.timerService().currentProcessingTime()));
    }
}
