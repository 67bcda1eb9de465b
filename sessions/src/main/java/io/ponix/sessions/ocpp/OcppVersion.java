package io.ponix.sessions.ocpp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * A version of OCPP whose messages become sessions by a transform that comes along. It takes the
 * frames of OCPP-J, calls and their results, from the station and to it, each an envelope: {@code
 * [2,"id","TransactionEvent",{…}]}, {@code [3,"id",{…}]}.
 */
public enum OcppVersion {

    /**
     * OCPP 1.6. A session has its id by the answer to StartTransaction, so that answers have to
     * come as well.
     */
    V1_6("1.6"),

    /** OCPP 2.0.1, and 2.1 as far as it says the same. */
    V2_0_1("2.0.1");

    private final String number;

    OcppVersion(String number) {
        this.number = number;
    }

    /** As it is written: {@code 1.6}. */
    public String number() {
        return number;
    }

    /** The transform, in CEL. */
    public String expression() {
        String name = "ocpp-" + number + ".cel";
        try (InputStream text = OcppVersion.class.getResourceAsStream(name)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
