package io.ponix.client.clickhouse;

import io.ponix.client.tls.TlsException;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/** A query or insert that ClickHouse refused, or whose answer did not arrive. */
@API(status = Status.EXPERIMENTAL)
public final class ClickHouseException extends IOException {

    /** {@link #code()} where ClickHouse gave none: network errors, timeouts, proxies. */
    public static final int NO_CODE = 0;

    private static final int UNKNOWN_USER = 192;
    private static final int WRONG_PASSWORD = 193;
    private static final int AUTHENTICATION_FAILED = 516;

    private final int code;
    private final ErrorClass errorClass;
    private final boolean aboutTls;

    ClickHouseException(int code, ErrorClass errorClass, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.errorClass = errorClass;
        this.aboutTls =
                Stream.iterate(cause, Objects::nonNull, Throwable::getCause)
                        .anyMatch(
                                each ->
                                        each instanceof CertificateException
                                                || each instanceof TlsException);
    }

    /** Whether the server is not trusted, or a file for TLS cannot be used. */
    boolean isAboutTls() {
        return aboutTls;
    }

    /**
     * The variables that a person should look at when a first request was refused.
     *
     * @return at least one
     */
    public List<ClickHouseVariable> toBlame() {
        if (aboutTls) {
            return List.of(ClickHouseVariable.TLS_TRUSTSTORE, ClickHouseVariable.TLS_KEYSTORE);
        }
        return switch (code) {
            case AUTHENTICATION_FAILED, UNKNOWN_USER, WRONG_PASSWORD ->
                    List.of(ClickHouseVariable.USERNAME, ClickHouseVariable.PASSWORD);
            case NO_CODE -> List.of(ClickHouseVariable.URL);
            default -> List.of(ClickHouseVariable.URL, ClickHouseVariable.DATABASE);
        };
    }

    /**
     * ClickHouse's numeric code.
     *
     * @return the code, or {@link #NO_CODE}
     */
    public int code() {
        return code;
    }

    /**
     * What has to happen now.
     *
     * @return the class of the error
     */
    public ErrorClass errorClass() {
        return errorClass;
    }
}
