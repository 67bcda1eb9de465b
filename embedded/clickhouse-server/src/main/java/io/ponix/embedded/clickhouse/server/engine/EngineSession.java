package io.ponix.embedded.clickhouse.server.engine;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One connection to the engine, for one thread at a time. Settings and the current database last
 * until it is closed and reach no other session.
 */
public final class EngineSession implements AutoCloseable {

    private static final int BUFFER_SIZE = 1 << 20;
    private static final Map<String, String> NO_PARAMETERS = Map.of();

    private final ChdbApi chdb;
    private final Pointer connectionAddress;
    private final Pointer connection;
    private boolean closed;

    EngineSession(ChdbApi chdb, Pointer connectionAddress) {
        this.chdb = chdb;
        this.connectionAddress = connectionAddress;
        this.connection = connectionAddress.getPointer(0);
    }

    /** Makes a database the current one. */
    public void use(String database) throws EngineException {
        queryText("USE `" + database.replace("\\", "\\\\").replace("`", "\\`") + "`");
    }

    /** Sets settings for this session; values are given as text, whatever their type. */
    public void set(Map<String, String> settings) throws EngineException {
        if (settings.isEmpty()) {
            return;
        }
        StringBuilder statement = new StringBuilder("SET ");
        settings.forEach(
                (name, value) ->
                        statement
                                .append(statement.length() > 4 ? ", `" : "`")
                                .append(name.replace("\\", "\\\\").replace("`", "\\`"))
                                .append("` = '")
                                .append(value.replace("\\", "\\\\").replace("'", "\\'"))
                                .append('\''));
        queryText(statement.toString());
    }

    /**
     * Runs a small query and returns its result as tab-separated text, without the last newline.
     */
    public String queryText(String query) throws EngineException {
        Pointer result =
                query(query.getBytes(StandardCharsets.UTF_8), "TabSeparated", NO_PARAMETERS);
        try {
            throwIfFailed(result);
            long length = chdb.chdb_result_length(result);
            Pointer buffer = chdb.chdb_result_buffer(result);
            return buffer == null
                    ? ""
                    : new String(
                                    buffer.getByteArray(0, Math.toIntExact(length)),
                                    StandardCharsets.UTF_8)
                            .stripTrailing();
        } finally {
            chdb.chdb_destroy_query_result(result);
        }
    }

    /**
     * Runs a statement and writes its result, which is held in memory in whole: for statements
     * other than queries.
     */
    public QueryStatistics execute(
            byte[] statement, String format, Map<String, String> parameters, OutputStream output)
            throws EngineException, IOException {
        Pointer result = query(statement, format, parameters);
        try {
            throwIfFailed(result);
            Pointer buffer = chdb.chdb_result_buffer(result);
            long length = buffer == null ? 0 : chdb.chdb_result_length(result);
            byte[] chunk = new byte[(int) Math.min(length, BUFFER_SIZE)];
            for (long written = 0; written < length; ) {
                int size = (int) Math.min(chunk.length, length - written);
                buffer.read(written, chunk, 0, size);
                output.write(chunk, 0, size);
                written += size;
            }
            return statistics(result);
        } finally {
            chdb.chdb_destroy_query_result(result);
        }
    }

    /**
     * Runs a query whose output goes to a pipe; the pipe's write end is closed at the end, whatever
     * the outcome.
     *
     * @param head the query up to its {@code FORMAT} clause
     * @param tail the rest of it, from that clause on; empty where the query has none
     * @param defaultFormat the format where the query names none
     * @throws EngineException whose message quotes the query as it was given
     */
    public QueryStatistics queryInto(
            OutputPipe pipe,
            byte[] head,
            byte[] tail,
            String defaultFormat,
            Map<String, String> parameters)
            throws EngineException {
        // The streaming interface of libchdb formats each block as a document of its own, which
        // only some formats survive. INTO OUTFILE writes one document, in every format, as it goes.
        String clause =
                "\nINTO OUTFILE '"
                        + pipe.writePath()
                        + "' APPEND COMPRESSION 'none'\n"
                        + (tail.length == 0 ? "FORMAT " + defaultFormat : "");
        byte[] inserted = clause.getBytes(StandardCharsets.UTF_8);
        byte[] query = new byte[head.length + inserted.length + tail.length];
        System.arraycopy(head, 0, query, 0, head.length);
        System.arraycopy(inserted, 0, query, head.length, inserted.length);
        System.arraycopy(tail, 0, query, head.length + inserted.length, tail.length);
        try {
            Pointer result = query(query, "TabSeparated", parameters);
            try {
                throwIfFailed(result);
                return statistics(result);
            } catch (EngineException e) {
                throw e.without(clause);
            } finally {
                chdb.chdb_destroy_query_result(result);
            }
        } finally {
            pipe.closeWriteEnd();
        }
    }

