package io.ponix.jobs.envelope.devices;

import java.io.Serializable;
import java.util.List;
import java.util.Set;

/**
 * Reads devices, definitions and organizations from where they are kept, beside the stream of their
 * changes. Whatever changes while and after it reads must reach the operator through that stream.
 */
public interface DeviceLoader extends Serializable {

    /** Takes what was loaded. */
    interface Target {
        /**
         * Takes a row.
         *
         * @throws Exception if it cannot be applied
         */
        void accept(DeviceChange change) throws Exception;
    }

    /**
     * Hands every row to the target, organizations and definitions before devices. Blocks until all
     * are read; may wait for the database, and may hand over rows again that it has handed over
     * before.
     *
     * @return the state of the publication before they were read, which a {@link
     *     DeviceChange.Published} of another is compared with; not empty
     * @throws Exception if the rows cannot be read; the message names the setting to change
     */
    String load(Target target) throws Exception;

    /**
     * The rows of these devices as they are now, after those of their organizations and
     * definitions. A device that does not exist is left out. Blocks; a database that is away is
     * waited for until the thread is interrupted. Called by one thread at a time, another than
     * {@link #load}.
     *
     * @param devices names of any kind; who looks for an external id gets the device that has it
     * @throws InterruptedException if the thread was interrupted
     * @throws Exception if asking again would not help; the message names the setting to change
     */
    List<DeviceChange> lookUp(Set<DeviceName> devices) throws Exception;
}
