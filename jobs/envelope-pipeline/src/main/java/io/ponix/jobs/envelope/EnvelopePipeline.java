package io.ponix.jobs.envelope;

import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.descriptor.JobDescriptor;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.options.PipelineOptions;
import io.ponix.jobs.envelope.transform.EnvelopeRows;
import io.ponix.jobs.envelope.transform.EnvelopeTransform;
import io.ponix.jobs.envelope.transform.EnvelopeTransform.OperatorIdentity;
import io.ponix.jobs.environment.JobEnvironment;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.preflight.SavepointCheck;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * The job: raw envelopes from JetStream, enriched with device state from Postgres, decoded by the
 * device's transform, into rows of ClickHouse.
 *
 * <pre>
 *  raw envelopes      ─for────▶╗
 *  (JetStream)          ward   ╠═ enrich and transform ═╦═ processed_envelopes (ClickHouse): Writer ──▶ Committer
 *  device changes      ─broad─▶╝                        ╠═ dead letters (JetStream)
 *  (Postgres CDC)       cast                            ╠═ processed_envelopes.&lt;device&gt; (JetStream), if asked for
 *                                                       ╚─by device─▶ decode after previous ═ the same three sinks
 *        ╚═ announced changes (JetStream): of gateways unless told otherwise, of the others if asked for
 * </pre>
 *
 * What is joined by ═ is one task: no record is serialized between the transform and the batch.
 * Announcing changes holds up nothing else, see {@link
 * io.ponix.jobs.envelope.announcements.AnnouncementSink}. {@link PipelineOptions} says what can be
 * set.
 */
public final class EnvelopePipeline {

    /** What commands and images know of the job, and the identities of its operators. */
    static final JobDescriptor DESCRIPTOR = JobDescriptor.of(EnvelopePipeline.class);

    /** Operator names as the dashboard and the metrics show them. */
    static final String RAW_ENVELOPES = "raw envelopes (JetStream)";

    static final String DEVICE_CHANGES = "device changes (Postgres CDC)";
    static final String ENRICH_AND_TRANSFORM = "enrich and transform";
    static final String DECODE_AFTER_PREVIOUS = "decode after previous";
    static final String ROWS = "processed_envelopes (ClickHouse)";
    static final String DEAD_LETTERS = "dead letters (JetStream)";
    static final String PROCESSED_ENVELOPES = "processed_envelopes (JetStream)";
    static final String BY_USE = "by use";
    static final String ANNOUNCED_CHANGES = "announced changes (JetStream)";

    private EnvelopePipeline() {}

    /**
     * Checks the options and what they point to, and submits the job; {@code --help} shows the
     * options.
     *
     * @throws Exception if the job cannot be submitted; a {@link
     *     org.apache.flink.client.program.ProgramParametrizationException} if the options are at
     *     fault
     */
    public static void main(String[] args) throws Exception {
        Optional<PipelineOptions> parsed = PipelineOptions.parse(args, System.getenv(), System.out);
        if (parsed.isEmpty()) {
            return;
        }
        PipelineOptions options = parsed.get();
        Connectors connectors = new Connectors(options);
        StreamExecutionEnvironment environment = environment(options);
        build(environment, options, connectors);
        // Before another job is asked to make way for this one.
        new SavepointCheck(environment.getStreamGraph(false)).check();
        new Preflight(options, connectors, JobEnvironment.fixedJobId(environment), System.out)
                .check();
        environment.execute(DESCRIPTOR.name());
    }

    static StreamExecutionEnvironment environment(PipelineOptions options) {
        return JobEnvironment.create(options.processing().checkpointInterval());
    }

    /** The topology. Its uids are the operators' identities in savepoints and never change. */
    static void build(
            StreamExecutionEnvironment environment,
            PipelineOptions options,
            Connectors connectors) {
        DataStream<RawMessage> envelopes =
                environment
                        .fromSource(
                                connectors.rawEnvelopes(),
                                WatermarkStrategy.noWatermarks(),
                                RAW_ENVELOPES)
                        .uid("raw-envelopes");

        SingleOutputStreamOperator<DeviceChange> changes =
                environment
                        .fromSource(
                                connectors.changes(),
                                WatermarkStrategy.noWatermarks(),
                                DEVICE_CHANGES)
                        .uid("device-changes")
                        // One replication slot has one reader.
                        .setParallelism(1)
                        .setMaxParallelism(1)
                        .process(new ChangesByUse(), DeviceChange.TYPE)
                        .name(BY_USE)
                        .uid("changes-by-table")
                        .setParallelism(1)
                        .setMaxParallelism(1);
        changes.getSideOutput(ChangesByUse.ANNOUNCED)
                // There in any case, so that a savepoint fits whether they are announced or not.
                .sinkTo(
                        options.nats().announcements().isEmpty()
                                ? new DiscardingSink<>()
                                : connectors.announcements())
                .name(ANNOUNCED_CHANGES)
                // As they were called when only gateways were announced.
                .uid("gateway-changes")
                .setParallelism(1)
                .setMaxParallelism(1);

        EnvelopeTransform transform =
                EnvelopeTransform.connect(
                        new OperatorIdentity(ENRICH_AND_TRANSFORM, "enrich-and-transform"),
                        new OperatorIdentity(DECODE_AFTER_PREVIOUS, "decode-after-previous"),
                        envelopes,
                        changes,
                        connectors.devices(),
                        connectors.activation(),
                        connectors.storedSequences(),
                        options.processing().transformSettings());
        writeTo(
                connectors,
                options.nats().publishProcessedEnvelopes(),
                transform.rows(),
                transform.deadLetters(),
                "");
        writeTo(
                connectors,
                options.nats().publishProcessedEnvelopes(),
                transform.rowsAfterPrevious(),
                transform.deadLettersAfterPrevious(),
                "-after-previous");
    }

    /**
     * The sinks of what an operator decodes, chained to it.
     *
     * @param suffix of their identities
     */
    private static void writeTo(
            Connectors connectors,
            boolean publish,
            DataStream<EnvelopeRows> rows,
            DataStream<DeadLetter> deadLetters,
            String suffix) {
        rows.sinkTo(connectors.rows()).name(ROWS).uid("rows" + suffix);
        deadLetters
                .sinkTo(connectors.deadLetters())
                .name(DEAD_LETTERS)
                .uid("dead-letters" + suffix);
        // There in any case, so that a savepoint fits whether they are published or not.
        rows.sinkTo(publish ? connectors.processedEnvelopes() : new DiscardingSink<>())
                .name(PROCESSED_ENVELOPES)
                .uid("processed-envelopes" + suffix);
    }
}