    /**
     * Runs an INSERT with the rows of a stream.
     *
     * @param statement the INSERT without its {@code FORMAT} or {@code VALUES} clause
     * @param format the rows' input format
     * @throws IOException when the rows cannot be read to their end; what was read is not inserted,
     *     but for whole blocks (max_insert_block_size rows) sent before, as in ClickHouse itself
     */
    public QueryStatistics insert(
            byte[] statement, String format, Map<String, String> parameters, InputStream rows)
            throws EngineException, IOException {
        byte[] formatBytes = format.getBytes(StandardCharsets.UTF_8);
        QueryParameters nativeParameters = new QueryParameters(parameters);
        long start = System.nanoTime();
        Pointer stream =
                chdb.chdb_stream_insert_with_params_n(
                        connection,
                        statement,
                        statement.length,
                        formatBytes,
                        formatBytes.length,
                        nativeParameters.names,
                        nativeParameters.nameLengths,
                        nativeParameters.values,
                        nativeParameters.valueLengths,
                        nativeParameters.count());
        try (Memory buffer = new Memory(BUFFER_SIZE)) {
            Pointer error = chdb.chdb_stream_insert_error(stream);
            if (error != null) {
                throw EngineException.parse(error.getString(0, "UTF-8"));
            }
            append(stream, buffer, rows);
            Pointer result = chdb.chdb_stream_done(stream);
            try {
                throwIfFailed(result);
                return new QueryStatistics(
                        0,
                        0,
                        chdb.chdb_result_rows_written(result),
                        chdb.chdb_result_bytes_written(result),
                        0,
                        0,
                        System.nanoTime() - start);
            } finally {
                chdb.chdb_destroy_query_result(result);
            }
        } finally {
            // Cancels what is not done.
            chdb.chdb_destroy_insert_stream(stream);
        }
    }

    private void append(Pointer stream, Memory buffer, InputStream rows) throws IOException {
        byte[] chunk = new byte[BUFFER_SIZE];
        for (int read; (read = rows.readNBytes(chunk, 0, chunk.length)) > 0; ) {
            buffer.write(0, chunk, 0, read);
            if (chdb.chdb_stream_append(stream, buffer, read) != 0) {
                // The insert has failed: chdb_stream_done has the reason.
                return;
            }
        }
    }

    private Pointer query(byte[] query, String format, Map<String, String> parameters) {
        byte[] formatBytes = format.getBytes(StandardCharsets.UTF_8);
        QueryParameters nativeParameters = new QueryParameters(parameters);
        return chdb.chdb_query_with_params_n(
                connection,
                query,
                query.length,
                formatBytes,
                formatBytes.length,
                nativeParameters.names,
                nativeParameters.nameLengths,
                nativeParameters.values,
                nativeParameters.valueLengths,
                nativeParameters.count());
    }

    private void throwIfFailed(Pointer result) throws EngineException {
        Pointer error = chdb.chdb_result_error(result);
        if (error != null) {
            throw EngineException.parse(error.getString(0, "UTF-8"));
        }
    }

    private QueryStatistics statistics(Pointer result) {
        return new QueryStatistics(
                chdb.chdb_result_storage_rows_read(result),
                chdb.chdb_result_storage_bytes_read(result),
                chdb.chdb_result_rows_written(result),
                chdb.chdb_result_bytes_written(result),
                chdb.chdb_result_rows_read(result),
                chdb.chdb_result_bytes_read(result),
                (long) (chdb.chdb_result_elapsed(result) * 1e9));
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            chdb.chdb_close_conn(connectionAddress);
        }
    }
}
