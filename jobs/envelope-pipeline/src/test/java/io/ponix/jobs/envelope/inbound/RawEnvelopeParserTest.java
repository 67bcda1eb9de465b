package io.ponix.jobs.envelope.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.ponix.jobs.message.RawMessage;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RawEnvelopeParserTest {

    private final RawEnvelopeParser parser = new RawEnvelopeParser();
    private final Random random = new Random(20261121);

    @Test
    void readsRandomEnvelopesLikeTheGeneratedParser() throws Exception {
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = randomEnvelope().toByteArray();
            parser.parse(bytes);
            assertSame(RawEnvelope.parseFrom(bytes), bytes);
        }
    }

    @Test
    void acceptsAndRefusesWhateverTheGeneratedParserDoes() throws Exception {
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = randomEnvelope().toByteArray();
            if (bytes.length == 0) {
                continue;
            }
            if (random.nextBoolean()) {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            } else {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            refused += assertAgreesWithGeneratedParser(bytes) ? 0 : 1;
        }
        assertThat(refused).as("inputs that both refused").isGreaterThan(5_000);
    }

    @Test
    void agreesOnRandomBytes() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(24)];
            random.nextBytes(bytes);
            assertAgreesWithGeneratedParser(bytes);
        }
    }

    @Test
    void anEnvelopeCutAnywhereIsEitherRefusedOrWhatTheGeneratedParserReads() throws Exception {
        byte[] whole = randomEnvelope().toBuilder().setFPort(300).build().toByteArray();
        for (int length = 0; length < whole.length; length++) {
            assertAgreesWithGeneratedParser(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void theLastOfRepeatedFieldsWinsAndTimestampsAreMerged() throws Exception {
        byte[] first =
                RawEnvelope.newBuilder()
                        .setOrganizationId("first")
                        .setEndDeviceId("first")
                        .setExternalId("first")
                        .setPayload(ByteString.copyFromUtf8("first"))
                        .setOccurredAt(Timestamp.newBuilder().setSeconds(5).setNanos(6))
                        .setFPort(1)
                        .putAttributes("k", "first")
                        .build()
                        .toByteArray();
        byte[] second =
                RawEnvelope.newBuilder()
                        .setEndDeviceId("second")
                        .setExternalId("second")
                        .setPayload(ByteString.copyFromUtf8("second"))
                        .setOccurredAt(Timestamp.newBuilder().setSeconds(7))
                        .putAttributes("k", "second")
                        .build()
                        .toByteArray();
        byte[] both = concatenate(first, second);

        parser.parse(both);

        assertSame(RawEnvelope.parseFrom(both), both);
        assertThat(parser.endDeviceId).isEqualTo("second");
        assertThat(parser.externalId).isEqualTo("second");
        assertThat(parser.occurredAtSeconds).isEqualTo(7);
        assertThat(parser.occurredAtNanos).isEqualTo(6);
        assertThat(parser.attributes).containsOnly(Map.entry("k", "second"));
    }

    @Test
    void skipsUnknownFieldsOfEveryWireType() throws Exception {
        ByteArrayOutputStream buffer = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(buffer);
        out.writeUInt64(99, Long.MAX_VALUE);
        out.writeFixed64(100, 1);
        out.writeString(101, "unknown");
        out.writeFixed32(102, 1);
        out.writeTag(103, ProtobufReader.START_GROUP);
        out.writeTag(104, ProtobufReader.START_GROUP);
        out.writeUInt64(1, 1);
        out.writeTag(104, ProtobufReader.END_GROUP);
        out.writeTag(103, ProtobufReader.END_GROUP);
        out.writeString(2, "device");
        out.flush();

        parser.parse(buffer.toByteArray());

        assertThat(parser.endDeviceId).isEqualTo("device");
    }

    @Test
    void anEmptyMessageIsAnEnvelopeWithoutAnything() throws Exception {
        parser.parse(randomEnvelope().toByteArray());
        parser.parse(new byte[0]);
        assertSame(RawEnvelope.getDefaultInstance(), new byte[0]);
    }

    @ParameterizedTest
    @CsvSource({
        "0a05616263,              'truncated: 5 bytes announced at byte 1, 3 left'",
        "08,                      'organization_id before byte 1 has wire type 0 instead of 2'",
        "1001,                    'end_device_id before byte 1 has wire type 0 instead of 2'",
        "1801,                    'payload before byte 1 has wire type 0 instead of 2'",
        "2001,                    'occurred_at before byte 1 has wire type 0 instead of 2'",
        "2a00,                    'f_port before byte 1 has wire type 2 instead of 0'",
        "3001,                    'attributes before byte 1 has wire type 0 instead of 2'",
        "3801,                    'external_id before byte 1 has wire type 0 instead of 2'",
        "22020a00,                'occurred_at.seconds before byte 3 has wire type 2 instead of 0'",
        "32020801,                'attributes.key before byte 3 has wire type 0 instead of 2'",
        "0a02c328,                'invalid UTF-8 in the string at byte 2'",
        "0a03eda080,              'invalid UTF-8 in the string at byte 2'",
        "28,                      'truncated varint at byte 1'",
        "28ffffffffffffffffffff01,'varint of more than ten bytes at byte 1'",
        "00,                      'invalid tag 0 at byte 0'",
        "46,                      'invalid wire type 6 before byte 1'",
        "44,                      'group ends before byte 1 that never began'",
        "434c,                    'group 8 ended as group 9 before byte 2'",
        "0affffffff0f,            'negative length at byte 1'",
        "450000,                  'truncated: 4 bytes needed at byte 1, 2 left'",
    })
    void saysWhatIsWrongAndWhere(String hex, String message) {
        assertThatThrownBy(() -> parser.parse(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MalformedEnvelopeException.class)
                .hasMessage(message);
    }

    @Test
    void refusesGroupsNestedTooDeeplyInsteadOfOverflowingTheStack() {
        byte[] bytes = new byte[1_000_000];
        Arrays.fill(bytes, (byte) 0x43);
        assertThatThrownBy(() -> parser.parse(bytes)).hasMessage("groups nested deeper than 100");
    }

    @Test
    void aMalformedMessageIsAnEnvelopeThatSaysSo() {
        byte[] bytes = "not protobuf".getBytes(StandardCharsets.UTF_8);
        InboundEnvelope envelope =
                new EnvelopeParser().parse(new RawMessage("raw", 7, "raw.x", 8, bytes));
        assertThat(envelope.malformation()).isNotEmpty();
        assertThat(envelope.message().data()).isSameAs(bytes);
    }

    @Test
    void theDevicesOwnIdDecides() {
        RawEnvelope.Builder envelope = RawEnvelope.newBuilder().setExternalId("A8");
        assertNames(envelope, "", "A8");
        assertNames(envelope.setEndDeviceId("d"), "d", "");
        assertNames(envelope.clearExternalId(), "d", "");
        assertNames(envelope.clearEndDeviceId(), "", "");
    }

    private static void assertNames(
            RawEnvelope.Builder envelope, String endDeviceId, String externalId) {
        InboundEnvelope read = Envelopes.inbound(1, envelope.build());
        assertThat(read.endDeviceId()).isEqualTo(endDeviceId);
        assertThat(read.externalId()).isEqualTo(externalId);
    }

    /** Returns whether both accepted the bytes. */
    private boolean assertAgreesWithGeneratedParser(byte[] bytes) throws IOException {
        RawEnvelope expected;
        try {
            expected = RawEnvelope.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            assertThatThrownBy(() -> parser.parse(bytes))
                    .as("%s, which protobuf refuses: %s", HexFormat.of().formatHex(bytes), e)
                    .isInstanceOf(MalformedEnvelopeException.class);
            return false;
        }
        try {
            parser.parse(bytes);
        } catch (MalformedEnvelopeException e) {
            // The differences: a known field of another wire type is unknown to protobuf, and
            // protobuf-java's fast path lets some varints through whose tenth byte announces an
            // eleventh.
            if (!e.getMessage().contains("wire type")
                    && !e.getMessage().contains("more than ten bytes")) {
                fail(HexFormat.of().formatHex(bytes) + " is refused: " + e.getMessage());
            }
            return true;
        }
        assertSame(expected, bytes);
        return true;
    }

    private void assertSame(RawEnvelope expected, byte[] bytes) {
        assertThat(parser.organizationId).isEqualTo(expected.getOrganizationId());
        assertThat(parser.endDeviceId).isEqualTo(expected.getEndDeviceId());
        assertThat(parser.externalId).isEqualTo(expected.getExternalId());
        assertThat(ByteString.copyFrom(bytes, parser.payloadOffset, parser.payloadLength))
                .isEqualTo(expected.getPayload());
        assertThat(parser.hasOccurredAt).isEqualTo(expected.hasOccurredAt());
        assertThat(parser.occurredAtSeconds).isEqualTo(expected.getOccurredAt().getSeconds());
        assertThat(parser.occurredAtNanos).isEqualTo(expected.getOccurredAt().getNanos());
        assertThat(parser.fPort).isEqualTo(Integer.toUnsignedLong(expected.getFPort()));
        assertThat(parser.attributes).isEqualTo(expected.getAttributesMap());
    }

    private RawEnvelope randomEnvelope() {
        RawEnvelope.Builder builder = RawEnvelope.newBuilder();
        if (random.nextInt(8) > 0) {
            builder.setOrganizationId(randomText());
        }
        if (random.nextInt(8) > 0) {
            builder.setEndDeviceId(randomText());
        }
        if (random.nextInt(8) > 0) {
            byte[] payload = new byte[random.nextInt(200)];
            random.nextBytes(payload);
            builder.setPayload(ByteString.copyFrom(payload));
        }
        if (random.nextInt(8) > 0) {
            builder.setOccurredAt(
                    Timestamp.newBuilder()
                            .setSeconds(random.nextLong() >> random.nextInt(64))
                            .setNanos(random.nextInt() >> random.nextInt(32)));
        }
        if (random.nextBoolean()) {
            builder.setFPort(random.nextInt() >>> random.nextInt(32));
        }
        if (random.nextBoolean()) {
            builder.setExternalId(randomText());
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            builder.putAttributes(randomText(), randomText());
        }
        return builder.build();
    }

    private String randomText() {
        String alphabet = "abc0_.*> \n\0äß€漢😀";
        int[] codePoints = alphabet.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        boolean ascii = random.nextBoolean();
        for (int i = random.nextInt(24); i > 0; i--) {
            text.appendCodePoint(codePoints[random.nextInt(ascii ? 8 : codePoints.length)]);
        }
        return text.toString();
    }

    private static byte[] concatenate(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
