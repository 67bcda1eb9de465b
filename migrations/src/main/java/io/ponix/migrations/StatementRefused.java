package io.ponix.migrations;

import io.ponix.client.clickhouse.ClickHouseException;

/** A statement that ClickHouse refused, or did not answer. */
final class StatementRefused extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int code;

    StatementRefused(ClickHouseException cause) {
        super(cause.getMessage(), cause);
        this.code = cause.code();
    }

    /** ClickHouse's numeric code, or {@link ClickHouseException#NO_CODE}. */
    int code() {
        return code;
    }
}
