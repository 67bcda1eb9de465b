package io.ponix.jobs.sessions;

import io.ponix.connector.clickhouse.sink.ClickHouseRowEncoder;
import io.ponix.connector.clickhouse.sink.ClickHouseSink;
import io.ponix.connector.nats.sink.JetStreamSink;
import io.ponix.connector.nats.source.JetStreamSource;
import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.deadletter.DeadLetterSerializationSchema;
import io.ponix.jobs.lease.JobLease;
import io.ponix.jobs.lease.LeaseKey;
import io.ponix.jobs.lease.LeaseTerms;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.message.RawMessageDeserializer;
import io.ponix.jobs.sessions.assembly.MeterValueRow;
import io.ponix.jobs.sessions.assembly.SessionRow;
import io.ponix.jobs.sessions.options.NatsOptions;
import io.ponix.jobs.sessions.options.SessionsOptions;
import io.ponix.jobs.sessions.store.MeterValueInsert;
import io.ponix.jobs.sessions.store.MeterValueRowEncoder;
import io.ponix.jobs.sessions.store.PostgresSink;
import io.ponix.jobs.sessions.store.RejectedRowDeadLetters;
import io.ponix.jobs.sessions.store.SessionRowEncoder;
import io.ponix.jobs.sessions.store.SessionTables;
import io.ponix.jobs.sessions.store.SessionUpsert;
import java.util.List;
import org.apache.flink.connector.base.DeliveryGuarantee;

/** The job's source and sinks, made of its options. */
final class Connectors {

    private final SessionsOptions options;
    private final NatsOptions nats;
    private final JobLease lease;

    Connectors(SessionsOptions options) {
        this.options = options;
        nats = options.nats();
        lease =
                new JobLease(
                        nats.connection(),
                        LeaseKey.sessions(
                                nats.processedEnvelopesStream(), options.postgres().database()),
                        LeaseTerms.STANDARD);
    }

    /** Held by the one job that assembles the sessions of this stream in this database. */
    JobLease lease() {
        return lease;
    }

    /** All that the stream stores. */
    static List<String> subjects(NatsOptions nats) {
        return List.of(nats.processedEnvelopesStream() + ".>");
    }

    JetStreamSource<RawMessage> processedEnvelopes() {
        return JetStreamSource.<RawMessage>builder()
                .setConnection(nats.connection())
                .setStream(nats.processedEnvelopesStream())
                .setFilterSubjects(subjects(nats))
                .setGapPolicy(nats.gapPolicy(), "--nats-gap-policy (PONIX_NATS_GAP_POLICY)")
                .setRecreatedStreamPolicy(
                        nats.recreatedStreamPolicy(),
                        "--nats-recreated-stream (PONIX_NATS_RECREATED_STREAM)")
                .setRewoundStreamPolicy(
                        nats.rewoundStreamPolicy(),
                        "--nats-rewound-stream (PONIX_NATS_REWOUND_STREAM)")
                .setDeserializer(new RawMessageDeserializer())
                .setPermit(lease.sourcePermit())
                .build();
    }

    PostgresSink<SessionRow> sessionsOfPostgres() {
        return new PostgresSink<>(options.postgres(), new SessionUpsert());
    }

    PostgresSink<MeterValueRow> meterValuesOfPostgres() {
        return new PostgresSink<>(options.postgres(), new MeterValueInsert());
    }

    ClickHouseSink<SessionRow> sessionsOfClickHouse() {
        return clickHouse(SessionTables.CLICKHOUSE_SESSIONS, new SessionRowEncoder());
    }

    ClickHouseSink<MeterValueRow> meterValuesOfClickHouse() {
        return clickHouse(SessionTables.CLICKHOUSE_METER_VALUES, new MeterValueRowEncoder());
    }

    /** At least once: the tables make one of what comes twice. */
    private <T> ClickHouseSink<T> clickHouse(String table, ClickHouseRowEncoder<T> encoder) {
        return ClickHouseSink.<T>builder()
                .setConnection(options.clickHouse())
                .setTable(table)
                .setRowEncoder(encoder)
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRejectedRowHandler(
                        new RejectedRowDeadLetters(nats.connection(), nats.deadLettersStream()))
                .setCommitFence(lease.commitFence())
                .build();
    }

    JetStreamSink<DeadLetter> deadLetters() {
        return JetStreamSink.<DeadLetter>builder()
                .setConnection(nats.connection())
                .setSerializer(
                        new DeadLetterSerializationSchema(
                                nats.connection(), nats.deadLettersStream()))
                .build();
    }
}
