package io.ponix.client.clickhouse;

import java.io.IOException;

/** A query or insert that ClickHouse refused, or whose answer did not arrive. */
public final class ClickHouseException extends IOException {

    /** {@link #code()} where ClickHouse gave none: network errors, timeouts, proxies. */
    public static final int NO_CODE = 0;

    private final int code;
    private final ErrorClass errorClass;

    ClickHouseException(int code, ErrorClass errorClass, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.errorClass = errorClass;
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
