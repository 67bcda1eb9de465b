package io.ponix.jobs.envelope.devices;

import java.io.Serializable;

/**
 * Reads all devices, definitions and organizations at once, for an operator that starts with
 * nothing restored. Whatever changes while and after it reads must reach the operator through the
 * change stream.
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
     * are read; may wait for the database.
     *
     * @throws Exception if the rows cannot be read; the message names the setting to change
     */
    void load(Target target) throws Exception;
}
