package io.ponix.jobs.sessions.store;

import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.clickhouse.sink.RejectedRow;
import io.ponix.connector.clickhouse.sink.RejectedRowHandler;
import io.ponix.jobs.deadletter.DeadLetterPublisher;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;

/**
 * Publishes a dead letter of the envelope that a row came of which ClickHouse refuses for good. The
 * row in Postgres is stored all the same.
 */
public final class RejectedRowDeadLetters implements RejectedRowHandler {

    private static final long serialVersionUID = 1L;

    private final NatsSettings connection;
    private final String deadLetterStream;
    private transient DeadLetterPublisher publisher;

    /**
     * @param connection how to reach the NATS server
     * @param deadLetterStream the stream of dead letters
     */
    public RejectedRowDeadLetters(NatsSettings connection, String deadLetterStream) {
        this.connection = connection;
        this.deadLetterStream = deadLetterStream;
    }

    @Override
    public void open() throws IOException {
        publisher = new DeadLetterPublisher(connection, deadLetterStream);
    }

    @Override
    public void handle(RejectedRow row) throws InterruptedException {
        publisher.publish(
                (String) row.value(SessionTables.STREAM),
                ((BigInteger) row.value(SessionTables.STREAM_SEQUENCE)).longValue(),
                (String) row.value(SessionTables.ORGANIZATION_ID),
                (String) row.value(SessionTables.STATION_ID),
                ((Instant) row.value(SessionTables.RECEIVED_AT)).toEpochMilli(),
                DeadLetterReason.DEAD_LETTER_REASON_REJECTED_BY_STORE,
                "ClickHouse refuses a row of "
                        + row.table()
                        + " with code "
                        + row.errorCode()
                        + ": "
                        + row.errorMessage());
    }

    @Override
    public void close() {
        if (publisher != null) {
            publisher.close();
        }
    }
}
