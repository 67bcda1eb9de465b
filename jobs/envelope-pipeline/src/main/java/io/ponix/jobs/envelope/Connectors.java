package io.ponix.jobs.envelope;

import io.ponix.connector.clickhouse.sink.ClickHouseSink;
import io.ponix.connector.nats.sink.JetStreamSink;
import io.ponix.connector.nats.source.JetStreamSource;
import io.ponix.connector.postgres.cdc.publication.PublishedTable;
import io.ponix.connector.postgres.cdc.source.PostgresCdcSource;
import io.ponix.jobs.deadletter.DeadLetter;
import io.ponix.jobs.deadletter.DeadLetterSerializationSchema;
import io.ponix.jobs.envelope.announcements.AnnouncedChange;
import io.ponix.jobs.envelope.announcements.AnnouncedChangeReader;
import io.ponix.jobs.envelope.announcements.AnnouncedTable;
import io.ponix.jobs.envelope.announcements.AnnouncementSink;
import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceLoader;
import io.ponix.jobs.envelope.devices.PostgresDeviceLoader;
import io.ponix.jobs.envelope.devices.RegistryTable;
import io.ponix.jobs.envelope.options.ClickHouseOptions;
import io.ponix.jobs.envelope.options.NatsOptions;
import io.ponix.jobs.envelope.options.PipelineOptions;
import io.ponix.jobs.envelope.options.PostgresOptions;
import io.ponix.jobs.envelope.publish.ProcessedEnvelopeSerializationSchema;
import io.ponix.jobs.envelope.store.ClickHouseStoredSequences;
import io.ponix.jobs.envelope.store.EnvelopeRowsEncoder;
import io.ponix.jobs.envelope.store.LeasedActivation;
import io.ponix.jobs.envelope.store.ProcessedEnvelopesTable;
import io.ponix.jobs.envelope.store.RejectedRowDeadLetters;
import io.ponix.jobs.envelope.transform.Activation;
import io.ponix.jobs.envelope.transform.EnvelopeRows;
import io.ponix.jobs.envelope.transform.StoredSequences;
import io.ponix.jobs.lease.JobLease;
import io.ponix.jobs.lease.LeaseKey;
import io.ponix.jobs.lease.LeaseTerms;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.message.RawMessageDeserializer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.flink.types.Either;

/** The job's sources and sinks, made of its options. */
final class Connectors {

    private final NatsOptions nats;
    private final PostgresOptions postgres;
    private final ClickHouseOptions clickHouse;
    private final JobLease lease;

    Connectors(PipelineOptions options) {
        nats = options.nats();
        postgres = options.postgres();
        clickHouse = options.clickHouse();
        lease =
                new JobLease(
                        nats.connection(),
                        LeaseKey.pipeline(
                                nats.rawStream(),
                                clickHouse.connection().database(),
                                clickHouse.table()),
                        LeaseTerms.STANDARD);
    }

    /** Held by the one job that reads this stream into this table. */
    JobLease lease() {
        return lease;
    }

    Activation activation() {
        return new LeasedActivation(lease, clickHouse.connection(), clickHouse.table());
    }

    JetStreamSource<RawMessage> rawEnvelopes() {
        return JetStreamSource.<RawMessage>builder()
                .setConnection(nats.connection())
                .setStream(nats.rawStream())
                .setFilterSubjects(nats.rawSubjects())
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

    /** Every change of these has to reach the job. */
    List<PublishedTable> publishedTables() {
        Map<String, Set<String>> columns = new LinkedHashMap<>();
        Stream.concat(
                        RegistryTable.published().stream(),
                        nats.announcements().keySet().stream().map(AnnouncedTable::published))
                .forEach(
                        table ->
                                columns.computeIfAbsent(table.name(), name -> new LinkedHashSet<>())
                                        .addAll(table.columns()));
        return columns.entrySet().stream()
                .map(table -> new PublishedTable(table.getKey(), List.copyOf(table.getValue())))
                .toList();
    }

    PostgresCdcSource<Either<DeviceChange, AnnouncedChange>> changes() {
        return PostgresCdcSource.<Either<DeviceChange, AnnouncedChange>>builder()
                .setConnection(postgres.connection())
                .setSlotName(postgres.slotName())
                .setPublicationName(postgres.publicationName())
                .setPublishedTables(publishedTables())
                .setResnapshot(postgres.resnapshot(), "PONIX_CDC_RESNAPSHOT=true")
                .setDeserializer(
                        new RegistryChangeDeserializer(
                                new AnnouncedChangeReader(nats.announcements().keySet())))
                .build();
    }

    DeviceLoader devices() {
        return new PostgresDeviceLoader(
                postgres.connection(),
                postgres.slotName(),
                postgres.publicationName(),
                publishedTables(),
                postgres.startupTimeout());
    }

    ClickHouseSink<EnvelopeRows> rows() {
        return ClickHouseSink.<EnvelopeRows>builder()
                .setConnection(clickHouse.connection())
                .setTable(clickHouse.table())
                .setRowEncoder(new EnvelopeRowsEncoder())
                .setWitnessColumns(ProcessedEnvelopesTable.WITNESS_COLUMNS)
                .setDeliveryGuarantee(clickHouse.guarantee())
                .setMaxBatchRows(clickHouse.batchRows())
                .setMaxBatchBytes(clickHouse.batchBytes())
                // An exactly-once batch is open until the checkpoint: a window would only make
                // smaller parts.
                .setWindow(
                        switch (clickHouse.guarantee()) {
                            case AT_LEAST_ONCE -> clickHouse.batchWindow();
                            case EXACTLY_ONCE, NONE -> null;
                        })
                .setRejectedRowHandler(
                        new RejectedRowDeadLetters(nats.connection(), nats.deadLettersStream()))
                .setCommitFence(lease.commitFence())
                .build();
    }

    StoredSequences storedSequences() {
        return new ClickHouseStoredSequences(
                clickHouse.connection(), clickHouse.table(), nats.rawStream());
    }

    JetStreamSink<DeadLetter> deadLetters() {
        return JetStreamSink.<DeadLetter>builder()
                .setConnection(nats.connection())
                .setSerializer(
                        new DeadLetterSerializationSchema(
                                nats.connection(), nats.deadLettersStream()))
                .build();
    }

    JetStreamSink<EnvelopeRows> processedEnvelopes() {
        return JetStreamSink.<EnvelopeRows>builder()
                .setConnection(nats.connection())
                .setSerializer(
                        new ProcessedEnvelopeSerializationSchema(nats.processedEnvelopesStream()))
                .build();
    }

    AnnouncementSink announcements() {
        return new AnnouncementSink(nats.connection(), nats.announcements());
    }
}
