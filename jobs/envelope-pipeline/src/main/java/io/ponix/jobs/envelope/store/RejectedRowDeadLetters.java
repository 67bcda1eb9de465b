package io.ponix.jobs.envelope.store;

import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.clickhouse.sink.RejectedRow;
import io.ponix.connector.clickhouse.sink.RejectedRowHandler;
import io.ponix.jobs.deadletter.DeadLetterPublisher;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Instant;

/**
 * Publishes a dead letter for every envelope with a row that ClickHouse refuses for good: the row
 * says which message it was made of, and the message is fetched from its stream again.
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
                (String) row.value(ProcessedEnvelopesTable.STREAM),
                ((BigInteger) row.value(ProcessedEnvelopesTable.STREAM_SEQUENCE)).longValue(),
                (String) row.value(ProcessedEnvelopesTable.ORGANIZATION_ID),
                (String) row.value(ProcessedEnvelopesTable.END_DEVICE_ID),
                ((Instant) row.value(ProcessedEnvelopesTable.RECEIVED_AT)).toEpochMilli(),
                DeadLetterReason.DEAD_LETTER_REASON_REJECTED_BY_STORE,
                (row.rowsOfRecord() == 1
                                ? "ClickHouse refuses the row with code "
                                : "ClickHouse refuses one of the "
                                        + row.rowsOfRecord()
                                        + " rows with code ")
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
