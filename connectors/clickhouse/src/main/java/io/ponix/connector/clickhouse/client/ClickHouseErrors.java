package io.ponix.connector.clickhouse.client;

import static io.ponix.connector.clickhouse.client.ErrorClass.CONFIGURATION;
import static io.ponix.connector.clickhouse.client.ErrorClass.DATA;
import static io.ponix.connector.clickhouse.client.ErrorClass.TRANSIENT;
import static io.ponix.connector.clickhouse.client.ErrorClass.UNCLASSIFIED;

import java.util.HashMap;
import java.util.Map;

/**
 * The one place that says what ClickHouse's error codes mean for an insert.
 *
 * <p>Codes and names: {@code src/Common/ErrorCodes.cpp} of ClickHouse 26.7 ({@code SELECT
 * errorCodeToName(n)}). A code belongs to {@link ErrorClass#DATA} only if other rows of the same
 * batch could be stored; codes that an overloaded, starting, stopping or failing server gives are
 * {@link ErrorClass#TRANSIENT}. 49 LOGICAL_ERROR, 1001 STD_EXCEPTION and 1002 UNKNOWN_EXCEPTION are
 * left unclassified on purpose: a row that trips a defect of the server gives them every time, and
 * repeated for ever it would hold up all rows behind it.
 */
public final class ClickHouseErrors {

    private static final Map<Integer, ErrorClass> CLASSES = new HashMap<>();

