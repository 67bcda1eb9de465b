package io.ponix.jobs.envelope.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Value;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.jobs.envelope.inbound.Envelopes;
import io.ponix.jobs.envelope.transform.ProcessedRows;
import io.ponix.proto.envelope.v1.ProcessedEnvelope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;
import org.junit.jupiter.api.Test;

class ProcessedEnvelopeSerializationSchemaTest {

    private final ProcessedEnvelopeSerializationSchema schema =
            new ProcessedEnvelopeSerializationSchema("processed_envelopes");

    @Test
    void aReadingAsItsContractSays() throws Exception {
        open();
        JetStreamPublication publication =
                schema.serialize(
                        ProcessedRows.row("device", "{\"t\":27.2,\"n\":[1,null,{\"ok\":true}]}"),
                        null);

        assertThat(publication.subject()).isEqualTo("processed_envelopes.device");
        assertThat(publication.headers().getFirst("Nats-Msg-Id"))
                .isEqualTo("raw_envelopes:7:1700000000789");
        ProcessedEnvelope envelope = ProcessedEnvelope.parseFrom(publication.data());
        assertThat(envelope.getOrganizationId()).isEqualTo("org");
        assertThat(envelope.getEndDeviceId()).isEqualTo("device");
        assertThat(envelope.getOccurredAt())
                .isEqualTo(Envelopes.timestamp(Instant.ofEpochMilli(1_700_000_000_123L)));
        assertThat(envelope.getProcessedAt())
                .isEqualTo(Envelopes.timestamp(Instant.ofEpochMilli(1_700_000_001_456L)));
        assertThat(envelope.getData().getFieldsOrThrow("t").getNumberValue()).isEqualTo(27.2);
        assertThat(envelope.getData().getFieldsOrThrow("n").getListValue().getValuesList())
                .extracting(Value::getKindCase)
                .containsExactly(
                        Value.KindCase.NUMBER_VALUE,
                        Value.KindCase.NULL_VALUE,
                        Value.KindCase.STRUCT_VALUE);
    }

    @Test
    void eachRowOfAnEnvelopeIsAMessageOfItsOwn() throws Exception {
        open();
        List<JetStreamPublication> publications = new ArrayList<>();
        schema.serialize(
                ProcessedRows.rows("device", "{\"n\":1}", "{\"n\":2}"), null, publications::add);

        assertThat(publications)
                .extracting(publication -> publication.headers().getFirst("Nats-Msg-Id"))
                .containsExactly(
                        "raw_envelopes:7:1700000000789", "raw_envelopes:7:1700000000789:1");
        ProcessedEnvelope second = ProcessedEnvelope.parseFrom(publications.get(1).data());
        assertThat(second.getData().getFieldsOrThrow("n").getNumberValue()).isEqualTo(2);
        assertThat(second.getOccurredAt())
                .isEqualTo(Envelopes.timestamp(Instant.ofEpochMilli(1_700_000_001_123L)));
    }

    @Test
    void aDeviceIdOfAnyKindIsOneTokenOfTheSubject() {
        open();
        assertThat(schema.serialize(ProcessedRows.row("a.b *>\n", "{}"), null).subject())
                .isEqualTo("processed_envelopes.a%2Eb%20%2A%3E%0A");
    }

    @Test
    void whatDoesNotFitIntoAMessageIsLeftOut() {
        open();
        JetStreamPublication reading = schema.serialize(ProcessedRows.row("device", "{}"), null);
        assertThat(schema.shorten(reading, 10)).isNull();
    }

    /** One that is refused for good would wait in the sink, and hold the job up in the end. */
    @Test
    void theReadingOfADeviceThatNoSubjectCanHoldIsLeftOut() {
        open();
        String longest = "\ud83d\ude42".repeat(256);
        assertThat(schema.serialize(ProcessedRows.row(longest, "{}"), null)).isNotNull();
        // Only by hand: what Postgres' index takes of a device's id is more than a subject holds.
        assertThat(schema.serialize(ProcessedRows.row("\u00e9".repeat(1_300), "{}"), null))
                .isNull();
    }

    private void open() {
        schema.open(
                new SerializationSchema.InitializationContext() {
                    @Override
                    public MetricGroup getMetricGroup() {
                        return new UnregisteredMetricsGroup();
                    }

                    @Override
                    public UserCodeClassLoader getUserCodeClassLoader() {
                        return SimpleUserCodeClassLoader.create(getClass().getClassLoader());
                    }
                });
    }
}
