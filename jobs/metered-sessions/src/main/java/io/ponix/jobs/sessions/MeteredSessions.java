package io.ponix.jobs.sessions;

import io.ponix.jobs.descriptor.JobDescriptor;
import io.ponix.jobs.environment.JobEnvironment;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.preflight.SavepointCheck;
import io.ponix.jobs.sessions.assembly.MeterValueRow;
import io.ponix.jobs.sessions.assembly.SessionFunction;
import io.ponix.jobs.sessions.assembly.SessionRow;
import io.ponix.jobs.sessions.assembly.StationFunction;
import io.ponix.jobs.sessions.event.Letters;
import io.ponix.jobs.sessions.event.SessionUpdate;
import io.ponix.jobs.sessions.event.StationEvent;
import io.ponix.jobs.sessions.options.SessionsOptions;
import io.ponix.jobs.sessions.read.ReadMessages;
import java.util.Optional;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The job: decoded envelopes that tell of sessions, assembled into a row for each session.
 *
 * <pre>
 *  processed_envelopes ═ messages ─by station▶ stations ─by session▶ sessions ═╦═ sessions (Postgres)
 *  (JetStream)                                                                 ╠═ session_meter_values (Postgres)
 *                                                                              ╠═ metered_sessions (ClickHouse)
 *                                                                              ╚═ session_meter_values (ClickHouse)
 *                        ╚────────────────────────╚─────────────────────────╚─▶ dead letters (JetStream)
 * </pre>
 *
 * What is joined by ═ is one task. {@link SessionsOptions} says what can be set; the rules of
 * assembly are those of the module {@code sessions/}.
 */
public final class MeteredSessions {

    /** What commands and images know of the job, and the identities of its operators. */
    static final JobDescriptor DESCRIPTOR = JobDescriptor.of(MeteredSessions.class);

    /** Operator names as the dashboard and the metrics show them. */
    static final String PROCESSED_ENVELOPES = "processed_envelopes (JetStream)";

    static final String MESSAGES = "messages";
    static final String STATIONS = "stations";
    static final String SESSIONS = "sessions";
    static final String SESSIONS_OF_POSTGRES = "sessions (Postgres)";
    static final String METER_VALUES_OF_POSTGRES = "session_meter_values (Postgres)";
    static final String SESSIONS_OF_CLICKHOUSE = "metered_sessions (ClickHouse)";
    static final String METER_VALUES_OF_CLICKHOUSE = "session_meter_values (ClickHouse)";
    static final String DEAD_LETTERS = "dead letters (JetStream)";

    private MeteredSessions() {}

    /**
     * Checks the options and what they point to, and submits the job; {@code --help} shows the
     * options.
     *
     * @throws Exception if the job cannot be submitted; a {@link
     *     org.apache.flink.client.program.ProgramParametrizationException} if the options are at
     *     fault
     */
    public static void main(String[] args) throws Exception {
        Optional<SessionsOptions> parsed = SessionsOptions.parse(args, System.getenv(), System.out);
        if (parsed.isEmpty()) {
            return;
        }
        SessionsOptions options = parsed.get();
        Connectors connectors = new Connectors(options);
        StreamExecutionEnvironment environment =
                JobEnvironment.create(options.checkpointInterval());
        build(environment, options, connectors);
        // Before another job is asked to make way for this one.
        new SavepointCheck(environment.getStreamGraph(false)).check();
        new Preflight(options, connectors, JobEnvironment.fixedJobId(environment), System.out)
                .check();
        environment.execute(DESCRIPTOR.name());
    }

    /** The topology. Its uids are the operators' identities in savepoints and never change. */
    static void build(
            StreamExecutionEnvironment environment,
            SessionsOptions options,
            Connectors connectors) {
        SingleOutputStreamOperator<StationEvent> messages =
                environment
                        .fromSource(
                                connectors.processedEnvelopes(),
                                WatermarkStrategy.<RawMessage>forGenerator(
                                        context -> new ReceivedTime<>(System::currentTimeMillis)),
                                PROCESSED_ENVELOPES)
                        .uid("processed-envelopes")
                        // One stream without partitions has one reader, and one time.
                        .setParallelism(1)
                        .process(new ReadMessages())
                        .returns(StationEvent.TYPE)
                        .name(MESSAGES)
                        .uid("messages")
                        .setParallelism(1);
        SingleOutputStreamOperator<SessionUpdate> updates =
                messages.keyBy(
                                event -> Tuple2.of(event.organizationId(), event.stationId()),
                                Types.TUPLE(Types.STRING, Types.STRING))
                        .process(new StationFunction(options.assembly()), SessionUpdate.TYPE)
                        .name(STATIONS)
                        .uid("stations");
        SingleOutputStreamOperator<SessionRow> sessions =
                updates.keyBy(
                                update ->
                                        Tuple3.of(
                                                update.organizationId(),
                                                update.stationId(),
                                                update.sessionId()),
                                Types.TUPLE(Types.STRING, Types.STRING, Types.STRING))
                        .process(new SessionFunction(options.assembly()), SessionRow.TYPE)
                        .name(SESSIONS)
                        .uid("sessions");
        DataStream<MeterValueRow> values = sessions.getSideOutput(SessionFunction.METER_VALUES);
        sessions.sinkTo(connectors.sessionsOfPostgres())
                .name(SESSIONS_OF_POSTGRES)
                .uid("sessions-postgres");
        values.sinkTo(connectors.meterValuesOfPostgres())
                .name(METER_VALUES_OF_POSTGRES)
                .uid("meter-values-postgres");
        sessions.sinkTo(connectors.sessionsOfClickHouse())
                .name(SESSIONS_OF_CLICKHOUSE)
                .uid("sessions-clickhouse");
        values.sinkTo(connectors.meterValuesOfClickHouse())
                .name(METER_VALUES_OF_CLICKHOUSE)
                .uid("meter-values-clickhouse");
        messages.getSideOutput(Letters.TAG)
                .union(updates.getSideOutput(Letters.TAG), sessions.getSideOutput(Letters.TAG))
                .sinkTo(connectors.deadLetters())
                .name(DEAD_LETTERS)
                .uid("dead-letters");
    }
}
