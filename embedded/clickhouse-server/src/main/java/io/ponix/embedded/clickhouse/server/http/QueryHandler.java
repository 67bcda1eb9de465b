package io.ponix.embedded.clickhouse.server.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import io.ponix.embedded.clickhouse.server.access.AccessUser;
import io.ponix.embedded.clickhouse.server.compression.ContentCoding;
import io.ponix.embedded.clickhouse.server.compression.NativeFrameOutputStream;
import io.ponix.embedded.clickhouse.server.engine.ClickHouseEngine;
import io.ponix.embedded.clickhouse.server.engine.EngineException;
import io.ponix.embedded.clickhouse.server.engine.EngineSession;
import io.ponix.embedded.clickhouse.server.engine.OutputPipe;
import io.ponix.embedded.clickhouse.server.engine.QueryStatistics;
import io.ponix.embedded.clickhouse.server.sql.Statement;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the statement of one request and answers it.
 *
 * <p>Every request has an engine session of its own, closed with the request: that is what keeps
 * its settings, its database and its temporary tables from any other request.
 */
final class QueryHandler {

    private static final Logger LOG = LoggerFactory.getLogger(QueryHandler.class);

    private static final int SYNTAX_ERROR = 62;
    private static final int NOT_IMPLEMENTED = 48;
    private static final int CANNOT_READ_ALL_DATA = 33;
    private static final int QUERY_IS_TOO_LARGE = 229;
    private static final int ACCESS_DENIED = 497;
    private static final int INTO_OUTFILE_NOT_ALLOWED = 358;

    /**
     * How much of a body is searched for the place where an INSERT's rows begin (max_query_size).
     */
    private static final int MAX_STATEMENT_HEAD = 1 << 18;

    private static final int MAX_STATEMENT_SIZE = 1 << 24;

    private static final long KILL_INTERVAL_MILLISECONDS = 200;

    private final ClickHouseEngine engine;
    private final Credentials credentials;
    private final ExecutorService engineThreads;
    private final String displayName;

    QueryHandler(
            ClickHouseEngine engine,
            Credentials credentials,
            ExecutorService engineThreads,
            String displayName) {
        this.engine = engine;
        this.credentials = credentials;
        this.engineThreads = engineThreads;
        this.displayName = displayName;
    }

    /**
     * Answers a request, errors included.
     *
     * @throws IOException when the client cannot be answered any more: the connection is to be
     *     closed without the response's regular end
     */
    void handle(HttpExchange exchange) throws IOException {
        RequestBody body = new RequestBody(exchange);
        try {
            QueryRequest request = QueryRequest.of(exchange);
            exchange.getResponseHeaders().set("X-ClickHouse-Query-Id", request.queryId());
            run(exchange, request, body, credentials.check(request.user(), request.password()));
        } catch (EngineException e) {
            body.drain();
            sendError(exchange, e);
        }
    }

    private void run(
            HttpExchange exchange,
            QueryRequest request,
            RequestBody body,
            Optional<AccessUser> user)
            throws EngineException, IOException {
        InputStream input;
        byte[] head;
        try {
            input = body.decoded(exchange, request);
            head = readHead(request, input);
        } catch (IOException e) {
            throw EngineException.of(
                    CANNOT_READ_ALL_DATA,
                    "Cannot read the request's body: " + e.getMessage(),
                    "CANNOT_READ_ALL_DATA");
        }
        Statement statement = Statement.analyze(head);
        if (statement.kind() != Statement.Kind.INSERT_WITH_ROWS) {
            head = readWhole(head, input);
            statement = Statement.analyze(head);
        }
        refuseWhatServersRefuse(statement);
        try (EngineSession session =
                user.isPresent() ? engine.openSession(user.get()) : engine.openSession()) {
            if (request.database() != null) {
                session.use(request.database());
            }
            session.set(request.settings());
            switch (statement.kind()) {
                case QUERY -> query(exchange, request, session, statement);
                case INSERT_WITH_ROWS -> {
                    int rowsStart = statement.rowsStart();
                    InputStream rows =
                            new SequenceInputStream(
                                    new ByteArrayInputStream(
                                            head, rowsStart, head.length - rowsStart),
                                    input);
                    insert(exchange, request, session, statement, rows);
                }
                case COMMAND, EMPTY -> command(exchange, request, session, statement);
                case INSERT_FROM_INPUT ->
                        throw EngineException.of(
                                NOT_IMPLEMENTED,
                                "INSERT … SELECT … FROM input() is not supported by Ponix's"
                                        + " embedded ClickHouse",
                                "NOT_IMPLEMENTED");
            }
        }
    }

