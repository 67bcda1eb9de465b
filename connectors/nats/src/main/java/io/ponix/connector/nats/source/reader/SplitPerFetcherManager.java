package io.ponix.connector.nats.source.reader;

import io.ponix.connector.nats.source.split.JetStreamSplit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.source.reader.fetcher.SplitFetcher;
import org.apache.flink.connector.base.source.reader.fetcher.SplitFetcherManager;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;

/**
 * One fetcher thread per split: each waits on its own subscription, and the queue to the task,
 * which serves waiting fetchers in turn, keeps a busy split from starving the others.
 */
final class SplitPerFetcherManager extends SplitFetcherManager<FetchedMessage, JetStreamSplit> {

    private final Map<String, SplitFetcher<FetchedMessage, JetStreamSplit>> fetcherOfSplit =
            new HashMap<>();

    SplitPerFetcherManager(
            Supplier<SplitReader<FetchedMessage, JetStreamSplit>> splitReaders,
            Configuration configuration) {
        super(splitReaders, configuration);
    }

    @Override
    public void addSplits(List<JetStreamSplit> splits) {
        for (JetStreamSplit split : splits) {
            SplitFetcher<FetchedMessage, JetStreamSplit> fetcher = createSplitFetcher();
            fetcherOfSplit.put(split.splitId(), fetcher);
            fetcher.addSplits(List.of(split));
            startFetcher(fetcher);
        }
    }

    @Override
    public void removeSplits(List<JetStreamSplit> splits) {
        for (JetStreamSplit split : splits) {
            SplitFetcher<FetchedMessage, JetStreamSplit> fetcher =
                    fetcherOfSplit.remove(split.splitId());
            if (fetcher != null) {
                fetcher.removeSplits(List.of(split));
            }
        }
    }

    /**
     * Tells the readers directly. The inherited way wakes a fetcher that waits for room in the
     * queue to the task, and the queue (Flink 2.3) then keeps its place in the line: the next free
     * place is given to the fetcher that has gone, and those behind it wait for ever if the paused
     * splits wait for them.
     */
    @Override
    public void pauseOrResumeSplits(
            Collection<String> splitsToPause, Collection<String> splitsToResume) {
        splitsToPause.forEach(split -> setPaused(split, true));
        splitsToResume.forEach(split -> setPaused(split, false));
    }

    private void setPaused(String splitId, boolean paused) {
        SplitFetcher<FetchedMessage, JetStreamSplit> fetcher = fetcherOfSplit.get(splitId);
        if (fetcher != null) {
            ((JetStreamSplitReader) fetcher.getSplitReader()).setPaused(paused);
        }
    }
}
