package io.ponix.deviceservice.access;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Whether a credential is asked for: {@code PONIX_AUTH}. */
public enum AccessMode {
    /** Nobody is called without one. */
    REQUIRED("required"),
    /**
     * Who has one is held to it; who has none may do everything. For the time until all have one.
     */
    OPTIONAL("optional"),
    /** Anyone may do everything, and can only reach the service on the machine it runs on. */
    OFF("off"),
    /** As {@link #OFF}, at an address that others reach. */
    OFF_ON_THE_NETWORK("off-and-anyone-on-the-network-may-do-everything");

    /** The variable that says it. */
    public static final String VARIABLE = "PONIX_AUTH";

    private final String text;

    AccessMode(String text) {
        this.text = text;
    }

    /**
     * Reads what the variable says.
     *
     * @param text empty: {@code off} where only this machine reaches the service, else {@code
     *     required}
     * @param host the address that the service is to listen on
     * @throws IllegalArgumentException when it is no mode, or {@code off} where others reach it
     */
    public static AccessMode parse(String text, String host) {
        if (text.isEmpty()) {
            return isLoopback(host) ? OFF : REQUIRED;
        }
        AccessMode mode =
                Arrays.stream(values())
                        .filter(each -> each.text.equals(text))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new IllegalArgumentException(
                                                VARIABLE
                                                        + " must be one of "
                                                        + Arrays.stream(values())
                                                                .map(each -> each.text)
                                                                .collect(Collectors.joining(", "))
                                                        + ", not '"
                                                        + text
                                                        + "'"));
        if (mode == OFF && !isLoopback(host)) {
            throw new IllegalArgumentException(
                    VARIABLE
                            + "=off where others reach the service (PONIX_GRPC_HOST="
                            + host
                            + ") would let anyone alter everything: make it 'required', listen on"
                            + " 127.0.0.1, or say '"
                            + OFF_ON_THE_NETWORK.text
                            + "'");
        }
        return mode;
    }

    /** Whether who has no credential may do everything. */
    boolean letsAnyoneIn() {
        return this != REQUIRED;
    }

    /** Whether credentials are looked at. */
    boolean readsCredentials() {
        return this == REQUIRED || this == OPTIONAL;
    }

    private static boolean isLoopback(String host) {
        try {
            return Arrays.stream(InetAddress.getAllByName(host))
                    .allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            return false; // it is told when the service is to listen there
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
