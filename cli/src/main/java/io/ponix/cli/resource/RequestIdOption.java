package io.ponix.cli.resource;

import com.google.protobuf.Message;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import picocli.CommandLine.Option;

/** By which name a change happens once. */
final class RequestIdOption {

    private static final int LONGEST = 64;

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description =
                    "A name of your own for this change: the same again, within a day, changes nothing twice and"
                            + " says the same.")
    private String requestId = "";

    boolean isGiven() {
        return !requestId.isEmpty();
    }

    /** The name of a part of the change, which is several calls; empty where none is given. */
    String ofPart(int number) {
        if (!isGiven()) {
            return "";
        }
        String part = requestId + "-" + number;
        return part.length() <= LONGEST
                ? part
                : UUID.nameUUIDFromBytes(part.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /** Has a request, one that has the field, say it. */
    <B extends Message.Builder> B on(B request) {
        return set(request, "request_id", requestId);
    }

    static <B extends Message.Builder> B set(B request, String field, Object value) {
        request.setField(request.getDescriptorForType().findFieldByName(field), value);
        return request;
    }
}
