package io.ponix.client.postgres;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/** What connections demand of TLS; the names are those of Postgres itself. */
@API(status = Status.EXPERIMENTAL)
public enum SslMode {
    /** None. */
    DISABLE,
    /** Only where the server insists on it. */
    ALLOW,
    /** Where the server has it; nothing is checked. */
    PREFER,
    /** Always; whose certificate it is, is not looked at. */
    REQUIRE,
    /** Always, with a certificate that an authority vouches for. */
    VERIFY_CA,
    /** Always, with a certificate that an authority vouches for and that names the host. */
    VERIFY_FULL;

    /**
     * Reads a mode as Postgres writes it, for instance {@code verify-full}.
     *
     * @throws IllegalArgumentException if there is none of that name; the message lists them
     */
    static SslMode parse(String text) {
        for (SslMode mode : values()) {
            if (mode.toString().equals(text)) {
                return mode;
            }
        }
        throw new IllegalArgumentException(
                "must be one of "
                        + Arrays.stream(values())
                                .map(SslMode::toString)
                                .collect(Collectors.joining(", "))
                        + ", but is '"
                        + text
                        + "'");
    }

    /** Whether a connection without TLS is refused. */
    boolean isRequired() {
        return compareTo(REQUIRE) >= 0;
    }

    /** Whether the server's certificate is checked. */
    boolean isVerified() {
        return compareTo(VERIFY_CA) >= 0;
    }

    /** As Postgres writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
