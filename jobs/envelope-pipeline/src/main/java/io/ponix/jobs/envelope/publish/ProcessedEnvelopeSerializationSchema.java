package io.ponix.jobs.envelope.publish;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import io.ponix.connector.nats.sink.JetStreamPublication;
import io.ponix.connector.nats.sink.JetStreamSerializationSchema;
import io.ponix.jobs.envelope.transform.EnvelopeRows;
import io.ponix.jobs.message.MessageIdentity;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.proto.envelope.v1.ProcessedEnvelope;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes decoded readings, one message a row, as {@code ponix.envelope.v1.ProcessedEnvelope} on
 * the {@link EnvelopeSubjects} of its device, with the {@link MessageIdentity} of its row as
 * message id.
 *
 * <p>The row in ClickHouse is what counts. A reading that does not fit into one message, or whose
 * device's id does not into a subject, is left out here, counted by {@link #NOT_PUBLISHED}, and
 * logged.
 */
public final class ProcessedEnvelopeSerializationSchema
        implements JetStreamSerializationSchema<EnvelopeRows> {

    /** Counter: readings larger than the server or the stream takes, or of too long a subject. */
    public static final String NOT_PUBLISHED = "readingsNotPublished";

    private static final long serialVersionUID = 1L;

    private static final Logger LOG =
            LoggerFactory.getLogger(ProcessedEnvelopeSerializationSchema.class);

    private final String stream;
    private transient Counter notPublished;

    /**
     * @param stream the stream, which is the first token of the subjects as well
     */
    public ProcessedEnvelopeSerializationSchema(String stream) {
        this.stream = stream;
    }

    @Override
    public void open(SerializationSchema.InitializationContext context) {
        notPublished = context.getMetricGroup().counter(NOT_PUBLISHED);
    }

    @Override
    public void serialize(EnvelopeRows rows, Long timestamp, Output out)
            throws InterruptedException {
        for (int row = 0; row < rows.rowCount(); row++) {
            EnvelopeRows one = rows.rowCount() == 1 ? rows : rows.only(row);
            JetStreamPublication publication = serialize(one, timestamp);
            if (publication != null) {
                out.publish(publication);
            }
        }
    }

    /** Of one row. */
    @Override
    public JetStreamPublication serialize(EnvelopeRows row, Long timestamp) {
        String id =
                MessageIdentity.ofRow(
                        row.stream(), row.streamSequence(), row.receivedAt(), row.index(0));
        String subject = EnvelopeSubjects.of(stream, row.endDeviceId());
        if (subject.length() > EnvelopeSubjects.MAX_LENGTH) {
            // It would never be taken, and wait in the sink until no more may.
            notPublished.inc();
            LOG.warn(
                    "The reading of message {} would have a subject of {} characters, more than the {} a subject may have",
                    id,
                    subject.length(),
                    EnvelopeSubjects.MAX_LENGTH);
            return null;
        }
        return JetStreamPublication.of(subject, message(row).toByteArray()).messageId(id);
    }

    @Override
    public JetStreamPublication shorten(JetStreamPublication publication, long maximumBytes) {
        notPublished.inc();
        LOG.warn(
                "The reading of message {} has {} bytes, more than the {} a message may have",
                publication.id(),
                publication.size(),
                maximumBytes);
        return null;
    }

    private static ProcessedEnvelope message(EnvelopeRows row) {
        return ProcessedEnvelope.newBuilder()
                .setOrganizationId(row.organizationId())
                .setEndDeviceId(row.endDeviceId())
                .setOccurredAt(Timestamps.fromMillis(row.occurredAt(0)))
                .setProcessedAt(Timestamps.fromMillis(row.processedAt()))
                .setData(struct(row))
                .build();
    }

    private static Struct struct(EnvelopeRows row) {
        String json =
                new String(row.json(), row.jsonStart(0), row.jsonLength(0), StandardCharsets.UTF_8);
        Struct.Builder data = Struct.newBuilder();
        try {
            JsonFormat.parser().merge(json, data);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("A transform made invalid JSON: " + json, e);
        }
        return data.build();
    }
}
