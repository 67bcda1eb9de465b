package io.ponix.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a request in JSON says and the service does not know is refused, and not left out. */
@ExtendWith(ServiceUnderTest.Shared.class)
class JsonRequestsITCase {

    private static final String CREATE_DEVICE =
            "ponix.end_device.v1.EndDeviceService/CreateEndDevice";

    private static ServiceUnderTest service;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                CREATE_DEVICE
                        + "|{'organizationId': 'ID', 'name': 'x', 'payload_convertion': '{}'}|payload_convertion",
                CREATE_DEVICE + "|{'organizationId': 'ID', 'Name': 'x'}|Name",
                "ponix.gateway.v1.GatewayService/CreateGateway"
                        + "|{'organizationId': 'ID', 'emqxConfig': {'brokerUrl': 'mqtt://b', 'brokerURL': ''}}|brokerURL",
                "ponix.gateway.v1.GatewayService/CreateGateway"
                        + "|{'organizationId': 'ID', 'type': 'GATEWAY_TYPE_EMQ'}|GATEWAY_TYPE_EMQ",
                "ponix.gateway.v1.GatewayService/CreateGateway"
                        + "|{'organizationId': 'ID', 'emqxConfig': {'brokerUrl': 'mqtt://b', 'mqttVersion': 'MQTT_VERSION_4'}}|MQTT_VERSION_4",
                "ponix.end_device.v1.EndDeviceDefinitionService/CreateEndDeviceDefinition"
                        + "|{'organizationId': 'ID', 'name': 'x', 'contracts': [{'transformExpresion': '{}'}]}|transformExpresion",
                "ponix.transform.v1.TransformService/Evaluate"
                        + "|{'expression': '{}', 'payloadhex': '00'}|payloadhex",
            })
    void whatIsMisspeltIsNamed(String method, String json, String misspelt) throws Exception {
        String organization = service.organization("Acme");

        HttpResponse<String> answer =
                post(method, json.replace('\'', '"').replace("ID", organization));

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains("INVALID_ARGUMENT", misspelt);
        HttpResponse<String> devices =
                post(
                        "ponix.end_device.v1.EndDeviceService/ListEndDevices",
                        "{\"organization_id\": \"" + organization + "\"}");
        assertThat(devices.body()).as("nothing is created").isEqualTo("{}");
    }

    @Test
    void whatIsJsonInsideOfARequestHasTheFieldsItLikes() throws Exception {
        HttpResponse<String> answer =
                post(
                        "ponix.end_device.v1.EndDeviceDefinitionService/CreateEndDeviceDefinition",
                        "{\"organizationId\": \""
                                + service.organization("Acme")
                                + "\", \"name\": \"x\", \"contracts\": [{\"transformExpression\":"
                                + " \"{\\\"some_field\\\": 1}\"}], \"examples\": [{\"expected\":"
                                + " {\"some_field\": 1}}]}");

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void queryParametersAreRefusedByName() throws Exception {
        String organization = service.organization("Acme");
        String list = "ponix.end_device.v1.EndDeviceService/ListEndDevices";
        String json = "{\"organizationId\": \"" + organization + "\"}";

        HttpResponse<String> answer = post(list + "?pageSize=5&key=sesame", json);

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body())
                .contains("INVALID_ARGUMENT", "Query parameters are not read: pageSize, key")
                .doesNotContain("sesame");
        assertThat(post(list, json).statusCode()).isEqualTo(200);
    }

    private static HttpResponse<String> post(String method, String json) throws Exception {
        return CleartextHttp.CLIENT.send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:"
                                                + service.service().httpPort()
                                                + "/"
                                                + method))
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
