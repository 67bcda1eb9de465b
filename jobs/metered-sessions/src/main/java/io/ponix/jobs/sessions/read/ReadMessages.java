package io.ponix.jobs.sessions.read;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import com.google.protobuf.util.Timestamps;
import io.ponix.jobs.message.RawMessage;
import io.ponix.jobs.sessions.event.Letters;
import io.ponix.jobs.sessions.event.StationEvent;
import io.ponix.proto.envelope.v1.ProcessedEnvelope;
import io.ponix.sessions.message.StationMessageReader;
import io.ponix.sessions.message.StationMessages;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Makes messages of stations of what decoded envelopes have under {@value
 * StationMessageReader#KEY}. What it does not understand is a dead letter that says why: one for an
 * envelope, whose other messages go on.
 */
public final class ReadMessages extends ProcessFunction<RawMessage, StationEvent> {

    /**
     * Of organization and station together, in bytes of UTF-8: with a session's id of 255
     * characters, what an index of Postgres takes as one key.
     */
    public static final int LONGEST_IDS = 1_200;

    private static final long serialVersionUID = 1L;
    private static final byte[] NO_BYTES = {};

    /** As of rows: 2106-02-07T06:28:15Z. */
    private static final long LATEST_SECOND = 0xFFFF_FFFFL;

    private transient ReadMetrics metrics;

    /** Without anything to set. */
    public ReadMessages() {}

    @Override
    public void open(OpenContext context) {
        metrics = new ReadMetrics(getRuntimeContext().getMetricGroup());
    }

    @Override
    public void processElement(RawMessage message, Context context, Collector<StationEvent> out) {
        ProcessedEnvelope envelope;
        try {
            envelope = ProcessedEnvelope.parseFrom(message.data());
        } catch (InvalidProtocolBufferException e) {
            refuse(message, "", "", "no ProcessedEnvelope: " + e.getMessage(), 1, context);
            return;
        }
        Value session = envelope.getData().getFieldsMap().get(StationMessageReader.KEY);
        if (session == null) {
            metrics.countWithoutSession();
            return;
        }
        String organization = envelope.getOrganizationId();
        String device = envelope.getEndDeviceId();
        if (organization.isEmpty()) {
            refuse(message, "", device, "the envelope names no organization", 1, context);
            return;
        }
        Timestamp occurredAt = envelope.getOccurredAt();
        if (!Timestamps.isValid(occurredAt)
                || occurredAt.getSeconds() < 0
                || occurredAt.getSeconds() > LATEST_SECOND) {
            refuse(
                    message,
                    organization,
                    device,
                    "occurred_at of the envelope is not between 1970 and 2106",
                    1,
                    context);
            return;
        }
        // Not when it was published: that is another time where the pipeline repeats an envelope.
        StationMessages read =
                StationMessageReader.read(
                        StructNodes.node(session),
                        Instant.ofEpochSecond(occurredAt.getSeconds(), occurredAt.getNanos()));
        metrics.countUnusableValues(read.unusableValues());
        if (read.refused() > 0) {
            refuse(message, organization, device, refusals(read), read.refused(), context);
        }
        RawMessage origin =
                new RawMessage(
                        message.stream(),
                        message.sequence(),
                        message.subject(),
                        message.receivedAt(),
                        NO_BYTES);
        for (StationMessages.Addressed addressed : read.messages()) {
            String station = addressed.station().isEmpty() ? device : addressed.station();
            if (station.isEmpty() || bytes(organization) + bytes(station) > LONGEST_IDS) {
                String what =
                        station.isEmpty()
                                ? "neither the message nor the envelope names a station"
                                : "organization and station have more than "
                                        + LONGEST_IDS
                                        + " bytes";
                refuse(message, organization, device, what, 1, context);
            } else {
                metrics.countMessage();
                out.collect(
                        new StationEvent(
                                organization,
                                station,
                                origin,
                                message.data().length,
                                addressed.message()));
            }
        }
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static String refusals(StationMessages read) {
        int more = read.refused() - read.refusals().size();
        return String.join("; ", read.refusals())
                + (more > 0 && read.refusals().size() == StationMessages.MOST_REFUSALS
                        ? "; and " + more + " more"
                        : "");
    }

    private void refuse(
            RawMessage message,
            String organization,
            String device,
            String what,
            int count,
            Context context) {
        metrics.countRefused(count);
        context.output(
                Letters.TAG,
                Letters.of(message, message.data().length, organization, device, what));
    }
}
