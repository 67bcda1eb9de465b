package io.ponix.bridge.http;

import com.google.gson.JsonObject;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Why a request is not fulfilled. Its body is the form of AIP-193: {@code {"error": {"code": 400,
 * "status": "INVALID_ARGUMENT", "message": "…"}}}.
 */
final class HttpProblem extends Exception {

    private static final long serialVersionUID = 1L;

    /** In characters; what a sender has sent may be repeated in it. */
    private static final int LONGEST_MESSAGE = 1_000;

    private final int code;
    private final String status;
    private final int retryAfterSeconds;

    private HttpProblem(int code, String status, String message, int retryAfterSeconds) {
        super(shortened(message), null, false, false);
        this.code = code;
        this.status = status;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    private static String shortened(String message) {
        return message.length() <= LONGEST_MESSAGE
                ? message
                : message.substring(0, LONGEST_MESSAGE) + "…";
    }

    /** The request itself is wrong; the message names the place. */
    static HttpProblem invalid(String message) {
        return new HttpProblem(HttpStatus.BAD_REQUEST_400, "INVALID_ARGUMENT", message, 0);
    }

    /** One answer for every wrong key and every gateway that is not there. */
    static HttpProblem unauthenticated() {
        return new HttpProblem(
                HttpStatus.UNAUTHORIZED_401,
                "UNAUTHENTICATED",
                "no key of this gateway: send one that CreateGatewayKey has made, as Authorization:"
                        + " Bearer KEY or X-API-Key: KEY",
                0);
    }

    static HttpProblem notFound() {
        return new HttpProblem(
                HttpStatus.NOT_FOUND_404,
                "NOT_FOUND",
                "there is POST /v1/gateways/{gateway_id}/uplinks, and with /devices/{external_id}"
                        + " behind it for the bytes of a device",
                0);
    }

    static HttpProblem methodNotAllowed() {
        return new HttpProblem(
                HttpStatus.METHOD_NOT_ALLOWED_405, "UNIMPLEMENTED", "uplinks are posted", 0);
    }

    static HttpProblem tooSlow(long seconds) {
        return new HttpProblem(
                HttpStatus.REQUEST_TIMEOUT_408,
                "DEADLINE_EXCEEDED",
                "the body did not come within " + seconds + " s",
                0);
    }

    static HttpProblem tooLarge(String message) {
        return new HttpProblem(HttpStatus.PAYLOAD_TOO_LARGE_413, "INVALID_ARGUMENT", message, 0);
    }

    static HttpProblem unsupported(String message) {
        return new HttpProblem(
                HttpStatus.UNSUPPORTED_MEDIA_TYPE_415, "INVALID_ARGUMENT", message, 0);
    }

    /** The sender has too much under way. */
    static HttpProblem tooMany(String message) {
        return new HttpProblem(HttpStatus.TOO_MANY_REQUESTS_429, "RESOURCE_EXHAUSTED", message, 1);
    }

    /** Nothing is known to be stored; the same request may be sent again. */
    static HttpProblem unavailable(String message) {
        return new HttpProblem(HttpStatus.SERVICE_UNAVAILABLE_503, "UNAVAILABLE", message, 5);
    }

    static HttpProblem internal() {
        return new HttpProblem(
                HttpStatus.INTERNAL_SERVER_ERROR_500,
                "INTERNAL",
                "the bridge failed; see its log",
                0);
    }

    int code() {
        return code;
    }

    /** After how many seconds the same request may be sent again; 0 where that does not help. */
    int retryAfterSeconds() {
        return retryAfterSeconds;
    }

    String json() {
        return json(code, status, getMessage());
    }

    static String json(int code, String status, String message) {
        JsonObject error = new JsonObject();
        error.addProperty("code", code);
        error.addProperty("status", status);
        error.addProperty("message", message);
        JsonObject body = new JsonObject();
        body.add("error", error);
        return body + "\n";
    }
}
