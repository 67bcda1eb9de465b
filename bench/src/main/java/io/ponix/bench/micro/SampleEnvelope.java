package io.ponix.bench.micro;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.util.HexFormat;

/** The envelope that is measured: 15 bytes of payload with four Cayenne LPP readings. */
final class SampleEnvelope {

    static final String STREAM = "raw_envelopes";
    static final String SUBJECT = "raw_envelopes.3.d0q1f3b2s8c6g4h5j7k0";
    static final long SEQUENCE = 4_711;
    static final long RECEIVED_AT = 1_795_622_400_123L;

    /** 27.2 °C, 50 %, 1013.2 hPa, 3.14. */
    private static final String PAYLOAD = "016701100268640373279404" + "02013a";

    private SampleEnvelope() {}

    static byte[] bytes() {
        return RawEnvelope.newBuilder()
                .setOrganizationId("org-001")
                .setEndDeviceId("d0q1f3b2s8c6g4h5j7k0")
                .setPayload(ByteString.copyFrom(HexFormat.of().parseHex(PAYLOAD)))
                .setOccurredAt(Timestamp.newBuilder().setSeconds(1_795_622_399).setNanos(500))
                .setFPort(2)
                .build()
                .toByteArray();
    }
}
