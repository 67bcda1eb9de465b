package io.ponix.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ponix.proto.end_device.v1.DefinitionExample;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.PayloadContract;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndDeviceDefinitionRowTest {

    @Test
    void everyFieldIsInTheMessage() {
        EndDeviceDefinition message =
                row(
                                "[{\"match_expression\": \"true\", \"transform_expression\": \"{}\","
                                        + " \"json_schema\": \"{}\", \"since\": 2027}]",
                                "[{\"hex\": \"00\", \"expected_json\": \"{}\", \"since\": 2027}]",
                                "CgA=")
                        .toMessage();
        assertThat(message)
                .isEqualTo(
                        EndDeviceDefinition.newBuilder()
                                .setId("def")
                                .setOrganizationId("org")
                                .setName("Meter")
                                .addContracts(
                                        PayloadContract.newBuilder()
                                                .setMatchExpression("true")
                                                .setTransformExpression("{}")
                                                .setJsonSchema("{}"))
                                .addExamples(
                                        DefinitionExample.newBuilder()
                                                .setHex("00")
                                                .setExpectedJson("{}"))
                                .setFileDescriptorSet(ByteString.fromHex("0a00"))
                                .setDescription("Of heat")
                                .putLabels("site", "north")
                                .setCreatedAt(Timestamp.newBuilder().setSeconds(1).setNanos(2))
                                .setUpdatedAt(Timestamp.newBuilder().setSeconds(3))
                                .setEtag("5")
                                .build());
        // A row is of a definition that is not deleted.
        assertThat(message.getDescriptorForType().getFields())
                .filteredOn(field -> !field.getName().equals("deleted_at"))
                .hasSameSizeAs(message.getAllFields().keySet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "[7]", "[null]", "{}", "[{\"transform_expression\": []}]"})
    void whatIsNoListOfTheirsIsLeftOut(String text) {
        EndDeviceDefinition message = row(text, text, text + "!").toMessage();
        assertThat(message.getContractsList()).isEmpty();
        assertThat(message.getExamplesList().stream().filter(each -> each.hasHex())).isEmpty();
        assertThat(message.getFileDescriptorSet()).isEmpty();
        assertThat(message.getName()).isEqualTo("Meter");
    }

    private static EndDeviceDefinitionRow row(
            String contracts, String examples, String fileDescriptorSet) {
        return new EndDeviceDefinitionRow(
                "def",
                "org",
                "Meter",
                contracts,
                examples,
                fileDescriptorSet,
                Description.of("Of heat", Map.of("site", "north")),
                Instant.ofEpochSecond(1, 2),
                Instant.ofEpochSecond(3),
                5);
    }
}
