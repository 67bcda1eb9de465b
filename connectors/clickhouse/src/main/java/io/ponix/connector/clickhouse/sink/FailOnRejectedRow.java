package io.ponix.connector.clickhouse.sink;

import java.io.IOException;

/** Where nobody takes rejected rows, none may disappear: the job fails. */
final class FailOnRejectedRow implements RejectedRowHandler {

    @Override
    public void handle(RejectedRow row) throws IOException {
        throw new IOException(
                "no handler takes rejected rows. Set one with"
                        + " ClickHouseSink.builder().setRejectedRowHandler(…), or mend the row's"
                        + " source or the table");
    }
}
