package io.ponix.jobs.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.nats.client.Connection;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.ponix.client.nats.NatsSettings;
import io.ponix.embedded.nats.EmbeddedNats;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leases on a real server. */
class LeaseHolderITCase {

    private static final LeaseTerms TERMS =
            new LeaseTerms(
                    Duration.ofMillis(200),
                    Duration.ofSeconds(2),
                    Duration.ofMillis(50),
                    Duration.ofSeconds(5));
    private static final LeaseKey KEY = LeaseKey.pipeline("raw", "ponix", "a table. of *any* name");

    @TempDir Path home;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledExecutorService renewals = Executors.newScheduledThreadPool(2);
    private final List<AutoCloseable> opened = new ArrayList<>();
    private EmbeddedNats nats;

    @BeforeEach
    void startServer() {
        nats = EmbeddedNats.builder().home(home).build();
        nats.start();
    }

    @AfterEach
    void stopServer() throws Exception {
        threads.shutdownNow();
        renewals.shutdownNow();
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
        nats.close();
    }

    /**
     * Again and again, because nats-server 2.9 crashes of it now and then, where it is not spared.
     */
    @RepeatedTest(5)
    void ofManyAtTheSameMomentOneHoldsItAndTheOthersAreToldWho() throws Exception {
        int rivals = 8;
        CountDownLatch start = new CountDownLatch(1);
        List<Future<String>> outcomes = new ArrayList<>();
        for (int number = 0; number < rivals; number++) {
            String name = "job-" + number;
            LeaseHolder rival = holder(name);
            outcomes.add(
                    threads.submit(
                            () -> {
                                start.await();
                                try {
                                    rival.acquire();
                                } catch (NoLeaseException e) {
                                    return e.getMessage();
                                }
                                keepRenewing(rival);
                                return name;
                            }));
        }
        start.countDown();
        List<String> results = new ArrayList<>();
        for (Future<String> outcome : outcomes) {
            results.add(outcome.get());
        }
        List<String> winners = results.stream().filter(r -> r.startsWith("job-")).toList();
        assertThat(winners).as(results.toString()).hasSize(1);
        assertThat(results)
                .filteredOn(result -> !winners.contains(result))
                .hasSize(rivals - 1)
                .allSatisfy(result -> assertThat(result).contains("is run by " + winners.get(0)));
        assertThat(current().epoch()).isEqualTo(1);
    }

