package io.ponix.cli.stack;

import io.nats.client.Connection;
import io.nats.client.JetStreamApiException;
import io.nats.client.JetStreamManagement;
import io.nats.client.api.AckPolicy;
import io.nats.client.api.ConsumerConfiguration;
import io.nats.client.api.ConsumerInfo;
import io.nats.client.api.DeliverPolicy;
import io.nats.client.api.DiscardPolicy;
import io.nats.client.api.StreamConfiguration;
import io.nats.client.api.StreamInfo;
import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.FileProblem;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What streams and rows take on the disk, how long they are kept, and how fast they grow. */
public final class DiskUse {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration LIFE_OF_A_CONSUMER = Duration.ofSeconds(10);

    private final StackAddresses addresses;
    private final Path home;

    /**
     * @param home the folder of the stack's data
     */
    public DiskUse(StackAddresses addresses, Path home) {
        this.addresses = addresses;
        this.home = home;
    }

    /**
     * One stream, or the table.
     *
     * @param name of the stream or table
     * @param bytes on the disk
     * @param lastHour bytes of what was added in the last hour
     * @param kept for how long, for a person
     */
    public record Store(String name, long bytes, long lastHour, String kept) {}

    /**
     * The streams, and then the table of rows.
     *
     * @throws CommandException if NATS or ClickHouse cannot be asked
     */
    @SuppressWarnings("try") // Closing a connection may be interrupted, like all of this.
    public List<Store> stores() {
        List<Store> stores = new ArrayList<>();
        long firstOfTheHour = Long.MAX_VALUE;
        try (Connection nats = NatsConnection.open(addresses.nats(), "disk")) {
            JetStreamManagement management = nats.jetStreamManagement();
            for (StreamInfo stream : management.getStreams()) {
                long messages = stream.getStreamState().getMsgCount();
                long bytes = stream.getStreamState().getByteCount();
                long ofTheHour = messages == 0 ? 0 : sinceAnHourAgo(management, stream);
                if (stream.getConfiguration().getName().equals(addresses.names().rawStream())) {
                    firstOfTheHour = stream.getStreamState().getLastSequence() - ofTheHour + 1;
                }
                stores.add(
                        new Store(
                                stream.getConfiguration().getName(),
                                bytes,
                                messages == 0 ? 0 : bytes / messages * ofTheHour,
                                kept(stream.getConfiguration())));
            }
        } catch (IOException | JetStreamApiException e) {
            throw new CommandException("NATS does not describe its streams: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("interrupted", e);
        }
        stores.add(table(firstOfTheHour));
        return stores;
    }

    /** The smaller of the disks that data of the stack is on, as far as they can be seen. */
    public DiskForecast forecast(List<Store> stores) {
        long lastHour = stores.stream().mapToLong(Store::lastHour).sum();
        String[] disk =
                new ClickHouseQueries(addresses)
                        .row("SELECT free_space, total_space FROM system.disks ORDER BY 1 LIMIT 1");
        DiskForecast ofTable =
                new DiskForecast(Long.parseLong(disk[0]), Long.parseLong(disk[1]), lastHour);
        DiskForecast ofHome = ofHome(lastHour);
        return ofHome.free() < ofTable.free() ? ofHome : ofTable;
    }

    /** How much room there is on the disk of the stack's folder, which nobody has to be asked. */
    public String room() {
        DiskForecast here = ofHome(0);
        return "%s free of %s"
                .formatted(DiskForecast.size(here.free()), DiskForecast.size(here.total()));
    }

    private DiskForecast ofHome(long lastHour) {
        try {
            FileStore here = Files.getFileStore(home);
            return new DiskForecast(here.getUsableSpace(), here.getTotalSpace(), lastHour);
        } catch (IOException e) {
            throw new CommandException(
                    "cannot tell how full the disk of " + home + " is: " + FileProblem.of(e), e);
        }
    }

    /** A consumer that nobody reads from says how many messages it would give. */
    private static long sinceAnHourAgo(JetStreamManagement management, StreamInfo stream)
            throws IOException, JetStreamApiException {
        String name = stream.getConfiguration().getName();
        ConsumerInfo consumer =
                management.addOrUpdateConsumer(
                        name,
                        ConsumerConfiguration.builder()
                                .ackPolicy(AckPolicy.None)
                                .deliverPolicy(DeliverPolicy.ByStartTime)
                                .startTime(ZonedDateTime.now().minus(HOUR))
                                .inactiveThreshold(LIFE_OF_A_CONSUMER)
                                .memStorage(true)
                                .build());
        management.deleteConsumer(name, consumer.getName());
        return consumer.getNumPending();
    }

    private Store table(long firstOfTheHour) {
        ClickHouseQueries clickHouse = new ClickHouseQueries(addresses);
        String name = addresses.names().table();
        String literal = "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'";
        String[] whole =
                clickHouse.row(
                        "SELECT sum(bytes_on_disk), sum(rows), any(extract(engine_full, ' TTL"
                                + " .*toIntervalSecond\\\\((\\\\d+)\\\\)')) FROM system.parts, (SELECT"
                                + " engine_full FROM system.tables WHERE database ="
                                + " currentDatabase() AND name = "
                                + literal
                                + ") AS definition WHERE active AND database = currentDatabase()"
                                + " AND table = "
                                + literal);
        long bytes = Long.parseLong(whole[0]);
        long rows = Long.parseLong(whole[1]);
        String limit = whole.length < 3 ? "" : whole[2];
        // By the index of sequences: the time of an insert has none.
        String[] added =
                clickHouse.row(
                        "SELECT count() FROM "
                                + clickHouse.table()
                                + " WHERE stream = '"
                                + addresses.names().rawStream()
                                + "' AND stream_sequence >= "
                                + firstOfTheHour);
        return new Store(
                name,
                bytes,
                rows == 0 ? 0 : bytes / rows * Long.parseLong(added[0]),
                kept(limit.isEmpty() ? Duration.ZERO : Duration.ofSeconds(Long.parseLong(limit))));
    }

    /** Whichever of its limits comes first. */
    private static String kept(StreamConfiguration stream) {
        List<String> limits = new ArrayList<>();
        if (!stream.getMaxAge().isZero()) {
            limits.add(kept(stream.getMaxAge()));
        }
        if (stream.getMaxMsgsPerSubject() > 0) {
            limits.add(newest(stream.getMaxMsgsPerSubject()) + " of each subject");
        }
        // A stream that is full refuses what is new, and keeps what it has.
        if (stream.getDiscardPolicy() == DiscardPolicy.Old) {
            if (stream.getMaxMsgs() > 0) {
                limits.add(newest(stream.getMaxMsgs()));
            }
            if (stream.getMaxBytes() > 0) {
                limits.add("the newest " + DiskForecast.size(stream.getMaxBytes()));
            }
        }
        return limits.isEmpty() ? kept(Duration.ZERO) : String.join(", ", limits);
    }

    private static String newest(long messages) {
        return messages == 1 ? "the newest" : "the newest %,d".formatted(messages);
    }

    private static String kept(Duration limit) {
        if (limit.isZero()) {
            return "for ever";
        }
        return String.format(
                Locale.ROOT,
                "for %s",
                limit.toDays() > 0 ? limit.toDays() + " days" : limit.toHours() + " hours");
    }
}