    /** The statement's part in the URL and the beginning of the body, which continues it. */
    private static byte[] readHead(QueryRequest request, InputStream body) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        if (!request.query().isEmpty()) {
            head.writeBytes(request.query().getBytes(StandardCharsets.UTF_8));
            head.write('\n');
        }
        head.writeBytes(body.readNBytes(MAX_STATEMENT_HEAD));
        return head.toByteArray();
    }

    private static byte[] readWhole(byte[] head, InputStream body)
            throws EngineException, IOException {
        byte[] rest = body.readNBytes(MAX_STATEMENT_SIZE);
        if (rest.length == MAX_STATEMENT_SIZE) {
            throw EngineException.of(
                    QUERY_IS_TOO_LARGE,
                    "The statement is larger than " + MAX_STATEMENT_SIZE + " bytes",
                    "QUERY_IS_TOO_LARGE");
        }
        if (rest.length == 0) {
            return head;
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream(head.length + rest.length);
        whole.writeBytes(head);
        whole.writeBytes(rest);
        return whole.toByteArray();
    }

    private static void refuseWhatServersRefuse(Statement statement) throws EngineException {
        if (statement.isForElsewhere()) {
            throw EngineException.of(
                    ACCESS_DENIED,
                    "FROM INFILE, RESTORE and disk() are not allowed: what is elsewhere on this"
                            + " machine or another is not for the server's users",
                    "ACCESS_DENIED");
        }
        if (statement.hasSeveralStatements()) {
            throw EngineException.of(
                    SYNTAX_ERROR,
                    "Syntax error (Multi-statements are not allowed)",
                    "SYNTAX_ERROR");
        }
        if (statement.isIntoOutfile()) {
            throw EngineException.of(
                    INTO_OUTFILE_NOT_ALLOWED,
                    "INTO OUTFILE is not allowed",
                    "INTO_OUTFILE_NOT_ALLOWED");
        }
    }

    private void query(
            HttpExchange exchange, QueryRequest request, EngineSession session, Statement statement)
            throws EngineException, IOException {
        String format = statement.format() == null ? request.defaultFormat() : statement.format();
        Future<QueryStatistics> running;
        try (OutputPipe pipe = new OutputPipe();
                ResultBuffer result = new ResultBuffer(pipe.input())) {
            running =
                    engineThreads.submit(
                            () ->
                                    session.queryInto(
                                            pipe,
                                            statement.head(),
                                            statement.formatClause(),
                                            request.defaultFormat(),
                                            request.parameters()));
            try {
                boolean complete = result.readBeginning();
                if (!complete && request.waitEndOfQuery()) {
                    result.readRest();
                    complete = true;
                }
                if (complete) {
                    setSummary(exchange, await(running));
                }
                send(exchange, request, format, result, running);
            } finally {
                pipe.abandon();
                stop(running, pipe);
            }
        }
    }

    private void send(
            HttpExchange exchange,
            QueryRequest request,
            String format,
            ResultBuffer result,
            Future<QueryStatistics> running)
            throws IOException {
        OutputStream output = startResponse(exchange, request, format, result.size());
        result.writeTo(output);
        try {
            await(running);
        } catch (EngineException e) {
            // The status is sent: an abrupt end tells the client, the text tells the person.
            output.write(message(e).getBytes(StandardCharsets.UTF_8));
            output.flush();
            throw new IOException("The query failed while its result was sent", e);
        }
        output.close();
    }

    private void insert(
            HttpExchange exchange,
            QueryRequest request,
            EngineSession session,
            Statement statement,
            InputStream rows)
            throws EngineException, IOException {
        String format = statement.format() == null ? request.defaultFormat() : statement.format();
        QueryStatistics statistics;
        try {
            statistics = session.insert(statement.head(), format, request.parameters(), rows);
        } catch (IOException e) {
            throw EngineException.of(
                    CANNOT_READ_ALL_DATA,
                    "Cannot read the rows to insert, nothing is inserted: " + e.getMessage(),
                    "CANNOT_READ_ALL_DATA");
        }
        // Formats that end before the body does (Values at a semicolon) leave bytes behind.
        rows.transferTo(OutputStream.nullOutputStream());
        setSummary(exchange, statistics);
        startResponse(exchange, request, request.defaultFormat(), 0).close();
    }

    private void command(
            HttpExchange exchange, QueryRequest request, EngineSession session, Statement statement)
            throws EngineException, IOException {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        setSummary(
                exchange,
                session.execute(
                        statement.head(), request.defaultFormat(), request.parameters(), result));
        try (OutputStream output =
                startResponse(exchange, request, request.defaultFormat(), result.size())) {
            result.writeTo(output);
        }
    }

    private static QueryStatistics await(Future<QueryStatistics> running)
            throws EngineException, IOException {
        try {
            return running.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof EngineException engineException) {
                throw engineException;
            }
            throw new IOException("The query ended unexpectedly", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while a query was running", e);
        }
    }

    /**
     * Waits for the query's end, and brings it about where the response is not complete: the engine
     * goes on with a query whose output nobody takes.
     */
    private void stop(Future<QueryStatistics> running, OutputPipe pipe) throws IOException {
        while (!running.isDone()) {
            engine.kill(pipe);
            try {
                running.get(KILL_INTERVAL_MILLISECONDS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                LOG.debug("The query still runs");
            } catch (ExecutionException e) {
                LOG.debug("The query ended after its response", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("Interrupted while a query was being stopped", e);
            }
        }
    }

    private static void setSummary(HttpExchange exchange, QueryStatistics statistics) {
        exchange.getResponseHeaders().set("X-ClickHouse-Summary", statistics.toSummary());
    }

    private OutputStream startResponse(
            HttpExchange exchange, QueryRequest request, String format, long size)
            throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", ContentType.of(format));
        headers.set("X-ClickHouse-Format", format);
        headers.set("X-ClickHouse-Timezone", engine.timezone());
        headers.set("X-ClickHouse-Server-Display-Name", displayName);
        ContentCoding coding =
                request.httpCompression()
                        ? ContentCoding.accepted(
                                exchange.getRequestHeaders().getFirst("Accept-Encoding"))
                        : null;
        boolean isEmpty = size == 0;
        if (isEmpty) {
            exchange.sendResponseHeaders(200, -1);
            return OutputStream.nullOutputStream();
        }
        if (coding != null) {
            headers.set("Content-Encoding", coding.headerValue());
        }
        boolean sizeIsKnown = size > 0 && coding == null && !request.compressResponse();
        exchange.sendResponseHeaders(200, sizeIsKnown ? size : 0);
        OutputStream output = exchange.getResponseBody();
        if (coding != null) {
            output = coding.encode(output);
        }
        return request.compressResponse() ? new NativeFrameOutputStream(output) : output;
    }

    private void sendError(HttpExchange exchange, EngineException error) throws IOException {
        LOG.debug("{}", error.getMessage());
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Type", "text/plain; charset=UTF-8");
        headers.set("X-ClickHouse-Exception-Code", String.valueOf(error.code()));
        headers.set("X-ClickHouse-Timezone", engine.timezone());
        headers.set("X-ClickHouse-Server-Display-Name", displayName);
        byte[] message = message(error).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(ErrorStatus.of(error.code()), message.length);
        try (OutputStream output = exchange.getResponseBody()) {
            output.write(message);
        }
    }

    private String message(EngineException error) {
        String message = error.getMessage();
        return message.contains("(version ")
                ? message + "\n"
                : message + " (version " + engine.version() + ")\n";
    }
}
