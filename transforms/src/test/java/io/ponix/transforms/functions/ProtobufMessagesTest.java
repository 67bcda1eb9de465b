package io.ponix.transforms.functions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.TextFormat;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.TestMessages;
import io.ponix.transforms.TransformCompilationException;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformException;
import io.ponix.transforms.TransformInput;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProtobufMessagesTest {
    private static final MessageDescriptors MESSAGES = TestMessages.of("everything.binpb");
    private static final Descriptor EVERYTHING = MESSAGES.find("example.Everything").orElseThrow();
    private static final TransformCompiler COMPILER =
            TransformCompiler.create().withDescriptors(MESSAGES);

    /** What each field gives; the texts are messages in the text format. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "an_int32: -5|anInt32|-5",
                "an_int64: -9223372036854775808|anInt64|-9223372036854775808",
                "a_uint32: 4294967295|aUint32|4294967295",
                "a_uint64: 18446744073709551615|aUint64|18446744073709551615",
                "a_uint64: 7|aUint64|7",
                "a_sint32: -2147483648|aSint32|-2147483648",
                "a_sint32: 2147483647|aSint32|2147483647",
                "a_sint64: -9223372036854775808|aSint64|-9223372036854775808",
                "a_fixed32: 4294967295|aFixed32|4294967295",
                "a_fixed64: 18446744073709551615|aFixed64|18446744073709551615",
                "a_sfixed32: -1|aSfixed32|-1",
                "a_sfixed64: -1|aSfixed64|-1",
                "a_float: 21.5|aFloat|21.5",
                "a_double: -0.1|aDouble|-0.1",
                "a_bool: true|aBool|true",
                "a_string: \"é\"|aString|\"é\"",
                "some_bytes: \"\\x01\\x02\"|someBytes|\"AQI=\"",
                "state: STATE_OK|state|\"STATE_OK\"",
                "state: 9|state|9",
                "maybe: 0|maybe|0",
                "renamed: \"x\"|other|\"x\"",
                "packed: [1, -2, 3]|packed|[1,-2,3]",
                "unpacked: [1, -2]|unpacked|[1,-2]",
                "states: [STATE_OK, 9]|states|[\"STATE_OK\",9]",
                "by_name: {key: \"a\" value: 1} by_name: {key: \"b\"}|byName|{\"a\":1,\"b\":0}",
                "by_name: {key: \"a\" value: 1} by_name: {key: \"a\" value: 2}|byName|{\"a\":2}",
                "number: 0|number|0",
                "text: \"\"|text|\"\"",
                "timestamp: {seconds: 1769860800 nanos: 250000000}|timestamp|\"2026-01-31T12:00:00.250Z\"",
                "timestamp: {}|timestamp|\"1970-01-01T00:00:00Z\"",
                "duration: {seconds: -5 nanos: -500000000}|duration|\"-5.500s\"",
                "struct: {fields: {key: \"a\" value: {list_value: {values: {null_value: NULL_VALUE} values: {number_value: 2}}}}}|struct|{\"a\":[null,2.0]}",
                "struct: {}|struct|{}",
                "value: {bool_value: false}|value|false",
                "value: {struct_value: {fields: {key: \"a\" value: {}}}}|value|{\"a\":null}",
                "list_value: {values: {string_value: \"x\"}}|listValue|[\"x\"]",
                "wrapped: {}|wrapped|0",
                "wrapped: {value: -1}|wrapped|-1",
                "wrapped_text: {value: \"x\"}|wrappedText|\"x\"",
                "nothing: 0|nothing|null",
                "legacy: {id: 1}|legacy|{\"id\":1}",
                "legacy: {id: 1 Part: {name: \"x\"}}|legacy|{\"id\":1,\"part\":{\"name\":\"x\"}}",
            })
    void everyTypeIsAsInJson(String message, String field, String expected) throws Exception {
        byte[] payload = bytes(message);

        assertThat(value("protobuf_decode(input, 'example.Everything')." + field, payload))
                .isEqualTo(expected);
    }

    @Test
    void whatIsNotThereHasItsDefaultOnlyWhereTheTypeTellsNothingByIt() throws Exception {
        assertThat(value("protobuf_decode(input, 'example.Everything')", new byte[0]))
                .isEqualTo(
                        "{\"anInt32\":0,\"anInt64\":0,\"aUint32\":0,\"aUint64\":0,\"aSint32\":0,"
                                + "\"aSint64\":0,\"aFixed32\":0,\"aFixed64\":0,\"aSfixed32\":0,"
                                + "\"aSfixed64\":0,\"aFloat\":0.0,\"aDouble\":0.0,\"aBool\":false,"
                                + "\"aString\":\"\",\"someBytes\":\"\",\"state\":\"STATE_UNSPECIFIED\","
                                + "\"other\":\"\",\"packed\":[],\"unpacked\":[],\"states\":[],"
                                + "\"list\":[],\"byName\":{},\"byNumber\":{},\"nothing\":null}");
    }

    @Test
    void messagesNest() throws Exception {
        byte[] payload =
                bytes(
                        "nested: {nested: {an_int32: 1}} list: {an_int32: 2} list: {}"
                                + " by_number: {key: -3 value: {an_int32: 4}} message: {an_int32: 5}");

        assertThat(
                        value(
                                "cel.bind(m, protobuf_decode(input, 'example.Everything'),"
                                        + " [m.nested.nested.anInt32, m.list.map(e, e.anInt32),"
                                        + " m.byNumber['-3'].anInt32, m.message.anInt32,"
                                        + " has(m.nested.nested.nested), type(m) == map])",
                                payload))
                .isEqualTo("[1,[2,0],4,5,false,true]");
    }

    @Test
    void whatComesTwiceIsMergedAndOfAOneofTheLastCounts() throws Exception {
        byte[] payload =
                concatenated(
                        bytes("nested: {an_int32: 1 packed: 1} number: 1 message: {an_int32: 1}"),
                        bytes("nested: {a_bool: true packed: [2, 3]} an_int32: 7"),
                        bytes("message: {an_int64: 2}"));

        assertThat(
                        value(
                                "cel.bind(m, protobuf_decode(input, 'example.Everything'), [m.nested.anInt32,"
                                        + " m.nested.aBool, m.nested.packed, has(m.number),"
                                        + " m.message.anInt32, m.message.anInt64])",
                                payload))
                .isEqualTo("[1,true,[1,2,3],false,1,2]");
        assertThat(
                        value(
                                "cel.bind(m, protobuf_decode(input, 'example.Everything'), [has(m.number), m.text])",
                                concatenated(bytes("number: 1"), bytes("text: \"x\""))))
                .isEqualTo("[false,\"x\"]");
    }

    @ParameterizedTest
    @CsvSource({
        // Field 100: a number, 8 bytes, a text, a group with a number and a group in it, 4 bytes.
        "a00601",
        "a1060000000000000000",
        "a206026f6e",
        "a3060801a306a406a406",
        "a50600000000",
        // Field 1, an int32, as a text.
        "0a026f6e"
    })
    void whatTheDescriptorDoesNotKnowIsPassedOver(String hex) throws Exception {
        byte[] payload = concatenated(HexFormat.of().parseHex(hex), bytes("an_int64: 7"));

        assertThat(
                        value(
                                "cel.bind(m, protobuf_decode(input, 'example.Everything'), [m.anInt32, m.anInt64])",
                                payload))
                .isEqualTo("[0,7]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "08|the message ends inside of a number, at offset 1 in example.Everything: an_int32",
                "9a0104089601|a value of 4 bytes goes beyond the 6 bytes there are, at offset 0",
                "9a01039a010500|a value of 5 bytes goes beyond the 6 bytes there are, at offset 3 in example.Everything: nested.nested",
                "7201ff|a string is not UTF-8, at offset 0 in example.Everything: a_string",
                "4100|a value of 8 bytes goes beyond the 2 bytes there are, at offset 0 in example.Everything: a_fixed64",
                "00|the field number 0 is none, at offset 0 in example.Everything",
                "a306|the message ends inside of a number, at offset 2",
                "a306ac06|the group 100 ends as the group 101, at offset 2",
                "0c|the wire type 4 is none that is read, at offset 0",
                "0e|the wire type 6 is none that is read, at offset 0",
                "08ffffffffffffffffffffff01|a number takes more than 10 bytes, at offset 1",
                "a202021001|a required field is missing in example.Everything: legacy.id",
                "ea0106108094ebdc03|a Timestamp has 1000000000 nanoseconds in example.Everything: timestamp",
                "ea010b088080808080808080c001|a Timestamp is not in the years 1 to 9999",
                "f20106108094ebdc03|a Duration has 0 seconds and 1000000000 nanoseconds",
            })
    void whatIsNoSuchMessageIsAnErrorThatSaysWhere(String hex, String message) {
        byte[] payload = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> value("protobuf_decode(input, 'example.Everything')", payload))
                .isInstanceOf(TransformException.class)
                .hasMessageContaining("protobuf_decode: ")
                .hasMessageContaining(message);
    }

    @Test
    void nestingEnds() throws Exception {
        byte[] payload = new byte[0];
        for (int i = 0; i < 64; i++) {
            payload =
                    bytes(
                            DynamicMessage.newBuilder(EVERYTHING)
                                    .setField(
                                            EVERYTHING.findFieldByName("nested"),
                                            DynamicMessage.parseFrom(EVERYTHING, payload)));
        }
        byte[] deepest = payload;
        assertThat(value("size(protobuf_decode(input, 'example.Everything'))", deepest))
                .isEqualTo("25");
        byte[] tooDeep =
                bytes(
                        DynamicMessage.newBuilder(EVERYTHING)
                                .setField(
                                        EVERYTHING.findFieldByName("nested"),
                                        DynamicMessage.parseFrom(EVERYTHING, deepest)));
        assertThatThrownBy(
                        () -> value("size(protobuf_decode(input, 'example.Everything'))", tooDeep))
                .hasMessageContaining("the message nests deeper than 64 levels");
        byte[] groups = new byte[200_000];
        Arrays.fill(groups, (byte) 0x0b);
        assertThatThrownBy(
                        () -> value("size(protobuf_decode(input, 'example.Everything'))", groups))
                .hasMessageContaining("the message nests deeper than 64 levels");
    }

    @Test
    void manyEmptyMessagesCostAllTheirFields() {
        byte[] payload = new byte[300_000];
        for (int i = 0; i < payload.length; i += 3) {
            // Field 23, a list of messages, each of no bytes.
            payload[i] = (byte) 0xba;
            payload[i + 1] = 0x01;
        }
        assertThatThrownBy(
                        () -> value("size(protobuf_decode(input, 'example.Everything'))", payload))
                .hasMessageContaining("PONIX_TRANSFORM_MAX_WORK");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "protobuf_decode(input, 'example.Nothing')|1:24 protobuf_decode: there is no message \"example.Nothing\", but example.Everything, example.Legacy, example.Legacy.Part, google.protobuf.",
                "protobuf_decode(input, string(f_port))|1:30 protobuf_decode: the message is named by a text in quotes",
                "cel.bind(n, 'example.Everything', protobuf_decode(input, n))|protobuf_decode: the message is named by a text in quotes",
                "protobuf_decode(input, 5)|protobuf_decode: the message is named by a text in quotes",
                "protobuf_decode(f_port, 'example.Everything')|found no matching overload for 'protobuf_decode'",
            })
    void namesAreKnownWhenTheExpressionCompiles(String expression, String message) {
        assertThatThrownBy(() -> COMPILER.compile(expression))
                .isInstanceOf(TransformCompilationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void withoutDescriptorsThereAreNoMessages() {
        assertThatThrownBy(
                        () ->
                                TransformCompiler.create()
                                        .compile("protobuf_decode(input, 'example.Everything')"))
                .hasMessageContaining("nobody has described the messages: the file_descriptor_set");
    }

    @Test
    void whatIsNoFileDescriptorSetIsRefused() throws Exception {
        assertThat(MessageDescriptors.of(new byte[0]).names()).isEmpty();
        assertThat(MESSAGES.names())
                .contains("example.Everything", "example.Legacy.Part", "google.protobuf.Timestamp")
                .doesNotContain("example.Everything.ByNameEntry");
        assertRefused(
                "syntax = \"proto3\";".getBytes(StandardCharsets.UTF_8),
                "the bytes are no FileDescriptorSet: make them by protoc --include_imports --descriptor_set_out=FILE");
        assertRefused(new byte[] {0x10, 0x01}, "the descriptors are of 0 files");
        assertRefused(
                new byte[MessageDescriptors.MAX_BYTES + 1],
                "the descriptors have 262145 bytes, more than the 262144");

        FileDescriptorSet whole = FileDescriptorSet.parseFrom(TestMessages.bytes("weather.binpb"));
        List<FileDescriptorProto> files = whole.getFileList();
        assertRefused(
                FileDescriptorSet.newBuilder().addFile(files.get(1)).build().toByteArray(),
                "weather.proto imports google/protobuf/timestamp.proto, which the descriptors lack: make them by protoc --include_imports");
        assertRefused(
                whole.toBuilder().addFile(files.get(0)).build().toByteArray(),
                "the descriptors have a file twice");
        assertRefused(
                set(file("a").addDependency("b"), file("b").addDependency("a")),
                "the descriptors' files import each other");
        FileDescriptorProto.Builder broken = files.get(1).toBuilder();
        broken.getMessageTypeBuilder(0).getFieldBuilder(3).setTypeName(".example.Nothing");
        assertRefused(
                set(files.get(0).toBuilder(), broken),
                "the descriptors are wrong: example.Weather.wind: \".example.Nothing\" is not defined");
        FileDescriptorProto.Builder other = files.get(0).toBuilder();
        other.getMessageTypeBuilder(0).getFieldBuilder(0).setNumber(3);
        assertRefused(
                set(other, files.get(1).toBuilder()),
                "the descriptors have a google.protobuf.Timestamp of their own");
        FileDescriptorSet.Builder many = FileDescriptorSet.newBuilder();
        for (int i = 0; i < 501; i++) {
            many.addFile(file("f" + i));
        }
        assertRefused(
                many.build().toByteArray(), "the descriptors are of 501 files, not of 1 to 500");
    }

    /** Small descriptors whose full names would fill the memory, or whose types take minutes. */
    @Test
    void namesThatTakeMoreThanTheyAreLongAreRefused() {
        DescriptorProto.Builder wide = DescriptorProto.newBuilder().setName("x".repeat(10_000));
        assertRefused(set(file("f").addMessageType(wide)), "a name has more than 255 characters");
        wide.setName("x".repeat(255));
        for (int i = 1; i <= 8_000; i++) {
            wide.addField(
                    FieldDescriptorProto.newBuilder()
                            .setName("f" + i)
                            .setNumber(i)
                            .setType(FieldDescriptorProto.Type.TYPE_INT32));
        }
        FileDescriptorProto.Builder deep =
                file("f").setPackage("p".repeat(512)).addMessageType(wide);
        assertRefused(set(deep), "have more than 4194304 characters together");
        assertRefused(
                set(file("f").setPackage("p".repeat(513))),
                "a package has more than 512 characters or 32 names");
        assertRefused(
                set(file("f").setPackage("a" + ".a".repeat(32))),
                "a package has more than 512 characters or 32 names");
        DescriptorProto nested = DescriptorProto.newBuilder().setName("m").build();
        for (int i = 0; i < 33; i++) {
            nested = DescriptorProto.newBuilder().setName("m").addNestedType(nested).build();
        }
        assertRefused(set(file("f").addMessageType(nested)), "messages are nested in more than 32");
    }

    @Test
    void twoFieldsOfOneNameInJsonAndEntriesWithoutAValueAreRefused() {
        assertRefused(
                set(
                        file("f")
                                .addMessageType(
                                        DescriptorProto.newBuilder()
                                                .setName("m")
                                                .addField(field("foo_bar", 1))
                                                .addField(field("fooBar", 2)))),
                "m has two fields that are fooBar in JSON: give one of them another json_name");
        assertRefused(
                set(
                        file("f")
                                .addMessageType(
                                        DescriptorProto.newBuilder()
                                                .setName("AEntry")
                                                .setOptions(
                                                        MessageOptions.newBuilder()
                                                                .setMapEntry(true))
                                                .addField(field("key", 1)))),
                "the entry AEntry lacks a key or a value");
    }

    private static FieldDescriptorProto field(String name, int number) {
        return FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(number)
                .setType(FieldDescriptorProto.Type.TYPE_INT32)
                .build();
    }

    @Test
    void whatProtocNeverWritesIsRefused() {
        assertRefused(
                set(file("f").setSyntax("editions").setEdition(Edition.EDITION_99999_TEST_ONLY)),
                "the descriptors are wrong: ");
        assertRefused(
                set(
                        file("f")
                                .addMessageType(
                                        DescriptorProto.newBuilder()
                                                .setName("m")
                                                .addField(
                                                        FieldDescriptorProto.newBuilder()
                                                                .setName("f")
                                                                .setNumber(1)))),
                "the descriptors are wrong");
    }

    @Test
    void theOrderOfFilesDoesNotMatter() throws Exception {
        FileDescriptorSet whole = FileDescriptorSet.parseFrom(TestMessages.bytes("weather.binpb"));
        assertThat(
                        MessageDescriptors.of(
                                        set(
                                                whole.getFile(1).toBuilder(),
                                                whole.getFile(0).toBuilder()))
                                .names())
                .contains("example.Weather", "example.Weather.Wind");
    }

    private static FileDescriptorProto.Builder file(String name) {
        return FileDescriptorProto.newBuilder().setName(name);
    }

    private static byte[] set(FileDescriptorProto.Builder... files) {
        FileDescriptorSet.Builder set = FileDescriptorSet.newBuilder();
        for (FileDescriptorProto.Builder file : files) {
            set.addFile(file);
        }
        return set.build().toByteArray();
    }

    private static void assertRefused(byte[] bytes, String message) {
        assertThatThrownBy(() -> MessageDescriptors.of(bytes))
                .isInstanceOf(InvalidDescriptorsException.class)
                .hasMessageContaining(message);
    }

    private static byte[] bytes(String message) throws Exception {
        DynamicMessage.Builder builder = DynamicMessage.newBuilder(EVERYTHING);
        TextFormat.merge(message, builder);
        return bytes(builder);
    }

    private static byte[] bytes(DynamicMessage.Builder message) {
        return message.buildPartial().toByteArray();
    }

    private static byte[] concatenated(byte[]... parts) {
        ByteString whole = ByteString.EMPTY;
        for (byte[] part : parts) {
            whole = whole.concat(ByteString.copyFrom(part));
        }
        return whole.toByteArray();
    }

    private static String value(String expression, byte[] payload) throws Exception {
        JsonBuffer json = new JsonBuffer();
        COMPILER.compile("{'v': " + expression + "}")
                .evaluate(new TransformInput().setPayload(payload), json);
        String text = json.resultText();
        return text.substring("{\"v\":".length(), text.length() - 1);
    }
}
