package io.ponix.deviceservice.host;

import io.ponix.deviceservice.request.RequestException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A line of a text of hosts.
 *
 * @param number from 1
 * @param entry empty where it is none
 * @param problem why it is none; empty where it is one
 * @param told the fields that it says something of, empty or not: what else a host has stays
 */
record HostLine(int number, Optional<HostEntry> entry, String problem, Set<HostField> told) {

    /** The field of a request that has the lines. */
    static final String CONTENT = "content";

    static HostLine of(int number, Set<HostField> told, Supplier<HostEntry> entry) {
        try {
            return new HostLine(number, Optional.of(entry.get()), "", told);
        } catch (RequestException e) {
            return new HostLine(number, Optional.empty(), e.getMessage(), told);
        }
    }
}
