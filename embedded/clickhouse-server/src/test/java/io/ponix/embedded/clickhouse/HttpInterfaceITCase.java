package io.ponix.embedded.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What curl and other plain HTTP clients meet. */
class HttpInterfaceITCase {

    @TempDir static Path home;
    private static ServerProcess server;

    @BeforeAll
    static void start() throws Exception {
        server = ServerProcess.start(home);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ping", "/"})
    void saysOkWithoutCredentials(String path) throws Exception {
        HttpResponse<String> response =
                server.send(
                        HttpRequest.newBuilder(URI.create(server.url() + path)).build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("Ok.\n");
    }

    @Test
    void answersWithTheHeadersOfTheServer() throws Exception {
        HttpResponse<String> response =
                server.send(
                        server.request("/?query_id=my-id&default_format=CSV")
                                .POST(HttpRequest.BodyPublishers.ofString("SELECT 1, 'a'"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(response.body()).isEqualTo("1,\"a\"\n");
        assertThat(response.headers().firstValue("X-ClickHouse-Query-Id")).hasValue("my-id");
        assertThat(response.headers().firstValue("X-ClickHouse-Format")).hasValue("CSV");
        assertThat(response.headers().firstValue("X-ClickHouse-Timezone")).isPresent();
        assertThat(response.headers().firstValue("X-ClickHouse-Server-Display-Name")).isPresent();
        assertThat(response.headers().firstValue("X-ClickHouse-Summary").orElseThrow())
                .contains("\"result_rows\":\"1\"");
        assertThat(response.headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/csv");
    }

    @Test
    void takesTheQueryFromUrlBodyOrBoth() throws Exception {
        HttpResponse<String> get =
                server.send(
                        server.request("/?query=" + ServerProcess.encode("SELECT 1 + 1")).build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(get.body()).isEqualTo("2\n");
        assertThat(server.post("query=SELECT", "1 + 2").body()).isEqualTo("3\n");
        assertThat(server.post("", "SELECT 1 + 3 -- the end").body()).isEqualTo("4\n");
    }

    @Test
    void acceptsBasicCredentialsAndCredentialsInTheUrl() throws Exception {
        String basic =
                Base64.getEncoder()
                        .encodeToString(
                                (ServerProcess.USER + ":" + ServerProcess.PASSWORD)
                                        .getBytes(StandardCharsets.UTF_8));
        URI uri = URI.create(server.url() + "/?query=SELECT%201");
        assertThat(
                        server.send(
                                        HttpRequest.newBuilder(uri)
                                                .header("Authorization", "Basic " + basic)
                                                .build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .body())
                .isEqualTo("1\n");
        URI withCredentials =
                URI.create(
                        uri
                                + "&user="
                                + ServerProcess.USER
                                + "&password="
                                + ServerProcess.encode(ServerProcess.PASSWORD));
        assertThat(
                        server.send(
                                        HttpRequest.newBuilder(withCredentials).build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .body())
                .isEqualTo("1\n");
    }

    @ParameterizedTest
    @CsvSource({"tester,wrong", "nobody,secret", ","})
    void refusesOtherCredentials(String user, String password) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(server.url() + "/?query=SELECT%201"));
        if (user != null) {
            request.header("X-ClickHouse-User", user).header("X-ClickHouse-Key", password);
        }
        HttpResponse<String> response =
                server.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertError(response, 403, 516, "Authentication failed");
        assertThat(response.body()).doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELEC 1 | 400 | 62 | SYNTAX_ERROR",
                "SELECT 1; SELECT 2 | 400 | 62 | Multi-statements are not allowed",
                "SELECT * FROM nope | 404 | 60 | UNKNOWN_TABLE",
                "INSERT INTO nope FORMAT CSV 1 | 404 | 60 | UNKNOWN_TABLE",
                "SELECT nope | 404 | 47 | UNKNOWN_IDENTIFIER",
                "SELECT 1 FORMAT Nope | 404 | 73 | UNKNOWN_FORMAT",
                "SELECT 1 INTO OUTFILE '/tmp/x' | 500 | 358 | INTO_OUTFILE_NOT_ALLOWED",
                "SELECT throwIf(number = 3) FROM numbers(5) | 500 | 395 | throwIf",
                "DROP TABLE nope | 404 | 60 | nope",
                "SELECT {x:UInt8} | 500 | 456 | UNKNOWN_QUERY_PARAMETER",
            })
    void mapsErrorsToCodeAndStatus(String query, int status, int code, String text)
            throws Exception {
        HttpResponse<String> response = server.post("database=readings", query);
        assertError(response, status, code, text);
        assertThat(response.body())
                .doesNotContain("/proc/", "TabSeparated")
                .contains("(version 26.");
    }

    @Test
    void refusesUnknownDatabasesAndSettings() throws Exception {
        assertError(server.post("database=nope", "SELECT 1"), 404, 81, "nope");
        assertError(server.post("no_such_setting=1", "SELECT 1"), 404, 115, "no_such_setting");
        assertError(server.post("max_threads=many", "SELECT 1"), 400, 27, "many");
        assertError(server.post("default_format=CSV%20x", "SELECT 1"), 404, 73, "CSV x");
        assertError(server.post("query_id=a%0Ab", "SELECT 1"), 400, 36, "query_id");
    }

    @Test
    void refusesRowsThatDoNotParse() throws Exception {
        server.query("CREATE TABLE strict (id UInt32, data JSON) ENGINE = Memory");
        String insert = "database=readings&query=INSERT+INTO+strict+FORMAT+";
        assertError(server.post(insert + "JSONEachRow", "{\"id\": \"x"), 400, 27, "id");
        assertError(server.post(insert + "CSV", "1,\"{broken\"\n"), 400, 117, "JSON");
        assertError(server.post(insert + "RowBinary", new byte[] {1, 2}), 500, 33, "read");
        assertError(
                server.post("decompress=1&" + insert + "CSV", "1,{}\nthis is not compressed"),
                500,
                33,
                "not in ClickHouse's compressed format");
        assertThat(server.query("SELECT count() FROM strict")).isEqualTo("0");
    }

    @Test
    void answersAnErrorToAClientThatSendsALargeBody() throws Exception {
        byte[] body = new byte[20_000_000];
        assertError(server.post("query=INSERT+INTO+nope+FORMAT+RowBinary", body), 404, 60, "nope");
    }

    @Test
    void createsTheDatabaseAndUsesTheOneOfTheRequest() throws Exception {
        assertThat(server.post("", "SELECT currentDatabase()").body()).isEqualTo("default\n");
        assertThat(server.post("database=readings", "SELECT currentDatabase()").body())
                .isEqualTo("readings\n");
        assertThat(
                        server.send(
                                        server.request("/?query=SELECT+currentDatabase()")
                                                .header("X-ClickHouse-Database", "system")
                                                .build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .body())
                .isEqualTo("system\n");
        server.post("", "USE system");
        assertThat(server.post("", "SELECT currentDatabase()").body()).isEqualTo("default\n");
    }

    @Test
    void keepsSettingsWithinTheirRequest() throws Exception {
        String query = "SELECT getSetting('max_threads'), getSetting('insert_deduplication_token')";
        String before = server.query(query);
        assertThat(server.post("max_threads=7&insert_deduplication_token=it's", query).body())
                .isEqualTo("7\tit\\'s\n");
        server.query("SET max_threads = 9");
        server.query("CREATE TEMPORARY TABLE only_here (a UInt8)");
        assertThat(server.query(query)).isEqualTo(before);
        assertError(server.post("", "SELECT * FROM only_here"), 404, 60, "only_here");
    }

    @Test
    void readsOnlyOnGet() throws Exception {
        HttpResponse<String> response =
                server.send(
                        server.request("/?query=CREATE+TABLE+readings.x(a+UInt8)ENGINE=Memory")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertError(response, 500, 164, "readonly");
    }

    @Test
    void fillsInQueryParameters() throws Exception {
        assertThat(
                        server.post(
                                        "param_id=42&param_name="
                                                + ServerProcess.encode("it's; -- \\t a tab"),
                                        "SELECT {id:UInt32} + 1, {name:String}")
                                .body())
                .isEqualTo("43\tit\\'s; -- \\t a tab\n");
    }

    @Test
    void storesJson() throws Exception {
        server.query("CREATE TABLE json (id UInt32, data JSON) ENGINE = MergeTree ORDER BY id");
        server.query(
                "INSERT INTO json FORMAT JSONEachRow\n"
                        + "{\"id\": 1, \"data\": {\"temperature\": 21.5, \"rooms\": [1, 2]}}\n\n"
                        + "{\"id\": 2, \"data\": {\"temperature\": \"broken\"}}");
        assertThat(
                        server.query(
                                "SELECT id, data.temperature, dynamicType(data.temperature) FROM"
                                        + " json ORDER BY id"))
                .isEqualTo("1\t21.5\tFloat64\n2\tbroken\tString");
    }

    @Test
    void insertsBinaryRowsThatLookLikeSql() throws Exception {
        server.query("CREATE TABLE rows (id UInt32, text String) ENGINE = MergeTree ORDER BY id");
        byte[] rows = rowBinary(List.of("\n\n; DROP TABLE rows", "SETTINGS a = 1", "\0'\"`/*"));
        assertThat(
                        server.post(
                                        "database=readings&query="
                                                + ServerProcess.encode(
                                                        "INSERT INTO rows (id, text) FORMAT"
                                                                + " RowBinary"),
                                        rows)
                                .headers()
                                .firstValue("X-ClickHouse-Summary")
                                .orElseThrow())
                .contains("\"written_rows\":\"3\"");
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes("INSERT INTO rows FORMAT RowBinary\n".getBytes(StandardCharsets.UTF_8));
        whole.writeBytes(rowBinary(List.of("in the body")));
        assertThat(server.post("database=readings", whole.toByteArray()).statusCode())
                .isEqualTo(200);
        assertThat(server.query("SELECT text FROM rows ORDER BY length(text) FORMAT JSONCompact"))
                .contains("\\n\\n; DROP TABLE rows", "SETTINGS a = 1", "in the body");
        assertThat(server.query("SELECT count() FROM rows")).isEqualTo("4");
    }

    @Test
    void insertsValuesAndSelects() throws Exception {
        server.query("CREATE TABLE copies (id UInt32, text String) ENGINE = Memory");
        server.query("INSERT INTO copies (id, text) VALUES (1, 'a;b'), (1 + 1, concat('c', 'd'));");
        server.post("database=readings&query=INSERT+INTO+copies+VALUES", "(3, 'e')");
        server.query("INSERT INTO copies SELECT id + 10, text FROM copies");
        server.query("INSERT INTO copies FORMAT Values (4, 'f')");
        server.query("INSERT INTO copies SETTINGS async_insert = 0 FORMAT CSV 5,\"g\"");
        server.query("INSERT INTO copies FORMAT CSV SETTINGS async_insert = 0\n6,\"h\"");
        assertThat(
                        server.query(
                                "SELECT arrayStringConcat(groupArray(text)) FROM (SELECT * FROM"
                                        + " copies ORDER BY id)"))
                .isEqualTo("a;bcdefgha;bcde");
    }

    @Test
    void insertsNothingOfAChunkedBodyThatIsCutOff() throws Exception {
        server.query("CREATE TABLE cut_chunks (id UInt32) ENGINE = Memory");
        String head =
                "POST /?query=INSERT+INTO+readings.cut_chunks+FORMAT+RowBinary HTTP/1.1\r\n"
                        + "Host: x\r\nX-ClickHouse-User: "
                        + ServerProcess.USER
                        + "\r\nX-ClickHouse-Key: "
                        + ServerProcess.PASSWORD
                        + "\r\nTransfer-Encoding: chunked\r\n\r\n";
        // Within a chunk, between two chunks, and before the last one, which is empty.
        for (String end : new String[] {"8\r\n\0\0\0\0", "4\r\n\0\0\0\0\r\n", "0\r\n"}) {
            try (Socket socket = new Socket("127.0.0.1", server.port())) {
                OutputStream output = socket.getOutputStream();
                output.write((head + "4\r\n\0\0\0\0\r\n").getBytes(StandardCharsets.US_ASCII));
                output.write(end.getBytes(StandardCharsets.US_ASCII));
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            }
            assertThat(server.query("SELECT count() FROM cut_chunks")).as(end).isEqualTo("0");
        }
    }

    @Test
    void insertsNothingOfABodyThatIsCutOff() throws Exception {
        server.query("CREATE TABLE cut (id UInt32) ENGINE = Memory");
        sendRaw(
                "/?query=INSERT+INTO+readings.cut+FORMAT+RowBinary",
                new byte[2_000_000],
                4_000_000);
        assertThat(server.query("SELECT count() FROM cut")).isEqualTo("0");
    }

    @Test
    void dropsABlockWithAKnownToken() throws Exception {
        server.query(
                "CREATE TABLE tokens (id UInt32) ENGINE = MergeTree ORDER BY id"
                        + " SETTINGS non_replicated_deduplication_window = 100");
        for (String[] tokenAndRows :
                new String[][] {{"a", "1\n2\n"}, {"a", "3\n"}, {"b", "1\n2\n"}, {"b", "4\n"}}) {
            assertThat(
                            server.post(
                                            "database=readings&async_insert=0"
                                                    + "&insert_deduplication_token="
                                                    + tokenAndRows[0]
                                                    + "&query=INSERT+INTO+tokens+FORMAT+TSV",
                                            tokenAndRows[1])
                                    .statusCode())
                    .isEqualTo(200);
        }
        assertThat(server.query("SELECT groupArray(id) FROM (SELECT id FROM tokens ORDER BY id)"))
                .isEqualTo("[1,1,2,2]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "lz4"})
    void speaksContentEncodings(String encoding) throws Exception {
        String table = "encoded_" + encoding;
        server.query("CREATE TABLE " + table + " (id UInt32) ENGINE = Memory");
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        try (OutputStream encoder =
                encoding.equals("gzip")
                        ? new GZIPOutputStream(body)
                        : new LZ4FrameOutputStream(body)) {
            encoder.write("1\n2\n3\n".getBytes(StandardCharsets.UTF_8));
        }
        HttpResponse<String> inserted =
                server.send(
                        server.request("/?query=INSERT+INTO+readings." + table + "+FORMAT+TSV")
                                .header("Content-Encoding", encoding)
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(inserted.statusCode()).isEqualTo(200);
        HttpResponse<byte[]> response =
                server.send(
                        server.request(
                                        "/?enable_http_compression=1&query=SELECT+*+FROM+readings."
                                                + table)
                                .header("Accept-Encoding", encoding)
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        assertThat(response.headers().firstValue("Content-Encoding")).hasValue(encoding);
        InputStream encoded = new ByteArrayInputStream(response.body());
        try (InputStream decoder =
                encoding.equals("gzip")
                        ? new GZIPInputStream(encoded)
                        : new LZ4FrameInputStream(encoded)) {
            assertThat(decoder.readAllBytes()).asString().isEqualTo("1\n2\n3\n");
        }
        // Only where it is asked for by the parameter too, as the server does.
        assertThat(
                        server.send(
                                        server.request("/?query=SELECT+1")
                                                .header("Accept-Encoding", encoding)
                                                .build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .body())
                .isEqualTo("1\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"JSON", "RowBinaryWithNamesAndTypes", "Parquet", "CSVWithNames"})
    void givesOneDocumentWhateverTheSize(String format) throws Exception {
        HttpResponse<byte[]> response =
                server.send(
                        server.request("/")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "SELECT number FROM numbers(1000000) FORMAT "
                                                        + format))
                                .build(),
                        HttpResponse.BodyHandlers.ofByteArray());
        // ClickHouse itself reads it back: a header in the middle would not pass.
        server.query("CREATE TABLE back_" + format + " (number UInt64) ENGINE = Memory");
        HttpResponse<String> inserted =
                server.post(
                        "query=INSERT+INTO+readings.back_" + format + "+FORMAT+" + format,
                        response.body());
        assertThat(inserted.statusCode()).as(inserted.body()).isEqualTo(200);
        assertThat(server.query("SELECT count(), sum(number) FROM back_" + format))
                .isEqualTo("1000000\t499999500000");
    }

    @Test
    void streamsMoreThanItsMemoryHolds() throws Exception {
        // The server's heap is 256 MiB; this is 50 million rows, about 440 MB.
        HttpResponse<InputStream> response =
                server.send(
                        server.request("/")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "SELECT number FROM numbers(50000000)"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        long lines = 0;
        byte[] buffer = new byte[1 << 16];
        try (InputStream body = response.body()) {
            for (int read; (read = body.read(buffer)) >= 0; ) {
                for (int i = 0; i < read; i++) {
                    if (buffer[i] == '\n') {
                        lines++;
                    }
                }
            }
        }
        assertThat(lines).isEqualTo(50_000_000);
    }

    @Test
    void endsAbruptlyWhenAQueryFailsHalfway() throws Exception {
        String response =
                sendRaw(
                        "/?query="
                                + ServerProcess.encode(
                                        "SELECT throwIf(number = 5000000, 'halfway') FROM"
                                                + " numbers(6000000)"),
                        new byte[0],
                        0);
        assertThat(response).startsWith("HTTP/1.1 200 OK");
        assertThat(response.substring(0, 1000)).contains("Transfer-encoding: chunked");
        // The text for the person; no last chunk, which tells the client.
        assertThat(response.substring(response.length() - 1000))
                .contains("Code: 395", "halfway")
                .doesNotContain("\r\n0\r\n");
    }

    /** A request as it goes over the wire; returns the response as it comes. */
    private static String sendRaw(String path, byte[] body, int contentLength) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            OutputStream output = socket.getOutputStream();
            output.write(
                    ("POST "
                                    + path
                                    + " HTTP/1.1\r\nHost: x\r\nX-ClickHouse-User: "
                                    + ServerProcess.USER
                                    + "\r\nX-ClickHouse-Key: "
                                    + ServerProcess.PASSWORD
                                    + "\r\nContent-Length: "
                                    + contentLength
                                    + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            output.write(body);
            if (body.length < contentLength) {
                socket.shutdownOutput();
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void tellsTheErrorInFullWhenAskedToWaitForTheEnd() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "wait_end_of_query=1",
                        "SELECT throwIf(number = 5000000, 'halfway') FROM numbers(6000000)");
        assertError(response, 500, 395, "halfway");
        assertThat(server.post("wait_end_of_query=1", "SELECT number FROM numbers(500000)").body())
                .hasLineCount(500_000);
    }

    @Test
    void survivesClientsThatLeave() throws Exception {
        for (int i = 0; i < 3; i++) {
            HttpResponse<InputStream> response =
                    server.send(
                            server.request("/")
                                    .POST(
                                            HttpRequest.BodyPublishers.ofString(
                                                    "SELECT number FROM numbers(10000000000)"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofInputStream());
            response.body().read();
            response.body().close();
        }
        await().untilAsserted(
                        () ->
                                assertThat(
                                                server.query(
                                                        "SELECT count() FROM system.processes WHERE"
                                                                + " query LIKE '%10000000000)%' AND"
                                                                + " query NOT LIKE '%processes%'"))
                                        .isEqualTo("0"));
    }

    @Test
    void runsEightQueriesAtOnce() throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(8);
        try {
            List<Callable<String>> queries = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String query =
                        "SELECT "
                                + i
                                + ", sum(number) FROM numbers(3000000) WHERE NOT"
                                + " ignore(sleepEachRow(0))";
                queries.add(() -> server.query(query));
            }
            List<String> results = new ArrayList<>();
            for (Future<String> result : clients.invokeAll(queries)) {
                results.add(result.get());
            }
            for (int i = 0; i < 8; i++) {
                assertThat(results.get(i)).isEqualTo(i + "\t4499998500000");
            }
            // All at once, not one after the other.
            long start = System.nanoTime();
            List<Callable<String>> sleepers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                sleepers.add(() -> server.query("SELECT sleep(1)"));
            }
            for (Future<String> result : clients.invokeAll(sleepers)) {
                assertThat(result.get()).isEqualTo("0");
            }
            assertThat(System.nanoTime() - start).isLessThan(4_000_000_000L);
        } finally {
            clients.shutdownNow();
        }
    }

    @Test
    void saysWhatItDoesNotSupport() throws Exception {
        assertError(server.post("session_id=1", "SELECT 1"), 501, 48, "session_id");
        assertError(
                server.post("", "INSERT INTO x SELECT * FROM input('a UInt8') FORMAT CSV\n1"),
                501,
                48,
                "input()");
        HttpResponse<String> unknown =
                server.send(
                        server.request("/?query=SELECT+1")
                                .header("Content-Encoding", "br")
                                .POST(HttpRequest.BodyPublishers.ofString("x"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertError(unknown, 500, 89, "lz4, gzip and deflate");
        assertThat(
                        server.send(
                                        server.request("/nope").build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                .isEqualTo(404);
    }

    private static byte[] rowBinary(List<String> texts) {
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ByteBuffer row =
                    ByteBuffer.allocate(4 + 1 + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
            row.putInt(bytes.length).put((byte) bytes.length).put(bytes);
            rows.writeBytes(row.array());
        }
        return rows.toByteArray();
    }

    private static void assertError(
            HttpResponse<String> response, int status, int code, String text) {
        assertThat(response.body()).startsWith("Code: " + code + ". DB::Exception: ");
        assertThat(response.body()).contains(text);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("X-ClickHouse-Exception-Code"))
                .hasValue(String.valueOf(code));
    }
}
