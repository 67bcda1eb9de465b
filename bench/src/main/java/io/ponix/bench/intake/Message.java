package io.ponix.bench.intake;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.nio.ByteBuffer;

/** Messages with a serial number, of as many bytes as a small sensor sends. */
final class Message {

    private static final int DEVICES = 100;
    private static final int BYTES = 24;

    private Message() {}

    /** The reading of one of a hundred devices. */
    static RawEnvelope of(String organizationId, int serial) {
        return RawEnvelope.newBuilder()
                .setOrganizationId(organizationId)
                .setEndDeviceId("bench-" + serial % DEVICES)
                .setPayload(ByteString.copyFrom(ByteBuffer.allocate(BYTES).putInt(0, serial)))
                .build();
    }

    /**
     * Its serial number.
     *
     * @param message as the stream has it
     */
    static int serial(byte[] message) {
        try {
            return RawEnvelope.parseFrom(message).getPayload().asReadOnlyByteBuffer().getInt(0);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("Only envelopes are published", e);
        }
    }
}
