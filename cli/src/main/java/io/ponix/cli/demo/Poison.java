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
            DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE, "cayenne_lpp_decode(input)") {
        @Override
        public void publish(EnvelopePublisher publisher, RegisteredDevice device) {
            publisher.publish(device.id(), HexFormat.of().parseHex("0affffffff0f706f6e6978"));
        }
    },
    UNKNOWN_DEVICE(
            DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, "cayenne_lpp_decode(input)") {
        @Override
        public void publish(EnvelopePublisher publisher, RegisteredDevice device) {
            String unknown = "0".repeat(device.id().length());
            publisher.publish(
                    unknown, envelope(device).setEndDeviceId(unknown).build().toByteArray());
        }
    },
    ANOTHER_ORGANIZATION(
            DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_MISMATCH,
            "cayenne_lpp_decode(input)") {
        @Override
        public void publish(EnvelopePublisher publisher, RegisteredDevice device) {
            publisher.publish(
                    device.id(),
                    envelope(device).setOrganizationId("somebody-else").build().toByteArray());
        }
    },
    NO_TRANSFORM(DeadLetterReason.DEAD_LETTER_REASON_NO_CONVERSION, "") {
        @Override
        public void publish(EnvelopePublisher publisher, RegisteredDevice device) {
            publisher.publish(device.id(), envelope(device).build().toByteArray());
        }
    },
    TRUNCATED_PAYLOAD(
            DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED, "cayenne_lpp_decode(input)") {
        @Override
        public void publish(EnvelopePublisher publisher, RegisteredDevice device) {
            publisher.publish(
                    device.id(),
                    envelope(device)
                            .setPayload(ByteString.fromHex("016701"))
                            .build()
                            .toByteArray());
        }
    },
    INFINITE_RESULT(
            DeadLetterReason.DEAD_LETTER_REASON_INVALID_OUTPUT,
            "{\"ratio\": 1.0 / double(f_port)}") {
        @Override
        public void publish(EnvelopePublisher publisher, RegisteredDevice device) {
            publisher.publish(device.id(), envelope(device).setFPort(0).build().toByteArray());
        }
    },
    NO_TIME(
            DeadLetterReason.DEAD_LETTER_REASON_TIMESTAMP_OUT_OF_RANGE,
            "cayenne_lpp_decode(input)") {
        @Override
        public void publish(EnvelopePublisher publisher, RegisteredDevice device) {
            publisher.publish(
                    device.id(), envelope(device).clearOccurredAt().build().toByteArray());
        }
    };

    private final DeadLetterReason reason;
    private final String transform;

    Poison(DeadLetterReason reason, String transform) {
        this.reason = reason;
        this.transform = transform;
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

    /** Publishes one such envelope. */
    public abstract void publish(EnvelopePublisher publisher, RegisteredDevice device);

    private static RawEnvelope.Builder envelope(RegisteredDevice device) {
        Instant now = Instant.now();
        return RawEnvelope.newBuilder()
                .setOrganizationId(device.organizationId())
                .setEndDeviceId(device.id())
                .setPayload(ByteString.fromHex("01670110"))
                .setOccurredAt(
                        Timestamp.newBuilder()
                                .setSeconds(now.getEpochSecond())
                                .setNanos(now.getNano()))
                .setFPort(1);
    }
}
