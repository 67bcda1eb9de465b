package io.ponix.client.deviceservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyTest {

    private static final String KEY = "ponix_abc_the-s3cret_of-it";

    @TempDir private Path folder;

    @Test
    void itIsInTheVariableOrInAFileOrNowhere() throws Exception {
        Path file = Files.writeString(folder.resolve("key"), KEY + "\n");
        assertThat(ApiKey.fromEnvironment(Map.of("PONIX_API_KEY", KEY)))
                .get()
                .extracting(ApiKey::authorization)
                .isEqualTo("Bearer " + KEY);
        assertThat(ApiKey.ofFile(file))
                .extracting(ApiKey::authorization)
                .isEqualTo("Bearer " + KEY);
        assertThat(ApiKey.fromEnvironment(Map.of("PONIX_API_KEY", " "))).isEmpty();
    }

    @Test
    void itIsNeverPrinted() {
        assertThat(ApiKey.fromEnvironment(Map.of("PONIX_API_KEY", KEY)).orElseThrow())
                .hasToString("ponix_abc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"the-s3cret", "ponix_the-s3cret", "Bearer ponix_a_the-s3cret"})
    void whatIsNoKeyIsNotShownEither(String text) throws Exception {
        Path file = Files.writeString(folder.resolve("key"), text);
        assertThatThrownBy(() -> ApiKey.fromEnvironment(Map.of("PONIX_API_KEY", text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PONIX_API_KEY is no key")
                .hasMessageNotContaining("s3cret");
        assertThatThrownBy(() -> ApiKey.ofFile(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file + " holds no key")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        Path none = folder.resolve("none");
        assertThatThrownBy(() -> ApiKey.ofFile(none))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(none + " cannot be read");
    }
}
