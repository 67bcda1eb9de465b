package io.ponix.jobs.sessions.store;

import io.ponix.client.postgres.PostgresSettings;
import java.io.IOException;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.jdbc.JdbcExecutionOptions;
import org.apache.flink.connector.jdbc.core.datastream.sink.JdbcSink;
import org.apache.flink.connector.jdbc.datasource.statements.JdbcQueryStatement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes into Postgres at least once: each checkpoint waits until what came before it is there.
 * While Postgres is away the job restarts, and goes on from the last checkpoint when it is back.
 *
 * @param <IN> what is written
 */
public final class PostgresSink<IN> implements Sink<IN> {

    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(PostgresSink.class);

    private static final int BATCH_ROWS = 1_000;

    /** With a second more before each. */
    private static final int RETRIES = 3;

    private final JdbcSink<IN> sink;

    /**
     * @param statement must do no harm where it is executed again
     */
    public PostgresSink(PostgresSettings postgres, JdbcQueryStatement<IN> statement) {
        sink =
                JdbcSink.<IN>builder()
                        .withQueryStatement(statement)
                        .withExecutionOptions(
                                JdbcExecutionOptions.builder()
                                        .withBatchSize(BATCH_ROWS)
                                        // By checkpoints, and by no thread of its own, whose errors
                                        // nobody could mend.
                                        .withBatchIntervalMs(0)
                                        .withMaxRetries(RETRIES)
                                        .build())
                        .buildAtLeastOnce(new PrimaryConnection(postgres));
    }

    @Override
    public SinkWriter<IN> createWriter(WriterInitContext context) throws IOException {
        return new Writer<>(sink.createWriter(context));
    }

    /**
     * Closes whatever happens: that of the connector writes once more, and an error there would be
     * the end of the TaskManager with all of its jobs.
     */
    private record Writer<IN>(SinkWriter<IN> writer) implements SinkWriter<IN> {

        @Override
        public void write(IN element, Context context) throws IOException, InterruptedException {
            writer.write(element, context);
        }

        @Override
        public void flush(boolean endOfInput) throws IOException, InterruptedException {
            writer.flush(endOfInput);
        }

        @Override
        public void close() {
            try {
                writer.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                LOG.warn("What Postgres did not take comes again: {}", e.toString());
            }
        }
    }
}
