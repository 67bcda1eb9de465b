package io.ponix.jobs.envelope.poison;

import static io.ponix.jobs.envelope.poison.PoisonInput.LPP;
import static io.ponix.jobs.envelope.poison.PoisonInput.ORGANIZATION;
import static io.ponix.jobs.envelope.poison.PoisonInput.TEMPERATURE;
import static io.ponix.jobs.envelope.poison.PoisonInput.appended;
import static io.ponix.jobs.envelope.poison.PoisonInput.bytes;
import static io.ponix.jobs.envelope.poison.PoisonInput.changed;
import static io.ponix.jobs.envelope.poison.PoisonInput.letter;
import static io.ponix.jobs.envelope.poison.PoisonInput.ordinary;
import static io.ponix.jobs.envelope.poison.PoisonInput.row;

import com.google.protobuf.ByteString;
import io.ponix.jobs.envelope.poison.PoisonInput.Ending;
import io.ponix.jobs.envelope.poison.PoisonInput.Row;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** What can be wrong with a message's bytes, and what only looks wrong. */
final class WireInputs {

    /** The largest message that the stack's NATS server takes, less room for headers. */
    private static final int MAXIMUM_MESSAGE = 8 * 1024 * 1024 - 256;

    private static final int UNKNOWN_FIELD = 100;

    private WireInputs() {}

