package io.ponix.deviceservice.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageTokenTest {

    @Test
    void aTokenIsReadBack() {
        PageToken token =
                new PageToken(Instant.parse("2026-11-21T09:31:49.184446Z"), "dc0ma1eohhm63d06aeqg");

        assertThat(PageToken.parse(token.text())).isEqualTo(token);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1:2",
                "x:2:id",
                "1:x:id",
                "-5:0:id",
                "99999999999999:0:id",
                "9223372036854775807:0:id"
            })
    void anythingElseIsRefused(String content) {
        String text =
                Base64.getUrlEncoder().encodeToString(content.getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> PageToken.parse(text))
                .isInstanceOfSatisfying(
                        RequestException.class,
                        exception ->
                                assertThat(exception.code())
                                        .isEqualTo(Status.Code.INVALID_ARGUMENT))
                .hasMessageContaining("Page token");
    }

    @Test
    void whatIsNotBase64IsRefused() {
        assertThatThrownBy(() -> PageToken.parse("§"))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("Page token");
    }
}
