package io.ponix.embedded.clickhouse.server.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.ponix.embedded.clickhouse.server.engine.EngineException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A request to run a statement, as ClickHouse's HTTP interface defines it.
 *
 * @param user the user's name, {@code default} where the request has none
 * @param password the password, empty where the request has none
 * @param query the part of the statement that stands in the URL; the body follows it
 * @param database the database for this request, or null for {@code default}
 * @param defaultFormat the format where the statement names none
 * @param queryId the request's own id, or a random one
 * @param settings settings for this request: every URL parameter without another meaning
 * @param parameters values of the query's {@code {name:Type}} placeholders
 * @param compressResponse whether the result goes out in ClickHouse's compressed blocks
 * @param decompressBody whether the body comes in ClickHouse's compressed blocks
 * @param waitEndOfQuery whether the response must not begin before the query has succeeded
 */
record QueryRequest(
        String user,
        String password,
        String query,
        String database,
        String defaultFormat,
        String queryId,
        Map<String, String> settings,
        Map<String, String> parameters,
        boolean compressResponse,
        boolean decompressBody,
        boolean waitEndOfQuery) {

    private static final int AUTHENTICATION_FAILED = 516;
    private static final int NOT_IMPLEMENTED = 48;
    private static final int BAD_ARGUMENTS = 36;
    private static final int UNKNOWN_FORMAT = 73;
    private static final int READONLY_BUT_FOR_SETTINGS = 2;

    private static final String DEFAULT_FORMAT = "TabSeparated";

    /** URL parameters that mean something to the HTTP interface; all others are settings. */
    private static final Set<String> RESERVED =
            Set.of(
                    "query",
                    "database",
                    "default_format",
                    "user",
                    "password",
                    "quota_key",
                    "query_id",
                    "compress",
                    "decompress",
                    "wait_end_of_query",
                    "buffer_size",
                    "stacktrace",
                    "session_timeout",
                    "session_check",
                    "close_session",
                    "client_protocol_version");

    static QueryRequest of(HttpExchange exchange) throws EngineException {
        Map<String, String> url = urlParameters(exchange.getRequestURI().getRawQuery());
        Headers headers = exchange.getRequestHeaders();
        if (!url.getOrDefault("session_id", "").isEmpty()) {
            throw EngineException.of(
                    NOT_IMPLEMENTED,
                    "Sessions (session_id) are not supported by Ponix's embedded ClickHouse",
                    "NOT_IMPLEMENTED");
        }
        String contentType = headers.getFirst("Content-Type");
        if (contentType != null && contentType.startsWith("multipart/")) {
            throw EngineException.of(
                    NOT_IMPLEMENTED,
                    "External tables and multipart bodies are not supported by Ponix's embedded"
                            + " ClickHouse",
                    "NOT_IMPLEMENTED");
        }
        String[] credentials = credentials(headers, url);
        String defaultFormat =
                firstOf(
                        url.get("default_format"),
                        headers.getFirst("X-ClickHouse-Format"),
                        DEFAULT_FORMAT);
        if (!defaultFormat.matches("\\w+")) {
            throw EngineException.of(
                    UNKNOWN_FORMAT, "Unknown format " + defaultFormat, "UNKNOWN_FORMAT");
        }
        String queryId =
                firstOf(
                        url.get("query_id"),
                        headers.getFirst("X-ClickHouse-Query-Id"),
                        UUID.randomUUID().toString());
        if (!queryId.matches("\\p{Print}+")) {
            // It goes out in a header.
            throw EngineException.of(
                    BAD_ARGUMENTS, "query_id has control characters", "BAD_ARGUMENTS");
        }
        return new QueryRequest(
                credentials[0],
                credentials[1],
                url.getOrDefault("query", ""),
                firstOf(url.get("database"), headers.getFirst("X-ClickHouse-Database"), null),
                defaultFormat,
                queryId,
                settings(exchange, url),
                parameters(url),
                isTrue(url.get("compress")),
                isTrue(url.get("decompress")),
                isTrue(url.get("wait_end_of_query")));
    }

    /** Whether the client asks for a Content-Encoding at all: ClickHouse wants to be told so. */
    boolean httpCompression() {
        return isTrue(settings.get("enable_http_compression"));
    }

    private static Map<String, String> settings(HttpExchange exchange, Map<String, String> url) {
        Map<String, String> settings = new LinkedHashMap<>();
        // On in the library only: a server takes no expression for a query.
        settings.put("implicit_select", "0");
        url.forEach(
                (name, value) -> {
                    if (!RESERVED.contains(name) && !name.startsWith("param_")) {
                        settings.put(name, value);
                    }
                });
        if (!exchange.getRequestMethod().equals("POST") && !settings.containsKey("readonly")) {
            // As the server does: GET is safe, and may be cached and repeated.
            settings.put("readonly", String.valueOf(READONLY_BUT_FOR_SETTINGS));
        }
        return settings;
    }

    private static Map<String, String> parameters(Map<String, String> url) {
        Map<String, String> parameters = new LinkedHashMap<>();
        url.forEach(
                (name, value) -> {
                    if (name.startsWith("param_")) {
                        parameters.put(name.substring("param_".length()), value);
                    }
                });
        return parameters;
    }

    private static String[] credentials(Headers headers, Map<String, String> url)
            throws EngineException {
        String user = headers.getFirst("X-ClickHouse-User");
        String key = headers.getFirst("X-ClickHouse-Key");
        String authorization = headers.getFirst("Authorization");
        boolean inUrl = url.containsKey("user") || url.containsKey("password");
        if (inUrl && isForAWebPage(headers)) {
            // A web page can send nothing else to another's server without being asked whether it
            // may: it would only have to guess the password.
            throw EngineException.of(
                    AUTHENTICATION_FAILED,
                    "Invalid authentication: a web page cannot use user and password in the URL",
                    "AUTHENTICATION_FAILED");
        }
        if (user != null || key != null) {
            refuseMixed(authorization != null || inUrl, "X-ClickHouse-User and X-ClickHouse-Key");
            return new String[] {firstOf(user, null, "default"), firstOf(key, null, "")};
        }
        if (authorization != null) {
            refuseMixed(inUrl, "Authorization");
            return basicCredentials(authorization);
        }
        return new String[] {
            firstOf(url.get("user"), null, "default"), firstOf(url.get("password"), null, "")
        };
    }

    /**
     * Browsers say so with what a page sends, and, where only a picture is asked for, by the
     * latter.
     */
    private static boolean isForAWebPage(Headers headers) {
        String site = headers.getFirst("Sec-Fetch-Site");
        return headers.containsKey("Origin") || site != null && !site.equals("none");
    }

    private static void refuseMixed(boolean mixed, String headers) throws EngineException {
        if (mixed) {
            throw EngineException.of(
                    AUTHENTICATION_FAILED,
                    "Invalid authentication: it is not allowed to use "
                            + headers
                            + " HTTP headers and other authentication methods simultaneously",
                    "AUTHENTICATION_FAILED");
        }
    }

    private static String[] basicCredentials(String authorization) throws EngineException {
        String[] schemeAndValue = authorization.split(" ", 2);
        if (schemeAndValue.length < 2 || !schemeAndValue[0].equalsIgnoreCase("Basic")) {
            throw EngineException.of(
                    AUTHENTICATION_FAILED,
                    "Invalid authentication: '"
                            + schemeAndValue[0]
                            + "' HTTP Authorization scheme is not supported",
                    "AUTHENTICATION_FAILED");
        }
        try {
            String decoded =
                    new String(
                            Base64.getDecoder().decode(schemeAndValue[1].trim()),
                            StandardCharsets.UTF_8);
            int colon = decoded.indexOf(':');
            return colon < 0
                    ? new String[] {decoded, ""}
                    : new String[] {decoded.substring(0, colon), decoded.substring(colon + 1)};
        } catch (IllegalArgumentException e) {
            throw EngineException.of(
                    AUTHENTICATION_FAILED,
                    "Invalid authentication: the Authorization header is not Base64",
                    "AUTHENTICATION_FAILED");
        }
    }

    private static Map<String, String> urlParameters(String rawQuery) throws EngineException {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (rawQuery == null) {
            return parameters;
        }
        for (String pair : rawQuery.split("&")) {
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            try {
                if (!name.isEmpty()) {
                    parameters.put(
                            URLDecoder.decode(name, StandardCharsets.UTF_8),
                            URLDecoder.decode(value, StandardCharsets.UTF_8));
                }
            } catch (IllegalArgumentException e) {
                throw EngineException.of(
                        BAD_ARGUMENTS,
                        "The URL is not well-formed: " + e.getMessage(),
                        "BAD_ARGUMENTS");
            }
        }
        return parameters;
    }

    private static String firstOf(String first, String second, String fallback) {
        if (first != null && !first.isEmpty()) {
            return first;
        }
        return second != null && !second.isEmpty() ? second : fallback;
    }

    private static boolean isTrue(String value) {
        return "1".equals(value) || "true".equalsIgnoreCase(value);
    }
}
