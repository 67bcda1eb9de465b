package io.ponix.client.clickhouse;

import static io.ponix.client.clickhouse.ErrorClass.CONFIGURATION;
import static io.ponix.client.clickhouse.ErrorClass.DATA;
import static io.ponix.client.clickhouse.ErrorClass.TRANSIENT;
import static io.ponix.client.clickhouse.ErrorClass.UNCLASSIFIED;

import java.util.HashMap;
import java.util.Map;
import org.apiguardian.api.API;
import org.apiguardian.api.API.Status;

/**
 * The one place that says what ClickHouse's error codes mean for an insert.
 *
 * <p>Codes and names: {@code src/Common/ErrorCodes.cpp} of ClickHouse 26.7 ({@code SELECT
 * errorCodeToName(n)}). A code belongs to {@link ErrorClass#DATA} only if other rows of the same
 * batch could be stored; codes that an overloaded, starting, stopping or failing server gives are
 * {@link ErrorClass#TRANSIENT}. 49 LOGICAL_ERROR, 1001 STD_EXCEPTION and 1002 UNKNOWN_EXCEPTION are
 * left unclassified on purpose: a row that trips a defect of the server gives them every time, and
 * repeated for ever it would hold up all rows behind it. So is 36 BAD_ARGUMENTS, which a setting
 * can give as well as a row in a view's expression. All 661 codes of that version were gone
 * through; the others are of statements, engines and formats that an insert does not meet, and an
 * unknown one is repeated some times before it is taken for an error of the data.
 */
