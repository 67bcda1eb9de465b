package io.ponix.embedded.clickhouse.server.http;

import java.util.HashMap;
import java.util.Map;

/**
 * The HTTP status of an error, by ClickHouse's numeric code: the table of ClickHouse 26's {@code
 * exceptionCodeToHTTPStatus}.
 */
final class ErrorStatus {

    private static final int INTERNAL_SERVER_ERROR = 500;

    private static final Map<Integer, Integer> STATUS_BY_CODE = new HashMap<>();

    static {
        // REQUIRED_PASSWORD
        put(401, 194);
        // UNKNOWN_USER, WRONG_PASSWORD, AUTHENTICATION_FAILED, SET_NON_GRANTED_ROLE, ACCESS_DENIED
        put(403, 192, 193, 516, 512, 497);
        // BAD_ARGUMENTS, CANNOT_COMPILE_REGEXP, CANNOT_PARSE_TEXT, CANNOT_PARSE_ESCAPE_SEQUENCE,
        // CANNOT_PARSE_QUOTED_STRING, CANNOT_PARSE_DATE, CANNOT_PARSE_DATETIME,
        // CANNOT_PARSE_NUMBER, CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING, CANNOT_PARSE_IPV4,
        // CANNOT_PARSE_IPV6, CANNOT_PARSE_INPUT_ASSERTION_FAILED, CANNOT_PARSE_UUID
        put(400, 36, 427, 6, 25, 26, 38, 41, 72, 441, 675, 676, 27, 376);
        // DUPLICATE_COLUMN, ILLEGAL_COLUMN, UNKNOWN_ELEMENT_IN_AST, UNKNOWN_TYPE_OF_AST_NODE,
        // THERE_IS_NO_COLUMN, TOO_DEEP_AST, TOO_BIG_AST, UNEXPECTED_AST_STRUCTURE, SYNTAX_ERROR,
        // INCORRECT_DATA, TYPE_MISMATCH, VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        put(400, 15, 44, 37, 123, 8, 167, 168, 223, 62, 117, 53, 321);
        // UNKNOWN_TABLE, UNKNOWN_FUNCTION, UNKNOWN_IDENTIFIER, UNKNOWN_TYPE, UNKNOWN_STORAGE,
        // UNKNOWN_DATABASE, UNKNOWN_SETTING, UNKNOWN_DIRECTION_OF_SORTING,
        // UNKNOWN_AGGREGATE_FUNCTION, UNKNOWN_FORMAT, UNKNOWN_DATABASE_ENGINE,
        // UNKNOWN_TYPE_OF_QUERY, UNKNOWN_ROLE
        put(404, 60, 46, 47, 50, 56, 81, 115, 152, 63, 73, 336, 78, 511);
        // QUERY_IS_TOO_LARGE
        put(413, 229);
        // NOT_IMPLEMENTED
        put(501, 48);
        // SOCKET_TIMEOUT, CANNOT_OPEN_FILE, CANNOT_SCHEDULE_TASK
        put(503, 209, 76, 439);
        // HTTP_LENGTH_REQUIRED
        put(411, 381);
        // UNSUPPORTED_MEDIA_TYPE
        put(415, 779);
        // TIMEOUT_EXCEEDED
        put(408, 159);
    }

    private ErrorStatus() {}

    private static void put(int status, int... codes) {
        for (int code : codes) {
            STATUS_BY_CODE.put(code, status);
        }
    }

    static int of(int code) {
        return STATUS_BY_CODE.getOrDefault(code, INTERNAL_SERVER_ERROR);
    }
}
