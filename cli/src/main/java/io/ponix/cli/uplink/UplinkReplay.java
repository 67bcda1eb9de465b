package io.ponix.cli.uplink;

import com.google.protobuf.util.Timestamps;
import io.nats.client.JetStream;
import io.nats.client.JetStreamApiException;
import io.nats.client.PublishOptions;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.replay.ReplayResult;
import io.ponix.cli.replay.UnreplayableException;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.proto.envelope.EnvelopeRefusedException;
import io.ponix.proto.envelope.EnvelopeSubjects;
import io.ponix.proto.envelope.GatewayMessage;
import io.ponix.proto.envelope.MessageIds;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.intake.v1.Uplink;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes envelopes of messages that were refused, by the intakes that their gateways have now, as
 * the bridge does: with its message ids, and with devices enrolled where a gateway asks for it.
 *
 * <p>However often a replay is interrupted and begun again, an envelope is published once: it goes
 * to a subject of its own ({@link #subject}), under the condition that the stream has nothing there
 * yet; and when the stream has all envelopes of a message, the refused uplink is deleted. This
 * holds for as long as the raw stream keeps them.
 */
public final class UplinkReplay implements AutoCloseable {

    private static final int WRONG_LAST_SEQUENCE = 10071;

    private final UplinkReader reader;
    private final GatewayIntakes intakes;
    private final JetStream jetStream;
    private final String rawStream;

    /** Of the stack's pipeline. */
    public UplinkReplay(StackAddresses addresses) {
        reader = new UplinkReader(addresses);
        intakes = new GatewayIntakes(addresses.deviceService());
        rawStream = addresses.names().rawStream();
        try {
            jetStream = reader.connection().jetStream();
        } catch (IOException e) {
            throw new CommandException("NATS offers no JetStream: " + e.getMessage(), e);
        }
    }

    /**
     * Replays what is refused now.
     *
     * @param filter which ones
     * @param dryRun whether nothing is published and deleted
     * @param progress told of the result so far, before each message
     * @throws CommandException when it cannot go on; what was published until then is accounted for
     *     when it is begun again
     */
    public ReplayResult run(UplinkFilter filter, boolean dryRun, Consumer<ReplayResult> progress) {
        ReplayResult result = new ReplayResult();
        reader.read(
                filter,
                uplink -> {
                    progress.accept(result);
                    try {
                        replay(uplink, dryRun, result);
                    } catch (UnreplayableException e) {
                        result.leave(uplink.number(), e.getMessage());
                    }
                });
        return result;
    }

    private void replay(StoredUplink refused, boolean dryRun, ReplayResult result)
            throws UnreplayableException {
        if (refused.content().getGatewayId().isEmpty()) {
            throw new UnreplayableException("it is no refused uplink");
        } else if (!refused.isWhole()) {
            throw new UnreplayableException(
                    "it holds the first "
                            + refused.content().getPayload().size()
                            + " of "
                            + refused.content().getPayloadSize()
                            + " bytes");
        }
        List<Uplink> uplinks = intakes.uplinks(refused.content());
        List<RawEnvelope> envelopes = new ArrayList<>();
        for (Uplink uplink : uplinks) {
            envelopes.add(envelope(refused.content(), uplink));
        }
        boolean publishedNow = false;
        if (!dryRun) {
            for (RawEnvelope envelope : envelopes) {
                intakes.enrol(refused.content().getGatewayId(), envelope.getExternalId());
            }
            for (int i = 0; i < envelopes.size(); i++) {
                publishedNow |=
                        publish(refused, i, envelopes.get(i), uplinks.get(i).getMessageId());
            }
            reader.delete(refused);
        }
        if (envelopes.isEmpty()) {
            result.addNeedless();
        } else if (publishedNow || dryRun) {
            result.addReplayed();
        } else {
            result.addReplayedBefore();
        }
    }

    /** As the bridge makes it. */
    private RawEnvelope envelope(RefusedUplink refused, Uplink uplink)
            throws UnreplayableException {
        GatewayMessage message =
                new GatewayMessage(
                        refused.getOrganizationId(),
                        refused.getGatewayId(),
                        refused.getAttributesMap(),
                        refused.getReceivedAt());
        try {
            return message.envelope(
                    RawEnvelope.newBuilder()
                            .setOrganizationId(uplink.getOrganizationId())
                            .setEndDeviceId(uplink.getDeviceId())
                            .setExternalId(uplink.getExternalId())
                            .setPayload(uplink.getPayload())
                            .setFPort(uplink.getFPort())
                            .setOccurredAt(uplink.getOccurredAt())
                            .putAllAttributes(uplink.getAttributesMap())
                            .build(),
                    reader.connection().getMaxPayload());
        } catch (EnvelopeRefusedException e) {
            throw new UnreplayableException(e.getMessage());
        }
    }

    /**
     * Where an envelope is published: on a subject that no device has. The time tells a message
     * from one of the same number in a stream that was deleted and made anew.
     */
    private String subject(StoredUplink refused, int index) {
        return rawStream
                + "."
                + EnvelopeSubjects.REPLAY_PREFIX
                + "refused-"
                + refused.number()
                + "-"
                + Timestamps.toMillis(refused.content().getReceivedAt())
                + "-"
                + index;
    }

    /**
     * Whether it was stored now; false if the stream had it.
     *
     * @param messageId the intake's: what the sender sent again since, and the bridge stored, is
     *     told by it within the stream's duplicate window
     */
    private boolean publish(
            StoredUplink refused, int index, RawEnvelope envelope, String messageId) {
        PublishOptions.Builder options =
                PublishOptions.builder().expectedStream(rawStream).expectedLastSubjectSequence(0);
        if (!messageId.isEmpty()) {
            options.messageId(
                    MessageIds.of(
                            refused.content().getGatewayId(),
                            GatewayMessage.device(envelope),
                            messageId));
        }
        try {
            return !jetStream
                    .publish(subject(refused, index), envelope.toByteArray(), options.build())
                    .isDuplicate();
        } catch (JetStreamApiException e) {
            if (e.getApiErrorCode() == WRONG_LAST_SEQUENCE) {
                return false;
            }
            throw notStored(refused, e);
        } catch (IOException e) {
            throw notStored(refused, e);
        }
    }

    private CommandException notStored(StoredUplink refused, Exception cause) {
        return new CommandException(
                "the stream "
                        + rawStream
                        + " did not store an envelope of refused uplink "
                        + refused.number()
                        + ": "
                        + cause.getMessage()
                        + "; the same command goes on from here",
                cause);
    }

    @Override
    public void close() {
        intakes.close();
        reader.close();
    }
}