@API(status = Status.EXPERIMENTAL)
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
                86, // RECEIVED_ERROR_FROM_REMOTE_IO_SERVER
                87, // CANNOT_SEEK_THROUGH_FILE
                88, // CANNOT_TRUNCATE_FILE
                91, // SIZES_OF_MARKS_FILES_ARE_INCONSISTENT
                95, // CANNOT_READ_FROM_SOCKET
                96, // CANNOT_WRITE_TO_SOCKET
                99, // UNKNOWN_PACKET_FROM_CLIENT
                100, // UNKNOWN_PACKET_FROM_SERVER
                101, // UNEXPECTED_PACKET_FROM_CLIENT
                102, // UNEXPECTED_PACKET_FROM_SERVER
                104, // TOO_SMALL_BUFFER_SIZE
                107, // FILE_DOESNT_EXIST
                113, // THERE_IS_NO_SESSION
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
                214, // CANNOT_STATVFS
                216, // QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING
                224, // REPLICA_IS_ALREADY_ACTIVE
                225, // NO_ZOOKEEPER
                226, // NO_FILE_IN_DATA_PART
                227, // UNEXPECTED_FILE_IN_DATA_PART
                228, // BAD_SIZE_OF_FILE_IN_DATA_PART
                230, // NOT_FOUND_EXPECTED_DATA_PART
                231, // TOO_MANY_UNEXPECTED_DATA_PARTS
                232, // NO_SUCH_DATA_PART
                234, // NO_REPLICA_HAS_PART
                235, // DUPLICATE_DATA_PART
                236, // ABORTED
                241, // MEMORY_LIMIT_EXCEEDED
                242, // TABLE_IS_READ_ONLY: a replica that lost Keeper
                243, // NOT_ENOUGH_SPACE
                244, // UNEXPECTED_ZOOKEEPER_ERROR
                246, // CORRUPTED_DATA
                251, // NO_SUCH_REPLICA
                252, // TOO_MANY_PARTS
                254, // NO_ACTIVE_REPLICAS
                255, // TOO_MANY_RETRIES_TO_FETCH_PARTS
                265, // NO_AVAILABLE_REPLICA
                270, // CANNOT_COMPRESS
                271, // CANNOT_DECOMPRESS: the body was damaged on its way
                272, // CANNOT_IO_SUBMIT
                273, // CANNOT_IO_GETEVENTS
                274, // AIO_READ_ERROR
                275, // AIO_WRITE_ERROR
                279, // ALL_CONNECTION_TRIES_FAILED
                285, // TOO_FEW_LIVE_REPLICAS
                286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
                289, // REPLICA_IS_NOT_IN_QUORUM
                294, // CANNOT_WRITE_TO_FILE
                295, // RECEIVED_EMPTY_DATA
                297, // SHARD_HAS_NO_CONNECTIONS
                308, // UNEXPECTED_NODE_IN_ZOOKEEPER
                319, // UNKNOWN_STATUS_OF_INSERT
                341, // UNFINISHED
                345, // TABLE_DIFFERS_TOO_MUCH
                354, // ZLIB_INFLATE_FAILED
                362, // CURRENT_WRITE_BUFFER_IS_EXHAUSTED
                363, // CANNOT_CREATE_IO_BUFFER
                364, // RECEIVED_ERROR_TOO_MANY_REQUESTS
                369, // ALL_REPLICAS_ARE_STALE
                373, // SESSION_IS_LOCKED
                384, // PART_IS_TEMPORARILY_LOCKED
                394, // QUERY_WAS_CANCELLED
                400, // CANNOT_STAT
                410, // EXTERNAL_SERVER_IS_NOT_RESPONDING
                411, // PTHREAD_ERROR
                415, // ALL_REPLICAS_LOST
                416, // REPLICA_STATUS_CHANGED
                423, // CANNOT_GETTIMEOFDAY
                424, // CANNOT_LINK
                425, // SYSTEM_ERROR
                429, // FAILED_TO_GETPWUID
                439, // CANNOT_SCHEDULE_TASK
                458, // CANNOT_UNLINK
                460, // CANNOT_CREATE_TIMER
                461, // CANNOT_SET_TIMER_PERIOD
                463, // CANNOT_FCNTL
                473, // DEADLOCK_AVOIDED
                495, // ACCESS_STORAGE_READONLY
                499, // S3_ERROR
                500, // AZURE_BLOB_STORAGE_ERROR
                502, // CANNOT_SIGQUEUE
                519, // NO_REMOTE_SHARD_AVAILABLE
                529, // NOT_A_LEADER
                531, // CANNOT_FSTAT
                561, // ZSTD_DECODER_FAILED
                566, // CANNOT_RMDIR
                568, // RAFT_ERROR
                573, // EPOLL_ERROR
                574, // DISTRIBUTED_TOO_MANY_PENDING_BYTES
                586, // CANNOT_CREATE_FILE
                587, // CONCURRENT_ACCESS_NOT_SUPPORTED
                588, // DISTRIBUTED_BROKEN_BATCH_INFO
                589, // DISTRIBUTED_BROKEN_BATCH_FILES
                593, // ZERO_COPY_REPLICATION_ERROR
                614, // POSTGRESQL_CONNECTION_FAILURE
                618, // LZ4_DECODER_FAILED: the body was damaged on its way
                635, // CANNOT_POLL
                641, // CANNOT_APPEND_TO_FILE
                650, // SERIALIZATION_ERROR
                659, // UNKNOWN_STATUS_OF_TRANSACTION
                660, // HDFS_ERROR
                662, // FS_METADATA_ERROR
                667, // NOT_INITIALIZED
                668, // INVALID_STATE
                677, // THREAD_WAS_CANCELED
                678, // IO_URING_INIT_FAILED
                679, // IO_URING_SUBMIT_ERROR
                692, // TOO_MANY_MUTATIONS
                693, // AWS_ERROR
                695, // ASYNC_LOAD_FAILED
                696, // ASYNC_LOAD_CANCELED
                700, // USER_SESSION_LIMIT_EXCEEDED
                707, // GCP_ERROR
                710, // FAULT_INJECTED
                711, // FILECACHE_ACCESS_DENIED
                713, // BROKEN_PROJECTION
                722, // ASYNC_LOAD_WAIT_FAILED
                733, // TABLE_IS_BEING_RESTARTED
                735, // QUERY_WAS_CANCELLED_BY_CLIENT
                737, // GOOGLE_CLOUD_ERROR
                738, // PART_IS_LOCKED
                740, // POTENTIALLY_BROKEN_DATA_PART
                745, // SERVER_OVERLOADED
                747, // FILECACHE_CANNOT_WRITE_THROUGH_CACHE_WITH_CONCURRENT_READS
                749, // TCP_CONNECTION_LIMIT_REACHED
                762, // HTTP_CONNECTION_LIMIT_REACHED
                771, // CACHE_CANNOT_WRITE_TO_CACHE_DISK
                775, // STATELESS_WORKER_DISCOVERY_ERROR
                776, // RESOURCE_LIMIT_EXCEEDED
                777, // MEMORY_RESERVATION_KILLED
                778, // MEMORY_RESERVATION_FAILED
                900, // DISTRIBUTED_CACHE_ERROR
                901, // CANNOT_USE_DISTRIBUTED_CACHE
                903, // DISTRIBUTED_CACHE_REGISTRY_SHUTDOWN
                904, // TOO_MANY_UNAVAILABLE_SHARDS
                999, // KEEPER_EXCEPTION
                1000, // POCO_EXCEPTION
                1003, // SSH_EXCEPTION
                1005, // STALE_VERSION
                1008, // TEMPORARY_DATA_NOT_IN_CACHE
                1009); // S3_OBJECT_CHANGED_DURING_READ
        put(
                DATA, 4, // EXPECTED_END_OF_FILE
                6, // CANNOT_PARSE_TEXT
                11, // POSITION_OUT_OF_BOUND
                12, // PARAMETER_OUT_OF_BOUND
                19, // SIZE_OF_FIXED_STRING_DOESNT_MATCH
                25, // CANNOT_PARSE_ESCAPE_SEQUENCE
                26, // CANNOT_PARSE_QUOTED_STRING
                27, // CANNOT_PARSE_INPUT_ASSERTION_FAILED
                28, // CANNOT_PRINT_FLOAT_OR_DOUBLE_NUMBER
                32, // ATTEMPT_TO_READ_AFTER_EOF
                33, // CANNOT_READ_ALL_DATA
                37, // UNKNOWN_ELEMENT_IN_AST
                38, // CANNOT_PARSE_DATE
                41, // CANNOT_PARSE_DATETIME
                53, // TYPE_MISMATCH
                69, // ARGUMENT_OUT_OF_BOUND
                70, // CANNOT_CONVERT_TYPE
                72, // CANNOT_PARSE_NUMBER
                117, // INCORRECT_DATA
                127, // ILLEGAL_INDEX
                128, // TOO_LARGE_ARRAY_SIZE
                130, // CANNOT_READ_ARRAY_FROM_TEXT
                131, // TOO_LARGE_STRING_SIZE
                135, // ZERO_ARRAY_OR_TUPLE_INDEX
                153, // ILLEGAL_DIVISION, in an expression of the table
                167, // TOO_DEEP_AST
                169, // BAD_TYPE_OF_FIELD
                170, // BAD_GET
                190, // SIZES_OF_ARRAYS_DONT_MATCH
                248, // INVALID_PARTITION_VALUE
                282, // INCORRECT_INDEX
                306, // TOO_DEEP_RECURSION, in nested JSON
                321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
                346, // CANNOT_CONVERT_CHARSET
                349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
                361, // SEEK_POSITION_OUT_OF_BOUND
                366, // SIZES_OF_NESTED_COLUMNS_ARE_INCONSISTENT
                376, // CANNOT_PARSE_UUID
                386, // NO_COMMON_TYPE
                395, // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO, in a constraint or view
                407, // DECIMAL_OVERFLOW
                427, // CANNOT_COMPILE_REGEXP
                438, // DATA_TYPE_CANNOT_BE_PROMOTED
                441, // CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING
                467, // CANNOT_PARSE_BOOL
                469, // VIOLATED_CONSTRAINT
                490, // CANNOT_FORMAT_DATETIME
                503, // AGGREGATE_FUNCTION_THROW
                563, // CANNOT_READ_MAP_FROM_TEXT
                621, // CANNOT_NORMALIZE_STRING
                626, // CANNOT_SKIP_UNKNOWN_FIELD
                632, // UNEXPECTED_DATA_AFTER_PARSED_VALUE
                645, // NUMBER_OF_DIMENSIONS_MISMATCHED
                652, // ONLY_NULLS_WHILE_READING_SCHEMA
                675, // CANNOT_PARSE_IPV4
                676, // CANNOT_PARSE_IPV6
                691, // UNKNOWN_ELEMENT_OF_ENUM
                760); // UNICODE_ERROR
        put(
                CONFIGURATION,
                1, // UNSUPPORTED_METHOD
                2, // UNSUPPORTED_PARAMETER
                7, // INCORRECT_NUMBER_OF_COLUMNS
                8, // THERE_IS_NO_COLUMN
                9, // SIZES_OF_COLUMNS_DOESNT_MATCH
                10, // NOT_FOUND_COLUMN_IN_BLOCK
                13, // SIZES_OF_COLUMNS_IN_TUPLE_DOESNT_MATCH
                15, // DUPLICATE_COLUMN
                16, // NO_SUCH_COLUMN_IN_TABLE
                20, // NUMBER_OF_COLUMNS_DOESNT_MATCH
                34, // TOO_MANY_ARGUMENTS_FOR_FUNCTION
                35, // TOO_FEW_ARGUMENTS_FOR_FUNCTION
                42, // NUMBER_OF_ARGUMENTS_DOESNT_MATCH
                43, // ILLEGAL_TYPE_OF_ARGUMENT
                44, // ILLEGAL_COLUMN
                46, // UNKNOWN_FUNCTION
                47, // UNKNOWN_IDENTIFIER
                48, // NOT_IMPLEMENTED
                50, // UNKNOWN_TYPE
                51, // EMPTY_LIST_OF_COLUMNS_QUERIED
                52, // COLUMN_QUERIED_MORE_THAN_ONCE
                55, // STORAGE_REQUIRES_PARAMETER
                56, // UNKNOWN_STORAGE
                60, // UNKNOWN_TABLE
                62, // SYNTAX_ERROR
                63, // UNKNOWN_AGGREGATE_FUNCTION
                73, // UNKNOWN_FORMAT
                80, // INCORRECT_QUERY
                81, // UNKNOWN_DATABASE
                85, // FORMAT_IS_NOT_SUITABLE_FOR_INPUT
                89, // UNKNOWN_COMPRESSION_METHOD
                90, // EMPTY_LIST_OF_COLUMNS_PASSED
                108, // NO_DATA_TO_INSERT
                115, // UNKNOWN_SETTING
                122, // INCOMPATIBLE_COLUMNS
                158, // TOO_MANY_ROWS
                161, // TOO_MANY_COLUMNS
                164, // READONLY
                180, // THERE_IS_NO_PROFILE
                191, // SET_SIZE_LIMIT_EXCEEDED
                192, // UNKNOWN_USER
                193, // WRONG_PASSWORD
                194, // REQUIRED_PASSWORD
                195, // IP_ADDRESS_NOT_ALLOWED
                199, // UNKNOWN_QUOTA
                211, // EMPTY_QUERY
                218, // TABLE_IS_DROPPED
                229, // QUERY_IS_TOO_LARGE
                291, // DATABASE_ACCESS_DENIED
                307, // TOO_MANY_BYTES
                336, // UNKNOWN_DATABASE_ENGINE
                342, // METADATA_MISMATCH
                344, // SUPPORT_IS_DISABLED
                370, // DATA_TYPE_CANNOT_BE_USED_IN_TABLES
                377, // ILLEGAL_SYNTAX_FOR_DATA_TYPE
                378, // DATA_TYPE_CANNOT_HAVE_ARGUMENTS
                381, // HTTP_LENGTH_REQUIRED
                392, // QUERY_IS_PROHIBITED
                396, // TOO_MANY_ROWS_OR_BYTES
                397, // QUERY_IS_NOT_SUPPORTED_IN_MATERIALIZED_VIEW
                401, // FEATURE_IS_NOT_ENABLED_AT_BUILD_TIME
                408, // BAD_REQUEST_PARAMETER
                422, // UNSUPPORTED_URI_SCHEME
                432, // UNKNOWN_CODEC
                446, // FUNCTION_NOT_ALLOWED
                452, // SETTING_CONSTRAINT_VIOLATION
                455, // SUSPICIOUS_TYPE_FOR_LOW_CARDINALITY
                456, // UNKNOWN_QUERY_PARAMETER
                457, // BAD_QUERY_PARAMETER
                471, // INVALID_SETTING_VALUE
                472, // READONLY_SETTING
                478, // UNKNOWN_POLICY
                479, // UNKNOWN_DISK
                481, // PATH_ACCESS_DENIED
                491, // UNACCEPTABLE_URL
                492, // ACCESS_ENTITY_NOT_FOUND
                496, // QUOTA_REQUIRES_CLIENT_KEY
                497, // ACCESS_DENIED
                501, // CANNOT_CREATE_DATABASE
                508, // UNKNOWN_ACCESS_TYPE
                509, // INVALID_GRANT
                511, // UNKNOWN_ROLE
                512, // SET_NON_GRANTED_ROLE
                516, // AUTHENTICATION_FAILED
                527, // NO_SUITABLE_FUNCTION_IMPLEMENTATION
                548, // UNKNOWN_VOLUME
                565, // TOO_MANY_PARTITIONS
                571, // DATABASE_REPLICATION_FAILED
                578, // INVALID_FORMAT_INSERT_QUERY_WITH_DATA
                620, // QUERY_NOT_ALLOWED
                669, // NAMED_COLLECTION_DOESNT_EXIST
                673, // RESOURCE_ACCESS_DENIED
                703, // INVALID_IDENTIFIER
                712, // TOO_MANY_MATERIALIZED_VIEWS
                720, // USER_EXPIRED
                726, // UNEXPECTED_HTTP_HEADERS
                727, // UNEXPECTED_TABLE_ENGINE
                728, // UNEXPECTED_DATA_TYPE
                741, // TABLE_UUID_MISMATCH
                759, // LICENSING_EXCEPTION
                764, // DEDUPLICATION_IS_NOT_POSSIBLE
                767, // REQUIRED_SECOND_FACTOR
                774, // TABLE_IS_PERMANENTLY_READ_ONLY
                779, // UNSUPPORTED_MEDIA_TYPE
                902); // PROTOCOL_VERSION_MISMATCH
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
