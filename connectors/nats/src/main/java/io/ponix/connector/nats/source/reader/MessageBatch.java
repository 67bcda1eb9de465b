package io.ponix.connector.nats.source.reader;

import io.nats.client.Message;
import io.nats.client.impl.Headers;
import io.ponix.connector.nats.source.split.JetStreamSplit;
import java.util.Arrays;
import java.util.Set;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;

/**
 * Messages of one split on their way from the fetcher to the task. The batch is its own view of the
 * current message: nothing is allocated per message.
 *
 * <p>Filled by the fetcher's thread, then handed over and read by the task's.
 */
final class MessageBatch implements RecordsWithSplitIds<FetchedMessage>, FetchedMessage {

    /** Most batches on a quiet stream hold a message or two. */
    private static final int INITIAL_CAPACITY = 16;

    private static final byte[] NO_DATA = new byte[0];

    private final JetStreamSplit split;
    private final ReceivedSubject receivedSubject = new ReceivedSubject();
    private Message[] messages = new Message[INITIAL_CAPACITY];
    private long[] sequences = new long[INITIAL_CAPACITY];
    private long[] timestamps = new long[INITIAL_CAPACITY];
    private long streamCreatedNanos;
    private int rewinds;
    private long sharedBefore;
    private int size;
    private long bytes;
    private boolean splitFinished;

    private boolean splitReturned;
    private int current = -1;

    MessageBatch(JetStreamSplit split) {
        this.split = split;
    }

    void add(Message message, long sequence, long timestampNanos) {
        if (size == messages.length) {
            messages = Arrays.copyOf(messages, 4 * size);
            sequences = Arrays.copyOf(sequences, 4 * size);
            timestamps = Arrays.copyOf(timestamps, 4 * size);
        }
        messages[size] = message;
        sequences[size] = sequence;
        timestamps[size] = timestampNanos;
        size++;
        bytes += message.getData() == null ? 0 : message.getData().length;
    }

    /**
     * Tells the task about the stream although no message of it is there, see {@link
     * FetchedMessage}.
     */
    void addNotice() {
        sequences[size] = 0;
        messages[size] = null;
        size++;
    }

    /** All messages of a batch come from one consumer, and so from one stream. */
    void setStreamCreatedNanos(long createdNanos) {
        streamCreatedNanos = createdNanos;
    }

    /** All messages of a batch belong to one history, see {@link FetchedMessage}. */
    void setHistory(int rewindsSoFar, long sharedBeforeSequence) {
        rewinds = rewindsSoFar;
        sharedBefore = sharedBeforeSequence;
    }

    int size() {
        return size;
    }

    /** Payload bytes held. */
    long bytes() {
        return bytes;
    }

    /** Marks the split as read to its end with this batch. */
    void finishSplit() {
        splitFinished = true;
    }

    boolean isSplitFinished() {
        return splitFinished;
    }

    @Override
    public String nextSplit() {
        if (splitReturned || size == 0) {
            return null;
        }
        splitReturned = true;
        return split.splitId();
    }

    @Override
    public FetchedMessage nextRecordFromSplit() {
        if (current >= 0) {
            messages[current] =
                    null; // what has been emitted need not wait for the rest of the batch to be
            // collected
        }
        current++;
        return current < size ? this : null;
    }

    @Override
    public Set<String> finishedSplits() {
        return splitFinished ? Set.of(split.splitId()) : Set.of();
    }

    @Override
    public String stream() {
        return split.stream();
    }

    @Override
    public String subject() {
        return receivedSubject.decode(messages[current].getSubject());
    }

    @Override
    public boolean isMessage() {
        return messages[current] != null;
    }

    @Override
    public long sequence() {
        return sequences[current];
    }

    @Override
    public long streamCreatedNanos() {
        return streamCreatedNanos;
    }

    @Override
    public int rewinds() {
        return rewinds;
    }

    @Override
    public long sharedBefore() {
        return sharedBefore;
    }

    @Override
    public long timestampNanos() {
        return timestamps[current];
    }

    @Override
    public byte[] data() {
        byte[] data = messages[current].getData();
        return data == null ? NO_DATA : data;
    }

    @Override
    public Headers headers() {
        return messages[current].getHeaders();
    }
}
