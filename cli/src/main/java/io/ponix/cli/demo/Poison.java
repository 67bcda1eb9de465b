package io.ponix.cli.demo;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.simulation.EnvelopePublisher;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The envelopes that a demo or a chaos run gets wrong on purpose, each with the reason its dead
 * letter must give.
 */
public enum Poison {
    NOT_AN_ENVELOPE(
            DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE,
            "cayenne_lpp_decode(input)",
            false) {
        @Override
        public void publish(EnvelopePublisher publisher, RegisteredDevice device) {
            publisher.publish(device.id(), HexFormat.of().parseHex("0affffffff0f706f6e6978"));
        }
    },
    UNKNOWN_DEVICE(
            DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
            "cayenne_lpp_decode(input)",
            true) {
        @Override
        void spoil(RawEnvelope.Builder envelope) {
            envelope.setEndDeviceId("0".repeat(envelope.getEndDeviceId().length()));
        }
    },
    ANOTHER_ORGANIZATION(
            DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_MISMATCH,
            "cayenne_lpp_decode(input)",
            false) {
        @Override
        void spoil(RawEnvelope.Builder envelope) {
            envelope.setOrganizationId("somebody-else");
        }
    },
    NO_TRANSFORM(DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION, "", true),
    TRUNCATED_PAYLOAD(
            DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED,
            "cayenne_lpp_decode(input)",
            true) {
        @Override
        void spoil(RawEnvelope.Builder envelope) {
            envelope.setPayload(ByteString.fromHex("016701"));
        }
    },
    INFINITE_RESULT(
            DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT,
            "{\"ratio\": 1.0 / double(f_port)}",
            true) {
        @Override
        void spoil(RawEnvelope.Builder envelope) {
            envelope.setFPort(0);
        }
    },
    NO_TIME(
            DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
            "cayenne_lpp_decode(input)",
            false) {
        @Override
        void spoil(RawEnvelope.Builder envelope) {
            envelope.clearOccurredAt();
        }
    };

    private final DeadLetterReason reason;
    private final String transform;
    private final boolean possibleByBridge;

    Poison(DeadLetterReason reason, String transform, boolean possibleByBridge) {
        this.reason = reason;
        this.transform = transform;
        this.possibleByBridge = possibleByBridge;
    }

    /** Why its envelopes must end as dead letters. */
    public DeadLetterReason reason() {
        return reason;
    }

    /** The transform of the device that sends it. */
    public String transform() {
        return transform;
    }

    /** The name of the device that sends it. */
    public String deviceName() {
        return "Faulty device: " + name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /**
     * Whether a bridge makes such an envelope of a message: its form, its organization and its time
     * are the bridge's.
     */
    public boolean isPossibleByBridge() {
        return possibleByBridge;
    }

    /** Publishes one such envelope. */
    public void publish(EnvelopePublisher publisher, RegisteredDevice device) {
        publisher.publish(envelope(device));
    }

    /** Such an envelope. */
    public RawEnvelope envelope(RegisteredDevice device) {
        Instant now = Instant.now();
        RawEnvelope.Builder envelope =
                RawEnvelope.newBuilder()
                        .setOrganizationId(device.organizationId())
                        .setEndDeviceId(device.id())
                        .setPayload(ByteString.fromHex("01670110"))
                        .setOccurredAt(
                                Timestamp.newBuilder()
                                        .setSeconds(now.getEpochSecond())
                                        .setNanos(now.getNano()))
                        .setFPort(1);
        spoil(envelope);
        return envelope.build();
    }

    void spoil(RawEnvelope.Builder envelope) {
        // Its device spoils it.
    }
}
