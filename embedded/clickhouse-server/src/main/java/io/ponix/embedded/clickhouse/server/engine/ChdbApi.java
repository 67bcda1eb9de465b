package io.ponix.embedded.clickhouse.server.engine;

import com.sun.jna.Library;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;

/**
 * The part of libchdb's C interface (chdb.h, 26.7) that the server uses.
 *
 * <p>Every {@code chdb_result} handed out must be destroyed by the caller. A connection runs one
 * statement at a time.
 */
interface ChdbApi extends Library {

    /** Returns the address of a connection handle, or null; the reason goes to the engine's log. */
    Pointer chdb_connect(int argumentCount, String[] arguments);

    void chdb_close_conn(Pointer connectionAddress);

    Pointer chdb_query_with_params_n(
            Pointer connection,
            byte[] query,
            long queryLength,
            byte[] format,
            long formatLength,
            Pointer[] parameterNames,
            long[] parameterNameLengths,
            Pointer[] parameterValues,
            long[] parameterValueLengths,
            long parameterCount);

    void chdb_destroy_query_result(Pointer result);

    Pointer chdb_result_buffer(Pointer result);

    long chdb_result_length(Pointer result);

    Pointer chdb_result_error(Pointer result);

    double chdb_result_elapsed(Pointer result);

    long chdb_result_rows_read(Pointer result);

    long chdb_result_bytes_read(Pointer result);

    long chdb_result_storage_rows_read(Pointer result);

    long chdb_result_storage_bytes_read(Pointer result);

    long chdb_result_rows_written(Pointer result);

    long chdb_result_bytes_written(Pointer result);

    Pointer chdb_stream_insert_with_params_n(
            Pointer connection,
            byte[] query,
            long queryLength,
            byte[] format,
            long formatLength,
            Pointer[] parameterNames,
            long[] parameterNameLengths,
            Pointer[] parameterValues,
            long[] parameterValueLengths,
            long parameterCount);

    /** Returns 0, or 1 when the insert has already failed; the bytes are copied. */
    int chdb_stream_append(Pointer stream, Memory data, long length);

    Pointer chdb_stream_done(Pointer stream);

    void chdb_stream_cancel_insert(Pointer stream);

    Pointer chdb_stream_insert_error(Pointer stream);

    void chdb_destroy_insert_stream(Pointer stream);

    /** Joins the engine's threads; refused (1) while a connection is open. */
    int chdb_shutdown();
}