    static List<PoisonInput> all() {
        return List.of(
                bytes("headers and no bytes", new byte[0], noDevice()),
                bytes("random bytes, seed 1", random(1, 64), malformed("")),
                bytes("random bytes, seed 2", random(2, 4_096), malformed("")),
                bytes("text", text("temperature=27.2;humidity=40"), malformed("")),
                bytes("JSON", text("{\"end_device_id\": \"a\"}"), malformed("")),
                bytes("gzip", HexFormat.of().parseHex("1f8b08000000000000ff"), malformed("")),
                bytes("8 MB of zeros", new byte[MAXIMUM_MESSAGE], malformed("invalid tag 0")),
                bytes("8 MB of ones", ones(MAXIMUM_MESSAGE), malformed("")),
                truncated("the last byte missing", 1),
                truncated("only the first byte", Integer.MAX_VALUE),
                bytes(
                        "only the first field",
                        new WireBytes().text(1, ORGANIZATION).toByteArray(),
                        noDevice()),
                changed(
                        "an 8 MB payload",
                        "{'size': size(input)}",
                        envelope ->
                                envelope.setPayload(
                                        ByteString.copyFrom(new byte[MAXIMUM_MESSAGE - 200])),
                        row("an 8 MB payload", "{\"size\":" + (MAXIMUM_MESSAGE - 200) + "}")),
                changed(
                        "an 8 MB payload that the transform refuses",
                        LPP,
                        envelope ->
                                envelope.setPayload(
                                        ByteString.copyFrom(ones(MAXIMUM_MESSAGE - 200))),
                        letter(DeadLetterReason.DEAD_LETTER_REASON_CONVERSION_FAILED, "")),
                changed(
                        "an 8 MB payload that the store refuses",
                        "{'refused': size(input)}",
                        envelope ->
                                envelope.setPayload(
                                        ByteString.copyFrom(new byte[MAXIMUM_MESSAGE - 200])),
                        letter(DeadLetterReason.DEAD_LETTER_REASON_REJECTED_BY_STORE, "469")),
                changed(
                        "no payload",
                        "{'size': size(input)}",
                        envelope -> envelope.clearPayload(),
                        row("no payload", "{\"size\":0}")),
                wrongType("a number as organization", new WireBytes().varint(1, 1)),
                wrongType("a number as device", new WireBytes().varint(2, 1)),
                wrongType("a fixed64 as payload", new WireBytes().tag(3, 1).raw(new byte[8])),
                wrongType("a number as time", new WireBytes().varint(4, 1_764_064_800)),
                wrongType(
                        "a fixed64 as seconds",
                        new WireBytes().message(4, new WireBytes().tag(1, 1).raw(new byte[8]))),
                wrongType("a text as port", new WireBytes().text(5, "1")),
                wrongType("a fixed32 as attributes", new WireBytes().tag(6, 5).raw(new byte[4])),
                wrongType("a number as external id", new WireBytes().varint(7, 1)),
                wrongType("a group as device", new WireBytes().tag(2, 3).tag(2, 4)),
                appended("wire type 6", new WireBytes().tag(UNKNOWN_FIELD, 6), malformed("6")),
                appended("wire type 7", new WireBytes().tag(UNKNOWN_FIELD, 7), malformed("7")),
                appended("field number 0", new WireBytes().varint(0, 1), malformed("tag")),
                harmless("the largest field number", new WireBytes().varint(536_870_911, 1)),
                harmless(
                        "unknown fields of every type",
                        new WireBytes()
                                .varint(UNKNOWN_FIELD, -1)
                                .tag(UNKNOWN_FIELD, 1)
                                .raw(new byte[8])
                                .text(UNKNOWN_FIELD, "?")
                                .tag(UNKNOWN_FIELD, 5)
                                .raw(new byte[4])),
                harmless("groups nested 100 deep", groups(100)),
                appended("groups nested 101 deep", groups(101), malformed("deeper than 100")),
                appended(
                        "groups nested a million deep",
                        new WireBytes().raw(repeated(0x6b, 1_000_000)),
                        malformed("deeper than 100")),
                appended(
                        "a group without an end",
                        new WireBytes().tag(UNKNOWN_FIELD, 3).varint(1, 1),
                        malformed("truncated")),
                appended(
                        "a group's end without a group",
                        new WireBytes().tag(UNKNOWN_FIELD, 4),
                        malformed("never began")),
                appended(
                        "a group that ends as another",
                        new WireBytes().tag(UNKNOWN_FIELD, 3).tag(UNKNOWN_FIELD + 1, 4),
                        malformed("ended as group")),
                appended(
                        "a varint of eleven bytes",
                        new WireBytes().tag(5, 0).raw(ones(10)).raw((byte) 1),
                        malformed("more than ten bytes")),
                appended(
                        "a port of 64 bits",
                        "{'port': f_port}",
                        new WireBytes().varint(5, -1),
                        row("a port of 64 bits", "{\"port\":4294967295}")),
                appended(
                        "a negative length",
                        new WireBytes().tag(3, 2).rawVarint(-1),
                        malformed("negative length")),
                appended(
                        "a length of 2 GiB",
                        new WireBytes().tag(3, 2).rawVarint(Integer.MAX_VALUE),
                        malformed("2147483647 bytes announced")),
                appended(
                        "a length beyond 32 bits",
                        new WireBytes().tag(3, 2).rawVarint(1L << 33 | 1 << 20),
                        malformed("bytes announced")),
                appended(
                        "a time longer than the message",
                        new WireBytes().tag(4, 2).rawVarint(5).tag(1, 0),
                        malformed("truncated")),
                appended(
                        "a time whose seconds leave it",
                        new WireBytes().bytes(4, new byte[] {8, -1}).raw((byte) 1),
                        malformed("truncated varint")),
                appended(
                        "a second payload",
                        new WireBytes().bytes(3, HexFormat.of().parseHex("01670111")),
                        row("a second payload", "{\"temperature_1\":27.3}")),
                appended(
                        "a second device",
                        new WireBytes().text(2, "nobody"),
                        letter(DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, "unknown")),
                appended(
                        "a second organization",
                        new WireBytes().text(1, "other"),
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_ORGANIZATION_MISMATCH,
                                "'other'")),
                appended(
                        "a second time with seconds only",
                        new WireBytes().message(4, new WireBytes().varint(1, 1_000_000_000)),
                        new Row(
                                PoisonInput.deviceId("a second time with seconds only"),
                                Instant.parse("2001-09-09T01:46:40.345Z"),
                                TEMPERATURE)),
                appended(
                        "an attribute twice",
                        "{'a': attributes}",
                        new WireBytes().message(6, entry("k", "1")).message(6, entry("k", "2")),
                        row("an attribute twice", "{\"a\":{\"k\":\"2\"}}")),
                appended(
                        "an attribute without key and value",
                        "{'a': attributes}",
                        new WireBytes().message(6, new WireBytes()),
                        row("an attribute without key and value", "{\"a\":{\"\":\"\"}}")),
                appended(
                        "500,000 attributes",
                        "{'n': size(attributes)}",
                        attributes(500_000),
                        row("500,000 attributes", "{\"n\":500000}")),
                new PoisonInput(
                        "500,000 attributes of an unknown device",
                        LPP,
                        deviceId -> attributes(500_000).after(ordinary("nobody")),
                        letter(
                                DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND,
                                "bytes would wait")),
                invalidText("invalid UTF-8 in the device", 2, "ff"),
                invalidText("NUL in an overlong form", 2, "61c080"),
                invalidText("half of a surrogate pair", 1, "eda080"),
                invalidText("UTF-8 that ends early", 1, "6162e282"),
                appended(
                        "invalid UTF-8 in an attribute",
                        new WireBytes().message(6, new WireBytes().bytes(2, ones(3))),
                        malformed("invalid UTF-8")));
    }

    private static PoisonInput truncated(String name, int missing) {
        return new PoisonInput(
                name,
                LPP,
                deviceId -> {
                    byte[] whole = ordinary(deviceId);
                    return Arrays.copyOf(whole, Math.max(1, whole.length - missing));
                },
                malformed("truncated"));
    }

    /** A field of the contract as another type than the contract's. */
    private static PoisonInput wrongType(String name, WireBytes field) {
        return appended(name, field, malformed("wire type"));
    }

    private static PoisonInput harmless(String name, WireBytes more) {
        return appended(name, more, row(name, TEMPERATURE));
    }

    private static PoisonInput invalidText(String name, int field, String hex) {
        return appended(
                name,
                new WireBytes().bytes(field, HexFormat.of().parseHex(hex)),
                malformed("invalid UTF-8"));
    }

    private static WireBytes groups(int depth) {
        WireBytes groups = new WireBytes();
        for (int i = 0; i < depth; i++) {
            groups.tag(UNKNOWN_FIELD, 3);
        }
        for (int i = 0; i < depth; i++) {
            groups.tag(UNKNOWN_FIELD, 4);
        }
        return groups;
    }

    private static WireBytes entry(String key, String value) {
        return new WireBytes().text(1, key).text(2, value);
    }

    private static WireBytes attributes(int count) {
        WireBytes attributes = new WireBytes();
        for (int i = 0; i < count; i++) {
            attributes.message(6, new WireBytes().text(1, Integer.toString(i)));
        }
        return attributes;
    }

    private static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] ones(int length) {
        return repeated(0xff, length);
    }

    private static byte[] repeated(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Ending malformed(String message) {
        return letter(DeadLetterReason.DEAD_LETTER_REASON_MALFORMED_ENVELOPE, message);
    }

    private static Ending noDevice() {
        return letter(DeadLetterReason.DEAD_LETTER_REASON_DEVICE_NOT_FOUND, "names no device");
    }
}
