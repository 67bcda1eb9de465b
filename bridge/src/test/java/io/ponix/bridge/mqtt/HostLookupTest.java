package io.ponix.bridge.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class HostLookupTest {

    private static final int MANY = 200;
    private static final long SECONDS = 10;

    @Test
    void hostsThatWereUnknownHoldUpNoOther() throws Exception {
        AtomicBoolean isSlow = new AtomicBoolean();
        CountDownLatch answers = new CountDownLatch(1);
        HostLookup.Resolver resolver =
                host -> {
                    if (host.startsWith("nowhere")) {
                        if (isSlow.get()) {
                            await(answers);
                        }
                        throw new UnknownHostException(host);
                    }
                };
        try (HostLookup hosts = new HostLookup(resolver)) {
            for (CompletableFuture<Void> lookup : lookUpMany(hosts)) {
                assertThatThrownBy(() -> lookup.get(SECONDS, TimeUnit.SECONDS))
                        .isInstanceOf(ExecutionException.class)
                        .hasCauseInstanceOf(UnknownHostException.class);
            }
            // Then nobody answers of them, as a server of names does that is away.
            isSlow.set(true);
            List<CompletableFuture<Void>> waiting = lookUpMany(hosts);

            hosts.find("broker").get(SECONDS, TimeUnit.SECONDS);
            assertThat(waiting).noneMatch(CompletableFuture::isDone);
            answers.countDown();
        }
    }

    private static List<CompletableFuture<Void>> lookUpMany(HostLookup hosts) {
        List<CompletableFuture<Void>> lookups = new ArrayList<>();
        for (int each = 0; each < MANY; each++) {
            lookups.add(hosts.find("nowhere-" + each));
        }
        return lookups;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
