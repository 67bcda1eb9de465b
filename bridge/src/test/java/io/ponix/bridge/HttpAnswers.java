package io.ponix.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.util.Arrays;

/** What every answer to a post has in it. */
final class HttpAnswers {

    private static final ObjectMapper JSON = new ObjectMapper();

    private HttpAnswers() {}

    static void assertStored(HttpResponse<String> answer, int duplicates, long... sequences)
            throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                .startsWith("application/json");
        JsonNode body = JSON.readTree(answer.body());
        assertThat(body.get("sequences")).isEqualTo(JSON.readTree(Arrays.toString(sequences)));
        assertThat(body.get("duplicates").intValue()).isEqualTo(duplicates);
        assertThat(body.get("ignored").intValue()).isZero();
    }

    /** The status is not looked at where it is null. */
    static void assertProblem(HttpResponse<String> answer, int code, String status, String... parts)
            throws Exception {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(code);
        assertThat(answer.headers().firstValue("Content-Type").orElse(""))
                .startsWith("application/json");
        JsonNode error = JSON.readTree(answer.body()).get("error");
        assertThat(error.get("code").intValue()).isEqualTo(code);
        assertThat(error.get("message").textValue()).isNotBlank();
        for (String part : parts) {
            assertThat(error.get("message").textValue()).contains(part);
        }
        if (status != null) {
            assertThat(error.get("status").textValue()).isEqualTo(status);
        }
    }
}
