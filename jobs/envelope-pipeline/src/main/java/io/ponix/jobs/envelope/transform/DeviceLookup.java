package io.ponix.jobs.envelope.transform;

import io.ponix.jobs.envelope.devices.DeviceChange;
import io.ponix.jobs.envelope.devices.DeviceLoader;
import io.ponix.jobs.envelope.devices.DeviceName;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.util.function.ThrowingConsumer;
import org.apache.flink.util.function.ThrowingRunnable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Postgres for devices in a thread of its own, so that the task goes on while the answer is
 * late, and hands the answer to the task's thread. One question at a time. Used by the task's
 * thread only.
 */
final class DeviceLookup implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceLookup.class);

    private final DeviceLoader loader;
    private final MailboxExecutor mailbox;
    private final ExecutorService thread;
    private boolean asking;

    DeviceLookup(DeviceLoader loader, MailboxExecutor mailbox) {
        this.loader = loader;
        this.mailbox = mailbox;
        this.thread =
                Executors.newSingleThreadExecutor(
                        work -> {
                            Thread created = new Thread(work, "device-lookup");
                            created.setDaemon(true);
                            created.setContextClassLoader(getClass().getClassLoader());
                            return created;
                        });
    }

    /** Whether a question is not answered yet. */
    boolean isAsking() {
        return asking;
    }

    /**
     * Asks for devices. Not to be called while another question is open.
     *
     * @param onAnswer is given the rows in the task's thread; a lookup that fails for good fails
     *     the task
     */
    void ask(Set<DeviceName> devices, ThrowingConsumer<List<DeviceChange>, Exception> onAnswer) {
        asking = true;
        thread.execute(() -> lookUp(devices, onAnswer));
    }

    private void lookUp(
            Set<DeviceName> devices, ThrowingConsumer<List<DeviceChange>, Exception> onAnswer) {
        ThrowingRunnable<Exception> answer;
        try {
            List<DeviceChange> found = loader.lookUp(devices);
            answer =
                    () -> {
                        asking = false;
                        onAnswer.accept(found);
                    };
        } catch (InterruptedException e) {
            // Closed: nobody waits for the answer.
            return;
        } catch (Exception e) {
            answer =
                    () -> {
                        throw e;
                    };
        }
        try {
            mailbox.execute(answer, "Devices looked up");
        } catch (RejectedExecutionException e) {
            LOG.debug("The task ended before its devices were looked up", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
