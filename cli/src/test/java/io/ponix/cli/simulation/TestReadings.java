package io.ponix.cli.simulation;

import com.google.protobuf.ByteString;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.util.concurrent.atomic.AtomicBoolean;

/** What tests of publishers publish: readings of one device, told apart by their payloads. */
final class TestReadings {

    static final String ORGANIZATION = "org-001";

    private TestReadings() {}

    static RawEnvelope reading(String payload) {
        return RawEnvelope.newBuilder()
                .setOrganizationId(ORGANIZATION)
                .setEndDeviceId("device")
                .setPayload(ByteString.copyFromUtf8(payload))
                .build();
    }

    /** Publishes until the servers have been restarted; says how many. */
    static int publish(ReadingPublisher publisher, AtomicBoolean restarted) {
        int reading = 0;
        for (; !restarted.get(); reading++) {
            publisher.publish(reading("reading " + reading));
        }
        publisher.flush();
        return reading;
    }
}
