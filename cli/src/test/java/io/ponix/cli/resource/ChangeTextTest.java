package io.ponix.cli.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.ponix.proto.history.v1.Change;
import io.ponix.proto.history.v1.ChangeType;
import io.ponix.proto.history.v1.FieldDifference;
import org.junit.jupiter.api.Test;

class ChangeTextTest {

    @Test
    void aFieldIsShownAsItWasAndIs() {
        assertThat(changed("name", "\"Roof\"", "\"Cellar\""))
                .isEqualTo("name: \"Roof\" → \"Cellar\"");
        assertThat(changed("external_id", "null", "\"a8\"")).isEqualTo("external_id: - → \"a8\"");
        assertThat(changed("payload_conversion", "\"{'a': 1}\"", "\"\""))
                .isEqualTo("payload_conversion: \"{'a': 1}\" → -");
    }

    @Test
    void ofWhatConsistsOfOthersOnlyTheseAreShown() {
        assertThat(
                        changed(
                                "gateway_config",
                                "{\"broker_url\": \"mqtt://h\", \"credential\": \"c\"}",
                                "{\"broker_url\": \"mqtt://h\", \"topic_filter\": \"a/#\"}"))
                .isEqualTo(
                        "gateway_config.credential: \"c\" → -, gateway_config.topic_filter: - → \"a/#\"");
        assertThat(
                        changed(
                                "contracts",
                                "[{\"match_expression\": \"\"}, {\"match_expression\": \"true\"}]",
                                "[{\"match_expression\": \"\"}, {\"match_expression\": \"false\"}]"))
                .isEqualTo("contracts[1].match_expression: \"true\" → \"false\"");
        assertThat(changed("examples", "[]", "[{\"hex\": \"01\"}]"))
                .isEqualTo("examples: - → [{\"hex\":\"01\"}]");
    }

    @Test
    void ofLongTextsTheBeginningThatIsTheSameIsLeftOut() {
        String same = "x".repeat(100);
        assertThat(changed("payload_conversion", '"' + same + "1 + 2\"", '"' + same + "3 + 4\""))
                .isEqualTo("payload_conversion: …xxxxxxxxxxxx1 + 2\" → …xxxxxxxxxxxx3 + 4\"");
        assertThat(changed("name", "\"a\"", '"' + same + '"'))
                .isEqualTo("name: \"a\" → \"" + "x".repeat(46) + "…");
    }

    @Test
    void nothingIsObeyedByATerminal() {
        assertThat(changed("name", "\"a\"", "\"\\u001b[2J\\u202e\""))
                .isEqualTo("name: \"a\" → \"\\u001b[2J\\u202e\"");
    }

    @Test
    void ofARestorationWhatIsNotTheSameIsShown() {
        Change restored =
                Change.newBuilder()
                        .setType(ChangeType.CHANGE_TYPE_RESTORED)
                        .setOldValue(
                                value(
                                        "{\"name\": \"A\", \"external_id\": \"x\", \"deleted_at\": \"2026\","
                                                + " \"updated_at\": \"2026\"}"))
                        .setNewValue(
                                value(
                                        "{\"name\": \"B\", \"external_id\": \"x\", \"updated_at\": \"2027\"}"))
                        .build();
        assertThat(ChangeText.of(restored)).isEqualTo("restored, name: \"A\" → \"B\"");
        assertThat(ChangeText.of(restored.toBuilder().clearOldValue().build()))
                .isEqualTo("restored");
    }

    @Test
    void allOthersAreCalledByTheirName() {
        assertThat(
                        ChangeText.of(
                                Change.newBuilder()
                                        .setType(ChangeType.CHANGE_TYPE_CREATED)
                                        .build()))
                .isEqualTo("created");
        assertThat(
                        ChangeText.of(
                                Change.newBuilder()
                                        .setType(ChangeType.CHANGE_TYPE_COMPACTED)
                                        .build()))
                .isEqualTo("compacted");
    }

    @Test
    void whatIsEmptyInBothMomentsIsNoDifference() {
        assertThat(
                        ChangeText.of(
                                FieldDifference.newBuilder()
                                        .setField("external_id")
                                        .setNewValue(value("\"\""))
                                        .build()))
                .isEmpty();
    }

    private static String changed(String field, String before, String after) {
        return ChangeText.of(
                Change.newBuilder()
                        .setType(ChangeType.CHANGE_TYPE_CHANGED)
                        .setField(field)
                        .setOldValue(value(before))
                        .setNewValue(value(after))
                        .build());
    }

    private static Value value(String json) {
        Value.Builder value = Value.newBuilder();
        try {
            JsonFormat.parser().merge(json, value);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        return value.build();
    }
}
