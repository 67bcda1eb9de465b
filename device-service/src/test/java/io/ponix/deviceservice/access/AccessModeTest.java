package io.ponix.deviceservice.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessModeTest {

    @ParameterizedTest
    @CsvSource({
        "'', 127.0.0.1, OFF",
        "'', 127.1.2.3, OFF",
        "'', localhost, OFF",
        "'', ::1, OFF",
        "'', 0.0.0.0, REQUIRED",
        "'', ::, REQUIRED",
        "'', 192.0.2.1, REQUIRED",
        "'', no-such-host.invalid, REQUIRED",
        "off, 127.0.0.1, OFF",
        "optional, 0.0.0.0, OPTIONAL",
        "required, 127.0.0.1, REQUIRED",
        "off-and-anyone-on-the-network-may-do-everything, 0.0.0.0, OFF_ON_THE_NETWORK",
    })
    void whoeverReachesTheServiceNeedsAKeyUnlessItIsSaid(
            String text, String host, AccessMode expected) {
        assertThat(AccessMode.parse(text, host)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1", "no-such-host.invalid"})
    void offOnTheNetworkHasToBeSaidInSoManyWords(String host) {
        assertThatThrownBy(() -> AccessMode.parse("off", host))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PONIX_AUTH=off")
                .hasMessageContaining("PONIX_GRPC_HOST=" + host)
                .hasMessageContaining("off-and-anyone-on-the-network-may-do-everything");
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "OFF", "true", "require"})
    void whatIsNoModeIsNamed(String text) {
        assertThatThrownBy(() -> AccessMode.parse(text, "127.0.0.1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PONIX_AUTH must be one of required, optional, off")
                .hasMessageContaining("'" + text + "'");
    }
}
