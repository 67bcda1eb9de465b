package io.ponix.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {

    private final AllowedHosts none = AllowedHosts.parse("SETTING", "");
    private final AllowedHosts one =
            AllowedHosts.parse("SETTING", " Ponix.example.com, device-service ");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:8080",
                "LOCALHOST.:8080",
                "ponix.localhost:8080",
                "127.0.0.1:50051",
                "192.168.1.5",
                "[::1]:8080",
                "[fe80::1]",
            })
    void whatLeadsNowhereElseIsAllowed(String authority) {
        assertThat(none.includes(authority)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "evil.example",
                "evil.example:8080",
                "localhost.evil.example",
                "evillocalhost",
                "127.0.0.1.evil.example:8080",
                "1.2.3.4.5",
                "user@localhost",
                "localhost:8080:1",
                "localhost evil.example",
                "ponix.example.com",
                "[::1].evil.example",
            })
    void otherNamesAreNot(String authority) {
        assertThat(none.includes(authority)).isFalse();
    }

    @Test
    void aRequestForNoHostIsNoBrowsers() {
        assertThat(none.includes(null)).isTrue();
    }

    @Test
    void namesThatAreListedAre() {
        assertThat(one.includes("ponix.example.com:443")).isTrue();
        assertThat(one.includes("PONIX.EXAMPLE.COM.")).isTrue();
        assertThat(one.includes("device-service:50051")).isTrue();
        assertThat(one.includes("example.com")).isFalse();
        assertThat(one.includes("a.ponix.example.com")).isFalse();
        assertThatThrownBy(() -> AllowedHosts.parse("SETTING", "https://ponix.example.com"))
                .hasMessageContaining("SETTING")
                .hasMessageContaining("without ports");
    }

    @ParameterizedTest
    @CsvSource({
        "http://localhost:8080, localhost:8080, true",
        "http://LOCALHOST:8080, localhost:8080, true",
        "http://localhost, localhost:80, true",
        "https://a.example, a.example, true",
        "https://a.example, a.example:443, true",
        "http://[::1]:8080, [::1]:8080, true",
        "http://localhost:3000, localhost:8080, false",
        "http://127.0.0.1:8080, localhost:8080, false",
        "https://evil.example, localhost:8080, false",
        "null, localhost:8080, false",
        "file://, localhost:8080, false",
        "chrome-extension://localhost:8080, localhost:8080, false",
        "http://localhost:8080.evil.example, localhost:8080, false",
        "http://evil.example@localhost:8080, localhost:8080, false",
        // A proxy has given the request another host.
        "https://ponix.example.com, 127.0.0.1:8080, true",
    })
    void aPageChangesOnlyTheHostThatItIsFrom(String origin, String authority, boolean allowed) {
        assertThat(one.includesPage(origin, authority)).isEqualTo(allowed);
    }
}
