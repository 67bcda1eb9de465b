package io.ponix.deviceservice.host;

import io.ponix.deviceservice.request.RequestException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A line of a text of hosts.
 *
 * @param number from 1
 * @param entry empty where it is none
 * @param problem why it is none; empty where it is one
 */
record HostLine(int number, Optional<HostEntry> entry, String problem) {

    static HostLine of(int number, Supplier<HostEntry> entry) {
        try {
            return new HostLine(number, Optional.of(entry.get()), "");
        } catch (RequestException e) {
            return new HostLine(number, Optional.empty(), e.getMessage());
        }
    }
}
