package io.ponix.cli.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;
import io.ponix.proto.end_device.v1.DefinitionExample;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.end_device.v1.PayloadContract;
import io.ponix.proto.gateway.v1.EMQXGatewayConfig;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayStatus;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How messages are shown to people, and to programs. */
class MessageOutputTest {

    private static final String CEL = "{'a': 1 < 2 && x == 3,\n 'b': \"\\\\u0027\\u001b\u202e\"}";

    @Test
    void everyFieldThatIsSetHasALine() {
        assertThat(
                        MessageFields.text(
                                Gateway.newBuilder()
                                        .setGatewayId("g")
                                        .setStatus(GatewayStatus.GATEWAY_STATUS_ERROR)
                                        .setCreatedAt(Timestamps.fromSeconds(0))
                                        .setEmqxConfig(
                                                EMQXGatewayConfig.newBuilder()
                                                        .setBrokerUrl("mqtt://h")
                                                        .setSessionExpiry(Durations.fromHours(2)))
                                        .setStatusReason("\u001b[31mred")
                                        .build()))
                .isEqualTo(
                        """
                        gateway_id     g
                        status         GATEWAY_STATUS_ERROR
                        created_at     1970-01-01T00:00:00Z
                        emqx_config
                          broker_url      mqtt://h
                          session_expiry  7200s
                        status_reason  \\u001b[31mred
                        """);
    }

    @Test
    void whatThereAreSeveralOfIsNumberedAndExpressionsAreShownAsTheyWereWritten() {
        assertThat(
                        MessageFields.text(
                                EndDeviceDefinition.newBuilder()
                                        .addContracts(
                                                PayloadContract.newBuilder()
                                                        .setMatchExpression("f_port == 1")
                                                        .setTransformExpression("{\n  'a': 1\n}\n"))
                                        .addExamples(
                                                DefinitionExample.newBuilder()
                                                        .setHex("01")
                                                        .putAttributes("k", "v")
                                                        .putAttributes("l", "w")
                                                        .setExpected(
                                                                Struct.newBuilder()
                                                                        .putFields(
                                                                                "a",
                                                                                Value.newBuilder()
                                                                                        .setNumberValue(
                                                                                                1.5)
                                                                                        .build()))
                                                        .addExpectedWarnings("one"))
                                        .setFileDescriptorSet(ByteString.copyFromUtf8("abc"))
                                        .build()))
                .isEqualTo(
                        """
                        contracts[0]
                          match_expression      f_port == 1
                          transform_expression
                            {
                              'a': 1
                            }
                        examples[0]
                          hex                   01
                          attributes            k=v, l=w
                          expected              {"a":1.5}
                          expected_warnings[0]  one
                        file_descriptor_set  (3 bytes)
                        """);
    }

    @Test
    void jsonIsWhatTheServiceTakesAndReadsLikeTheExpressionsInIt() throws Exception {
        EndDevice device = EndDevice.newBuilder().setPayloadConversion(CEL).build();

        String json = MessageJson.document(device);

        assertThat(json)
                .contains(
                        "\"payload_conversion\": \"{'a': 1 < 2 && x == 3,\\n 'b': \\\"\\\\\\\\u0027")
                .contains("\\u202e")
                .doesNotContain("\u202e")
                .endsWith("}\n");
        EndDevice.Builder parsed = EndDevice.newBuilder();
        JsonFormat.parser().merge(json, parsed);
        assertThat(parsed.build()).isEqualTo(device);
        assertThat(MessageJson.line(device)).doesNotContain("\n");
    }

    @Test
    void aListIsAnArray() {
        EndDevice device = EndDevice.newBuilder().setDeviceId("d").build();

        assertThat(array(List.of())).isEqualTo("[]\n");
        assertThat(array(List.of(device, device)))
                .isEqualTo("[\n{\"device_id\":\"d\"},\n{\"device_id\":\"d\"}\n]\n");
    }

    private static String array(List<? extends Message> messages) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        MessageJson.printArray(
                messages.iterator(), new PrintStream(output, true, StandardCharsets.UTF_8));
        return output.toString(StandardCharsets.UTF_8);
    }
}
