package io.ponix.bridge.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EvaluationThreadsTest {

    private final EvaluationThreads threads = new EvaluationThreads();

    @AfterEach
    void close() {
        threads.close();
    }

    @Test
    void theTasksOfAGatewayRunInTheirOrderOneAfterTheOther() throws InterruptedException {
        int gateways = 20;
        int each = 2_000;
        List<List<Integer>> ran = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(gateways * each);
        for (int i = 0; i < gateways; i++) {
            ran.add(new ArrayList<>());
        }
        for (int j = 0; j < each; j++) {
            for (int i = 0; i < gateways; i++) {
                // Not safe for use by two threads at once, as the tasks of a gateway need not be.
                List<Integer> numbers = ran.get(i);
                int number = j;
                threads.execute(
                        "gateway-" + i,
                        () -> {
                            numbers.add(number);
                            done.countDown();
                        });
            }
        }
        done.await();
        for (List<Integer> numbers : ran) {
            assertThat(numbers).hasSize(each).isSorted();
        }
    }

    @Test
    void gatewaysWhoseTasksAreLongDoNotHoldUpOthers() throws InterruptedException {
        int burning = 10 * Runtime.getRuntime().availableProcessors();
        Semaphore ends = new Semaphore(0);
        CountDownLatch begun = new CountDownLatch(burning);
        for (int i = 0; i < burning; i++) {
            String gateway = "burning-" + i;
            threads.execute(gateway, EvaluationThreadsTest::burn);
            threads.execute(
                    gateway,
                    () -> {
                        begun.countDown();
                        ends.acquireUninterruptibly();
                    });
        }
        // One of them is in a task that does not end.
        while (begun.getCount() == burning) {
            Thread.onSpinWait();
        }
        CountDownLatch good = new CountDownLatch(100);
        for (int i = 0; i < 100; i++) {
            threads.execute("good", good::countDown);
        }
        good.await();
        assertThat(begun.getCount()).as("tasks that have not even begun").isPositive();
        ends.release(burning);
        begun.await();
    }

    @Test
    void aGatewayThatIsOftenInterruptedByOthersIsNotHeldUpByThoseWhoseTasksAreLong()
            throws InterruptedException {
        Semaphore ends = new Semaphore(0);
        CountDownLatch begun = new CountDownLatch(1);
        threads.execute("burning", EvaluationThreadsTest::burn);
        threads.execute(
                "burning",
                () -> {
                    begun.countDown();
                    ends.acquireUninterruptibly();
                });
        begun.await();
        CountDownLatch good = new CountDownLatch(20);
        for (int i = 0; i < 20; i++) {
            threads.execute(
                    "good",
                    () -> {
                        // As a thread that waits for a processor.
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
                        good.countDown();
                    });
        }
        try {
            assertThat(good.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            ends.release();
        }
    }

    /** Of processor time. */
    private static void burn() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long end = threads.getCurrentThreadCpuTime() + TimeUnit.MILLISECONDS.toNanos(100);
        while (threads.getCurrentThreadCpuTime() < end) {
            Thread.onSpinWait();
        }
    }
}
