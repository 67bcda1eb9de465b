package io.ponix.connector.clickhouse.sink;

import io.ponix.client.clickhouse.ClickHouseClient;
import java.io.IOException;
import java.util.Collection;
import java.util.OptionalLong;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.functions.Partitioner;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.InitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.SupportsWriterState;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPreCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * Writes records to a ClickHouse table in large sorted blocks, exactly once.
 *
 * <pre>
 *   … operator ─chained─▶ writer ─────────network──────────▶ committer ──HTTP──▶ ClickHouse
 *                         encodes, sorts, compresses         inserts after the checkpoint,
 *                         → batches in the checkpoint        some batches at a time
 * </pre>
 *
 * <p>The committer is a task of its own: while it inserts the batches of one checkpoint, the writer
 * goes on with the next records.
 *
 * <p><b>Exactly once.</b> A batch becomes part of the checkpoint as the very bytes that will be
 * sent. It is inserted after the checkpoint, as one block, under a token made of its content; every
 * repeat is the same to the last byte, and ClickHouse drops a block whose token it knows. Rows are
 * visible when their checkpoint completed and the insert returned: the checkpoint interval is the
 * latency. While ClickHouse is away, the committer repeats, checkpoints wait, and backpressure
 * reaches the source; nothing is dropped. Let {@code execution.checkpointing.timeout} be longer
 * than an outage that should pass without a restart of the job. After a restart the batches of the
 * checkpoint are inserted again; those that may have outlived ClickHouse's deduplication window are
 * looked for in the table first, if {@link ClickHouseSinkBuilder#setWitnessColumns witness columns}
 * are set.
 *
 * <p><b>What it holds in memory</b>, per subtask: the open batch ({@link
 * ClickHouseSinkBuilder#setMaxBatchBytes}, and a copy while it is sorted); the closed batches of
 * the checkpoint to come, up to {@link ClickHouseSinkBuilder#setMaxPendingBytes} and from there a
 * trickle of 256 KiB/s that lets the barrier through; and in the committer the batches of the
 * checkpoint that is being inserted, and those of the next once it has arrived. A slow ClickHouse
 * makes no more of it: the next checkpoint does not complete, and none after it begins, before the
 * inserts have ended. Until then records flow, and when the writer's batches no longer fit between
 * it and the busy committer, backpressure stops them. Flink holds each batch once more while it
 * writes the checkpoint.
 *
 * <p><b>Replicas.</b> A replica may know an insert's token before it has its rows. Before rows are
 * taken for missing, it has to catch up ({@link io.ponix.connector.clickhouse.table.CurrentReads}).
 *
 * <p><b>Materialized views</b> of the table store every batch once, as it does: their tables
 * recognise a repeat, too, and a repeat completes a view that the server did not come to. A batch
 * whose token one of these tables may have forgotten, as so many others were inserted meanwhile, is
 * looked for in the table and not repeated if it is there. A view that refuses a row lacks the
 * batch; the table has it.
 *
 * <p><b>Many partitions.</b> A checkpoint takes the rows of up to 36 partitions per subtask: the
 * four with the highest numbers, each in an insert of its own, and 32 others, those whose rows have
 * waited longest, in one insert. Rows of further partitions stay open and are part of the
 * checkpoint as the writer's state; a full batch ({@link ClickHouseSinkBuilder#setMaxBatchRows}) is
 * inserted with all of its partitions. So a sender whose rows are of hundreds of partitions waits
 * some checkpoints, and the others do not wait for it.
 *
 * <p><b>At least once.</b> Batches are inserted when they are closed, beside processing; a
 * checkpoint waits for them. Rows are visible within the batch's window; a restart inserts those
 * since the last checkpoint again.
 *
 * <p><b>Rows that ClickHouse refuses for good</b> are found by halving their batch and go to the
 * {@link RejectedRowHandler}; the others of the batch arrive. Errors that pass are repeated for as
 * long as they last. Errors that a person must mend (unknown table or column, wrong password) fail
 * the job with a message that says what to do, and the batches stay in state.
 *
 * <p>{@link #preflight()} checks the table and the user's settings; it runs again before the first
 * insert of every task.
 *
 * @param <IN> the record's type
 */
@PublicEvolving
public final class ClickHouseSink<IN>
        implements Sink<IN>,
                SupportsCommitter<ClickHouseCommittable>,
                SupportsWriterState<IN, ClickHouseCommittable>,
                SupportsPreCommitTopology<ClickHouseCommittable, ClickHouseCommittable> {

    private final ClickHouseRowEncoder<IN> encoder;
    private final TargetTable target;
    private final BatchLimits limits;
    private final InsertConfig config;

    ClickHouseSink(
            ClickHouseRowEncoder<IN> encoder,
            TargetTable target,
            BatchLimits limits,
            InsertConfig config) {
        this.encoder = encoder;
        this.target = target;
        this.limits = limits;
        this.config = config;
    }

    /**
     * Starts a sink.
     *
     * @param <IN> the record's type
     * @return a builder
     */
    public static <IN> ClickHouseSinkBuilder<IN> builder() {
        return new ClickHouseSinkBuilder<>();
    }

    /**
     * Checks that the table exists, has the columns, and that neither its settings nor the user's
     * would break the guarantee. For a job's main method, so that a mistake is seen at submission.
     *
     * @throws io.ponix.connector.clickhouse.table.PreflightException with every problem found and
     *     the statement that mends it
     * @throws io.ponix.client.clickhouse.ClickHouseException if ClickHouse cannot be reached or
     *     refuses the user
     * @throws InterruptedException if the thread was interrupted
     */
    public void preflight() throws IOException, InterruptedException {
        try (ClickHouseClient client = new ClickHouseClient(config.connection())) {
            TablePreflights.check(client, target, config);
        }
    }

    @Override
    public StatefulSinkWriter<IN, ClickHouseCommittable> restoreWriter(
            WriterInitContext context, Collection<ClickHouseCommittable> leftOpen)
            throws IOException {
        ClickHouseWriter<IN> writer = createWriter(context);
        try {
            writer.pass(leftOpen);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while the writer was restored", e);
        }
        return writer;
    }

    @Override
    public SimpleVersionedSerializer<ClickHouseCommittable> getWriterStateSerializer() {
        return new ClickHouseCommittableSerializer();
    }

    @Override
    public ClickHouseWriter<IN> createWriter(WriterInitContext context) {
        MetricGroup group = context.metricGroup().addGroup(ClickHouseSinkMetrics.GROUP);
        ClosedBatches closed =
                config.exactlyOnce()
                        ? new BatchesForCheckpoint(limits.pendingBytes(), group)
                        : new BatchesInsertedAtOnce(
                                new ParallelInserts(
                                        config, new InsertMetrics(group), jobId(context)),
                                limits.pendingBytes(),
                                group);
        BatchBuffer<IN> buffer =
                new BatchBuffer<>(
                        encoder,
                        target,
                        restoredFrom(context.getRestoredCheckpointId()),
                        System::currentTimeMillis);
        return new ClickHouseWriter<>(
                buffer, limits, closed, context.getProcessingTimeService(), context.metricGroup());
    }

    @Override
    public Committer<ClickHouseCommittable> createCommitter(CommitterInitContext context) {
        return new ClickHouseCommitter(
                config,
                new InsertMetrics(context.metricGroup().addGroup(ClickHouseSinkMetrics.GROUP)),
                jobId(context),
                restoredFrom(context.getRestoredCheckpointId()));
    }

    private static String jobId(InitContext context) {
        return context.getJobInfo().getJobId().toHexString();
    }

    private static long restoredFrom(OptionalLong checkpoint) {
        return checkpoint.orElse(ClickHouseCommittable.NOT_RESTORED);
    }

    @Override
    public SimpleVersionedSerializer<ClickHouseCommittable> getCommittableSerializer() {
        return new ClickHouseCommittableSerializer();
    }

    @Override
    public SimpleVersionedSerializer<ClickHouseCommittable> getWriteResultSerializer() {
        return new ClickHouseCommittableSerializer();
    }

    /**
     * Puts a network exchange between writer and committer, or else they would be chained and an
     * insert would stop the records. Not {@code rebalance} or {@code rescale}: all messages of a
     * writer must reach the same committer, at whatever parallelism each of them runs.
     */
    @Override
    public DataStream<CommittableMessage<ClickHouseCommittable>> addPreCommitTopology(
            DataStream<CommittableMessage<ClickHouseCommittable>> batches) {
        return batches.partitionCustom(new BySubtask(), new SubtaskOf());
    }

    private static final class BySubtask implements Partitioner<Integer> {
        @Override
        public int partition(Integer subtask, int committers) {
            return subtask % committers;
        }
    }

    private static final class SubtaskOf
            implements KeySelector<CommittableMessage<ClickHouseCommittable>, Integer> {
        @Override
        public Integer getKey(CommittableMessage<ClickHouseCommittable> message) {
            return message.getSubtaskId();
        }
    }
}