    @Test
    void onlyWhoWasAliveLatelyAndGaveNothingBackMayStillBeConnected() throws Exception {
        assertThat(hasPredecessor(false)).as("nobody was before").isFalse();
        LeaseHolder first = holder("first");
        first.acquire();
        first.release();
        assertThat(hasPredecessor(false)).as("given back").isFalse();

        LeaseHolder second = holder("second");
        second.acquire();
        assertThat(hasPredecessor(true)).as("to be replaced").isTrue();
        assertThat(hasPredecessor(false)).as("killed").isTrue();
        holder("next").acquire();
        assertThat(hasPredecessor(false)).as("an earlier run of its own").isTrue();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> {
                            assertThat(hasPredecessor(false)).as("of its own, long ago").isFalse();
                            assertThat(hasPredecessor(true)).as("long ago").isFalse();
                        });
    }

    @Test
    void whatWasGivenBackIsTakenAtOnceAndItsEpochGrows() throws Exception {
        LeaseHolder first = holder("first");
        first.acquire();
        first.release();
        assertThat(current().isHeld()).isFalse();

        holder("second").acquire();
        assertThat(current().isHeldBy("second")).isTrue();
        assertThat(current().epoch()).isEqualTo(2);
        assertThat(current().replaced()).isEmpty();
        // Late, and of no effect.
        first.release();
        assertThat(current().isHeldBy("second")).isTrue();
    }

    @Test
    void theSameJobOnAnotherJobManagerDoesNotWaitAndIsNotDisturbedByItsFormerSelf()
            throws Exception {
        LeaseHolder former = holder("job");
        former.acquire();
        LeaseHolder latter = holder("job");
        latter.acquire();
        assertThat(current().epoch()).isEqualTo(2);

        former.renew();
        former.release();
        latter.renew();
        assertThat(current().isHeldBy("job")).isTrue();
        assertThat(current().epoch()).isEqualTo(2);
    }

    @Test
    void oneThatGivesNoSignOfLifeIsReplacedAndLearnsOfIt() throws Exception {
        LeaseHolder silent = holder("silent");
        silent.acquire();
        long before = System.nanoTime();
        LeaseHolder next = holder("next");
        next.acquire();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(TERMS.timeToLive());
        assertThat(current().replaced()).isEqualTo("silent");

        assertThatThrownBy(silent::renew)
                .isInstanceOf(NoLeaseException.class)
                .hasMessageContaining("replaced")
                .hasMessageContaining("is run by next");
        silent.release();
        assertThat(current().isHeldBy("next")).isTrue();
    }

    @Test
    void onlyTheOneThatWasMeantIsReplacedWithoutWaiting() throws Exception {
        LeaseHolder meant = holder("meant");
        meant.acquire();
        Replaceable replaceable = Replaceable.inAnyCase(current());
        meant.renew();
        LeaseHolder next = holder("next", Optional.of(replaceable));
        next.acquire();
        assertThat(current().isHeldBy("next")).isTrue();

        // Submitted at the same moment with the same intention: it was too late.
        keepRenewing(next);
        assertThatThrownBy(() -> holder("late", Optional.of(replaceable)).acquire())
                .isInstanceOf(NoLeaseException.class)
                .hasMessageContaining("is run by next");
    }

    @Test
    void whileTheServerIsAwayTheHolderStaysAndNobodyTakesItsPlace() throws Exception {
        LeaseHolder holder = holder("holder");
        holder.acquire();
        AtomicLong clock = new AtomicLong();
        Semaphore looks = new Semaphore(0);
        LeaseHolder rival =
                new LeaseHolder(
                        new LeaseStore(connection()),
                        KEY,
                        TERMS,
                        "rival",
                        1,
                        Optional.empty(),
                        () -> {
                            looks.release();
                            return clock.get();
                        });
        Future<?> attempt =
                threads.submit(
                        () -> {
                            rival.acquire();
                            return null;
                        });
        // It has seen the holder once, and looks again.
        looks.acquire(2);
        nats.freeze();
        holder.renew();
        // Longer than the time to live: the rival could not look, and does not count it.
        clock.addAndGet(2 * TERMS.timeToLive().toNanos());
        nats.resume();
        looks.drainPermits();
        await().until(() -> attempt.isDone() || looks.availablePermits() > 2);
        keepRenewing(holder);
        assertThatThrownBy(attempt::get).hasMessageContaining("is run by holder");
    }

    @Test
    void aStoreThatWentBackBelongsToTheNewestHolder() throws Exception {
        LeaseHolder older = holder("older");
        older.acquire();
        Path copy = home.resolve("copy");
        nats.kill();
        copy(home.resolve("nats"), copy);
        nats.start();
        LeaseHolder newer = holder("newer", Optional.of(Replaceable.inAnyCase(awaitCurrent())));
        newer.acquire();
        assertThat(current().epoch()).isEqualTo(2);

        nats.kill();
        delete(home.resolve("nats"));
        copy(copy, home.resolve("nats"));
        nats.start();
        assertThat(awaitCurrent().isHeldBy("older")).isTrue();

        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> {
                            newer.renew();
                            assertThat(current().isHeldBy("newer")).isTrue();
                        });
        assertThat(current().epoch()).isEqualTo(3);
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () ->
                                assertThatThrownBy(older::renew)
                                        .isInstanceOf(NoLeaseException.class)
                                        .hasMessageContaining("is run by newer"));
    }

    @Test
    void aStreamThatWasDeletedIsMadeAgain() throws Exception {
        LeaseHolder holder = holder("holder");
        holder.acquire();
        connection().jetStreamManagement().deleteStream(LeaseStore.STREAM);
        holder.renew();
        assertThat(current().isHeldBy("holder")).isTrue();
        assertThat(current().epoch()).isEqualTo(2);
    }

    @Test
    void theGateOpensForTheHolderAlone() throws Exception {
        LeaseHolder first = holder("first");
        first.acquire();
        try (LeaseGate gate = gate("first");
                LeaseGate other = gate("second")) {
            gate.await();
            Future<Lease> waiting = threads.submit(other::awaitLease);
            LeaseHolder second = holder("second", Optional.of(Replaceable.inAnyCase(current())));
            assertThat(waiting).isNotDone();
            second.acquire();
            assertThat(waiting.get().replaced()).isEqualTo("first");

            Future<Lease> fenced = threads.submit(gate::awaitLease);
            // Whatever happens in between, it is not let through while another one holds it.
            second.renew();
            other.await();
            assertThat(fenced).isNotDone();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Ponix-Lease-Holder: me", "Some: größe", "no colon"})
    void aMessageThatIsNoLeaseIsWrittenOverByTheHolder(String header) throws Exception {
        LeaseHolder holder = holder("holder");
        holder.acquire();
        publishRaw(header);
        try (LeaseGate gate = gate("holder")) {
            Future<Lease> fenced = threads.submit(gate::awaitLease);
            assertThat(current().isHeldBy("holder")).isFalse();
            assertThat(current().holder()).contains("ponix_leases is no lease");
            assertThat(fenced).as("nothing is inserted meanwhile").isNotDone();
            holder.renew();
            assertThat(fenced.get().isHeldBy("holder")).isTrue();
            assertThat(fenced.get().epoch()).isGreaterThan(1);
        }
    }

    @Test
    void whereNobodyWritesOverAMessageThatIsNoLeaseItIsTakenInTheEnd() throws Exception {
        LeaseHolder gone = holder("gone");
        gone.acquire();
        publishRaw("");
        LeaseHolder next = holder("next");
        next.acquire();
        assertThat(current().isHeldBy("next")).isTrue();
        assertThatThrownBy(gone::renew)
                .isInstanceOf(NoLeaseException.class)
                .hasMessageContaining("next");
    }

    /** As somebody would who does not use the client library. */
    private void publishRaw(String header) throws Exception {
        long before = lastSequence();
        byte[] headers =
                header.isEmpty()
                        ? new byte[0]
                        : ("NATS/1.0\r\n" + header + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket("127.0.0.1", nats.port())) {
            String line =
                    header.isEmpty()
                            ? "PUB %s 0\r\n".formatted(KEY.subject())
                            : "HPUB %s %d %d\r\n"
                                    .formatted(KEY.subject(), headers.length, headers.length);
            socket.getOutputStream()
                    .write(
                            "CONNECT {\"headers\":true}\r\n%s"
                                    .formatted(line)
                                    .getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(headers);
            socket.getOutputStream().write("\r\n".getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(lastSequence()).isEqualTo(before + 1));
        }
    }

    private long lastSequence() throws Exception {
        return connection()
                .jetStreamManagement()
                .getStreamInfo(LeaseStore.STREAM)
                .getStreamState()
                .getLastSequence();
    }

    private LeaseHolder holder(String name) throws Exception {
        return holder(name, Optional.empty());
    }

    private LeaseHolder holder(String name, Optional<Replaceable> mayReplace) throws Exception {
        return new LeaseHolder(new LeaseStore(connection()), KEY, TERMS, name, 1, mayReplace);
    }

    private LeaseGate gate(String name) {
        return lease().openGate(name);
    }

    private JobLease lease() {
        return new JobLease(NatsSettings.forServers(nats.url()), KEY, TERMS);
    }

    /** Whether a submission has to reckon with connections of a job before it. */
    private boolean hasPredecessor(boolean takeOver) throws Exception {
        return lease().check(connection(), 1, takeOver, Optional.of("next"), progress -> {});
    }

    private void keepRenewing(LeaseHolder holder) {
        renewals.scheduleAtFixedRate(
                () -> {
                    try {
                        holder.renew();
                    } catch (NoLeaseException e) {
                        throw new IllegalStateException(e);
                    }
                },
                0,
                TERMS.renewal().toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private Lease current() throws Exception {
        return new LeaseStore(connection()).find(KEY).orElseThrow();
    }

    /** Of a server that has just been started. */
    private Lease awaitCurrent() {
        return await().atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(this::current, lease -> true);
    }

    private Connection connection() throws Exception {
        Connection connection =
                Nats.connect(
                        new Options.Builder()
                                .server(nats.url())
                                .maxReconnects(-1)
                                .reconnectWait(Duration.ofMillis(100))
                                .errorListener(new ErrorListener() {})
                                .build());
        opened.add(connection);
        return connection;
    }

    private static void copy(Path from, Path to) throws Exception {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    private static void delete(Path folder) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
