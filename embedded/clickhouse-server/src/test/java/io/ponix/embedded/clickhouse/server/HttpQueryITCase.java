package io.ponix.embedded.clickhouse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What curl and other plain HTTP clients meet when they ask. */
class HttpQueryITCase {

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM file('/etc/hostname', 'LineAsString')",
                "SELECT * FROM '/etc/hostname'",
                "CREATE VIEW files (line String) SQL SECURITY NONE"
                        + " AS SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
                "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
                "SELECT * FROM s3('http://127.0.0.1:1/bucket/b.csv')",
                "SELECT * FROM remote('127.0.0.1:9000', system.one)",
                "SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
                "SELECT * FROM postgresql('127.0.0.1:1', 'a', 'b', 'c', 'd')",
                "INSERT INTO FUNCTION file('/tmp/ponix.csv', 'CSV', 'a String') SELECT 'x'",
                "BACKUP TABLE system.one TO S3('http://127.0.0.1:1/a-bucket/b', 'c', 'd')",
                "RESTORE TABLE system.one AS a FROM S3('http://127.0.0.1:1/a-bucket/b', 'c', 'd')",
                "CREATE TABLE a (a Int8) ENGINE = Null PARALLEL WITH RESTORE TABLE system.one AS b"
                        + " FROM S3('http://127.0.0.1:1/a-bucket/b', 'c', 'd')",
                "CREATE NAMED COLLECTION a AS endpoint = 'http://127.0.0.1:1/'",
                "CREATE OR REPLACE FUNCTION file AS path -> path",
                "DROP FUNCTION file",
                "CREATE TABLE files (a String) ENGINE = MergeTree ORDER BY a"
                        + " SETTINGS disk = disk(type = web, endpoint = 'http://127.0.0.1:1/')",
                "CREATE TABLE files (a String) ENGINE = MergeTree ORDER BY a SETTINGS disk =="
                        + " `dis\\x6b` (type = web, endpoint = 'http://127.0.0.1:1/')",
                "CREATE DATABASE files ENGINE = Atomic"
                        + " SETTINGS disk = disk(type = web, endpoint = 'http://127.0.0.1:1/')",
                "CREATE TABLE files (a String) ENGINE = File(CSV, '/etc/hostname')",
                "CREATE TABLE files (a String) ENGINE = URL('http://127.0.0.1:1/', CSV)",
                "CREATE DATABASE files ENGINE = Filesystem('/etc')",
                "CREATE DATABASE files ENGINE = SQLite('/tmp/a')",
                "CREATE DATABASE files ENGINE = PostgreSQL('127.0.0.1:1', 'a', 'b', 'c')",
                "CREATE DICTIONARY files (k UInt64, v String) PRIMARY KEY k SOURCE(HTTP(url"
                        + " 'http://127.0.0.1:1/' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)",
            })
    void whatIsElsewhereOnThisMachineOrAnotherIsNotForItsUsers(String sql) throws Exception {
        HttpResponse<String> response = server.post("", sql);

        assertThat(response.statusCode()).as(response.body()).isIn(403, 404);
        assertThat(response.body()).containsAnyOf("ACCESS_DENIED", "UNKNOWN_DATABASE_ENGINE");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT file('/etc/hostname')",
                "SELECT length(`file` /* */ ('/etc/hostname'))",
                "SELECT `fil\\x65`('/etc/hostname')",
                "SELECT file('/etc/hostname', 'a default')",
                "SELECT * APPLY(file) FROM (SELECT '/etc/hostname')",
                "SELECT * APPLY file FROM (SELECT '/etc/hostname')",
                "SELECT arrayMap(file, ['/etc/hostname'])",
                "SELECT file('/etc/hostname') SETTINGS enable_analyzer = 0",
                "SELECT 1 SETTINGS additional_result_filter = 'file(''/etc/hostname'') != '''''",
                "SELECT * FROM eval('SELECT fi' || 'le(''/etc/hostname'')')"
                        + " SETTINGS allow_experimental_eval_table_function = 1",
                "SELECT * FROM format(Values, 'a String', $$(file('/etc/hostname'))$$)",
                "SELECT * FROM format(JSONEachRow, 'a Int8, b String DEFAULT"
                        + " file(''/etc/hostname'')', '{\"a\": 1}')",
            })
    void theFunctionFileReadsNoFileHoweverItIsCalled(String sql) throws Exception {
        HttpResponse<String> response = server.post("", sql);

        assertThat(response.statusCode()).as(response.body()).isIn(400, 500);
        assertThat(response.body()).contains("file() is not allowed");
    }

    @Test
    void whatIsStoredReadsNoFileEither() throws Exception {
        server.query("CREATE VIEW files AS SELECT file('/etc/hostname')");
        server.query("CREATE TABLE defaults (a String, b String DEFAULT file(a)) ENGINE = Memory");
        server.query("CREATE TABLE mutated (a String, b String) ENGINE = MergeTree ORDER BY a");
        server.query("INSERT INTO mutated VALUES ('/etc/hostname', '')");
        for (String sql :
                new String[] {
                    "SELECT * FROM files",
                    "INSERT INTO defaults (a) VALUES ('/etc/hostname')",
                    "ALTER TABLE mutated UPDATE b = file(a) WHERE 1 SETTINGS mutations_sync = 1"
                }) {
            assertThat(server.post("database=" + ServerProcess.DATABASE, sql).body())
                    .as(sql)
                    .contains("file() is not allowed");
        }
    }

    @Test
    void columnsMayBeCalledFileAndDisk() throws Exception {
        server.query("CREATE TABLE named (file String, disk String) ENGINE = Memory");
        server.query("INSERT INTO named (file, disk) VALUES (upper('a'), 'b')");
        assertThat(
                        server.query(
                                "SELECT file, named.file, arrayMap(file -> file, [disk]) FROM named"
                                        + " WHERE file = (disk) OR disk = (file) OR file != ''"))
                .isEqualTo("A\tA\t['b']");
    }

    @Test
    void nothingOfAFileComesInByAnInsertOrASetting() throws Exception {
        server.post("", "CREATE TABLE inserted (a String, b String) ENGINE = Memory");
        for (String sql :
                new String[] {
                    "INSERT INTO inserted FROM INFILE '/etc/hostname' FORMAT CSV",
                    "INSERT INTO inserted FROM\u00a0INFILE '/etc/hostname' FORMAT CSV",
                    "INSERT INTO inserted // '\n FROM INFILE '/etc/hostname' FORMAT CSV",
                    "INSERT INTO inserted SELECT file('/etc/hostname'), ''",
                    "INSERT INTO inserted VALUES (file('/etc/hostname'), '')",
                    "INSERT INTO inserted SETTINGS input_format_values_interpret_expressions = 1"
                            + " VALUES ('"
                            + "x".repeat(1 << 19)
                            + "', ''), (file('/etc/hostname'), '')",
                }) {
            assertThat(server.post("", sql).statusCode()).as(sql).isIn(400, 403, 500);
        }
        for (String setting :
                new String[] {
                    "format_template_row=/etc/hostname",
                    "format_template_resultset=/etc/hostname",
                    "output_format_schema=/tmp/ponix.proto",
                    "input_format_record_errors_file_path=/tmp/ponix.errors",
                    "format_schema=" + ServerProcess.encode("/etc/hostname:X"),
                    "format_avro_schema_registry_url=" + ServerProcess.encode("http://127.0.0.1:1/")
                }) {
            HttpResponse<String> response = server.post(setting, "SELECT 1");
            assertThat(response.statusCode()).as(setting).isNotEqualTo(200);
            assertThat(response.body()).contains("should not be changed");
        }
        assertThat(server.post("", "SELECT count() FROM inserted").body()).isEqualTo("0\n");

        // What only looks like it.
        server.post("", "INSERT INTO inserted VALUES ('file(1) FROM INFILE', upper('b'))");
        server.post("", "INSERT INTO inserted FORMAT CSV\nfile(1),FROM INFILE\n");
        assertThat(server.post("", "SELECT * FROM inserted ORDER BY b FORMAT CSV").body())
                .isEqualTo("\"file(1) FROM INFILE\",\"B\"\n\"file(1)\",\"FROM INFILE\"\n");
    }

    @ParameterizedTest
    @CsvSource({"Origin, https://evil.example", "Origin, null", "Sec-Fetch-Site, cross-site"})
    void aWebPageCannotUseCredentialsInTheUrl(String header, String value) throws Exception {
        String url =
                server.url()
                        + "/?query=SELECT%201&user="
                        + ServerProcess.USER
                        + "&password="
                        + ServerProcess.encode(ServerProcess.PASSWORD);
        HttpResponse<String> response =
                server.send(
                        HttpRequest.newBuilder(URI.create(url)).header(header, value).build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(403);
        assertThat(response.body()).contains("a web page cannot use user and password in the URL");
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
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
        ServerProcess.assertError(response, 403, 516, "Authentication failed");
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
        ServerProcess.assertError(response, status, code, text);
        assertThat(response.body())
                .doesNotContain("/proc/", "TabSeparated")
                .contains("(version 26.");
    }

    @Test
    void refusesUnknownDatabasesAndSettings() throws Exception {
        ServerProcess.assertError(server.post("database=nope", "SELECT 1"), 404, 81, "nope");
        ServerProcess.assertError(
                server.post("no_such_setting=1", "SELECT 1"), 404, 115, "no_such_setting");
        ServerProcess.assertError(server.post("max_threads=many", "SELECT 1"), 400, 27, "many");
        ServerProcess.assertError(
                server.post("default_format=CSV%20x", "SELECT 1"), 404, 73, "CSV x");
        ServerProcess.assertError(server.post("query_id=a%0Ab", "SELECT 1"), 400, 36, "query_id");
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
        ServerProcess.assertError(server.post("", "SELECT * FROM only_here"), 404, 60, "only_here");
    }

    @Test
    void readsOnlyOnGet() throws Exception {
        HttpResponse<String> response =
                server.send(
                        server.request("/?query=CREATE+TABLE+readings.x(a+UInt8)ENGINE=Memory")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        ServerProcess.assertError(response, 500, 164, "readonly");
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
                server.sendRaw(
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

    @Test
    void tellsTheErrorInFullWhenAskedToWaitForTheEnd() throws Exception {
        HttpResponse<String> response =
                server.post(
                        "wait_end_of_query=1",
                        "SELECT throwIf(number = 5000000, 'halfway') FROM numbers(6000000)");
        ServerProcess.assertError(response, 500, 395, "halfway");
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
        ServerProcess.assertError(server.post("session_id=1", "SELECT 1"), 501, 48, "session_id");
        ServerProcess.assertError(
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
        ServerProcess.assertError(unknown, 500, 89, "lz4, gzip and deflate");
        assertThat(
                        server.send(
                                        server.request("/nope").build(),
                                        HttpResponse.BodyHandlers.ofString())
                                .statusCode())
                .isEqualTo(404);
    }
}