    static {
        put(
                TRANSIENT, 3, // UNEXPECTED_END_OF_FILE
                23, // CANNOT_READ_FROM_ISTREAM
                24, // CANNOT_WRITE_TO_OSTREAM
                40, // CHECKSUM_DOESNT_MATCH: the body was damaged on its way
                74, // CANNOT_READ_FROM_FILE_DESCRIPTOR
                75, // CANNOT_WRITE_TO_FILE_DESCRIPTOR
                76, // CANNOT_OPEN_FILE
                77, // CANNOT_CLOSE_FILE
                95, // CANNOT_READ_FROM_SOCKET
                96, // CANNOT_WRITE_TO_SOCKET
                107, // FILE_DOESNT_EXIST
                159, // TIMEOUT_EXCEEDED
                160, // TOO_SLOW
                172, // CANNOT_CREATE_DIRECTORY
                173, // CANNOT_ALLOCATE_MEMORY
                198, // DNS_ERROR
                201, // QUOTA_EXCEEDED
                202, // TOO_MANY_SIMULTANEOUS_QUERIES
                203, // NO_FREE_CONNECTION
                204, // CANNOT_FSYNC
                209, // SOCKET_TIMEOUT
                210, // NETWORK_ERROR
                216, // QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING
                225, // NO_ZOOKEEPER
                226, // NO_FILE_IN_DATA_PART
                228, // BAD_SIZE_OF_FILE_IN_DATA_PART
                232, // NO_SUCH_DATA_PART
                234, // NO_REPLICA_HAS_PART
                235, // DUPLICATE_DATA_PART
                236, // ABORTED
                241, // MEMORY_LIMIT_EXCEEDED
                242, // TABLE_IS_READ_ONLY: a replica that lost Keeper
                243, // NOT_ENOUGH_SPACE
                244, // UNEXPECTED_ZOOKEEPER_ERROR
                252, // TOO_MANY_PARTS
                254, // NO_ACTIVE_REPLICAS
                265, // NO_AVAILABLE_REPLICA
                270, // CANNOT_COMPRESS
                271, // CANNOT_DECOMPRESS: the body was damaged on its way
                279, // ALL_CONNECTION_TRIES_FAILED
                285, // TOO_FEW_LIVE_REPLICAS
                286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
                289, // REPLICA_IS_NOT_IN_QUORUM
                294, // CANNOT_WRITE_TO_FILE
                319, // UNKNOWN_STATUS_OF_INSERT
                341, // UNFINISHED
                364, // RECEIVED_ERROR_TOO_MANY_REQUESTS
                373, // SESSION_IS_LOCKED
                384, // PART_IS_TEMPORARILY_LOCKED
                394, // QUERY_WAS_CANCELLED
                410, // EXTERNAL_SERVER_IS_NOT_RESPONDING
                416, // REPLICA_STATUS_CHANGED
                425, // SYSTEM_ERROR
                439, // CANNOT_SCHEDULE_TASK
                473, // DEADLOCK_AVOIDED
                499, // S3_ERROR
                500, // AZURE_BLOB_STORAGE_ERROR
                586, // CANNOT_CREATE_FILE
                618, // LZ4_DECODER_FAILED: the body was damaged on its way
                641, // CANNOT_APPEND_TO_FILE
                659, // UNKNOWN_STATUS_OF_TRANSACTION
                667, // NOT_INITIALIZED
                677, // THREAD_WAS_CANCELED
                692, // TOO_MANY_MUTATIONS
                693, // AWS_ERROR
                696, // ASYNC_LOAD_CANCELED
                700, // USER_SESSION_LIMIT_EXCEEDED
                707, // GCP_ERROR
                710, // FAULT_INJECTED
                722, // ASYNC_LOAD_WAIT_FAILED
                733, // TABLE_IS_BEING_RESTARTED
                735, // QUERY_WAS_CANCELLED_BY_CLIENT
                737, // GOOGLE_CLOUD_ERROR
                738, // PART_IS_LOCKED
                745, // SERVER_OVERLOADED
                749, // TCP_CONNECTION_LIMIT_REACHED
                762, // HTTP_CONNECTION_LIMIT_REACHED
                776, // RESOURCE_LIMIT_EXCEEDED
                777, // MEMORY_RESERVATION_KILLED
                778, // MEMORY_RESERVATION_FAILED
                904, // TOO_MANY_UNAVAILABLE_SHARDS
                999, // KEEPER_EXCEPTION
                1000); // POCO_EXCEPTION
        put(
                DATA, 6, // CANNOT_PARSE_TEXT
                25, // CANNOT_PARSE_ESCAPE_SEQUENCE
                26, // CANNOT_PARSE_QUOTED_STRING
                27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
                32, // ATTEMPT_TO_READ_AFTER_EOF
                33, // CANNOT_READ_ALL_DATA
                38, // CANNOT_PARSE_DATE
                41, // CANNOT_PARSE_DATETIME
                53, // TYPE_MISMATCH
                69, // ARGUMENT_OUT_OF_BOUND
                70, // CANNOT_CONVERT_TYPE
                72, // CANNOT_PARSE_NUMBER
                117, // INCORRECT_DATA
                128, // TOO_LARGE_ARRAY_SIZE
                130, // CANNOT_READ_ARRAY_FROM_TEXT
                131, // TOO_LARGE_STRING_SIZE
                153, // ILLEGAL_DIVISION, in an expression of the table
                167, // TOO_DEEP_AST
                190, // SIZES_OF_ARRAYS_DONT_MATCH
                248, // INVALID_PARTITION_VALUE
                306, // TOO_DEEP_RECURSION, in nested JSON
                321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
                346, // CANNOT_CONVERT_CHARSET
                349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
                376, // CANNOT_PARSE_UUID
                386, // NO_COMMON_TYPE
                395, // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO, in a constraint or view
                407, // DECIMAL_OVERFLOW
                441, // CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING
                467, // CANNOT_PARSE_BOOL
                469, // VIOLATED_CONSTRAINT
                563, // CANNOT_READ_MAP_FROM_TEXT
                621, // CANNOT_NORMALIZE_STRING
                632, // UNEXPECTED_DATA_AFTER_PARSED_VALUE
                645, // NUMBER_OF_DIMENSIONS_MISMATCHED
                675, // CANNOT_PARSE_IPV4
                676, // CANNOT_PARSE_IPV6
                691); // UNKNOWN_ELEMENT_OF_ENUM
        put(
                CONFIGURATION,
                1, // UNSUPPORTED_METHOD
                2, // UNSUPPORTED_PARAMETER
                7, // INCORRECT_NUMBER_OF_COLUMNS
                8, // THERE_IS_NO_COLUMN
                10, // NOT_FOUND_COLUMN_IN_BLOCK
                15, // DUPLICATE_COLUMN
                16, // NO_SUCH_COLUMN_IN_TABLE
                20, // NUMBER_OF_COLUMNS_DOESNT_MATCH
                43, // ILLEGAL_TYPE_OF_ARGUMENT
                44, // ILLEGAL_COLUMN
                46, // UNKNOWN_FUNCTION
                47, // UNKNOWN_IDENTIFIER
                48, // NOT_IMPLEMENTED
                50, // UNKNOWN_TYPE
                60, // UNKNOWN_TABLE
                62, // SYNTAX_ERROR
                73, // UNKNOWN_FORMAT
                81, // UNKNOWN_DATABASE
                85, // FORMAT_IS_NOT_SUITABLE_FOR_INPUT
                89, // UNKNOWN_COMPRESSION_METHOD
                115, // UNKNOWN_SETTING
                164, // READONLY
                180, // THERE_IS_NO_PROFILE
                192, // UNKNOWN_USER
                193, // WRONG_PASSWORD
                194, // REQUIRED_PASSWORD
                195, // IP_ADDRESS_NOT_ALLOWED
                218, // TABLE_IS_DROPPED
                291, // DATABASE_ACCESS_DENIED
                344, // SUPPORT_IS_DISABLED
                392, // QUERY_IS_PROHIBITED
                452, // SETTING_CONSTRAINT_VIOLATION
                471, // INVALID_SETTING_VALUE
                472, // READONLY_SETTING
                492, // ACCESS_ENTITY_NOT_FOUND
                497, // ACCESS_DENIED
                511, // UNKNOWN_ROLE
                516, // AUTHENTICATION_FAILED
                620, // QUERY_NOT_ALLOWED
                720, // USER_EXPIRED
                764, // DEDUPLICATION_IS_NOT_POSSIBLE
                767, // REQUIRED_SECOND_FACTOR
                774); // TABLE_IS_PERMANENTLY_READ_ONLY
    }

    private ClickHouseErrors() {}

    private static void put(ErrorClass errorClass, int... codes) {
        for (int code : codes) {
            if (CLASSES.put(code, errorClass) != null) {
                throw new IllegalStateException("Error code " + code + " is classed twice");
            }
        }
    }

    /**
     * The class of a numeric code.
     *
     * @param code ClickHouse's code
     * @return its class; {@link ErrorClass#UNCLASSIFIED} if it is not in the table
     */
    public static ErrorClass classify(int code) {
        return CLASSES.getOrDefault(code, UNCLASSIFIED);
    }

    /**
     * The class of an HTTP answer without ClickHouse's code: what a proxy or load balancer says, or
     * a server that is not ClickHouse.
     *
     * @param httpStatus the status, 300 or more
     * @return {@link ErrorClass#CONFIGURATION} where waiting does not help, else {@link
     *     ErrorClass#TRANSIENT}
     */
    static ErrorClass classifyHttpStatus(int httpStatus) {
        return switch (httpStatus) {
            case 301, 302, 307, 308, 401, 403, 404, 405, 413 -> CONFIGURATION;
            default -> TRANSIENT;
        };
    }
}
