package io.ponix.embedded.clickhouse.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What curl and other plain HTTP clients meet when they insert. */
class HttpInsertITCase {

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

    @Test
    void refusesRowsThatDoNotParse() throws Exception {
        server.query("CREATE TABLE strict (id UInt32, data JSON) ENGINE = Memory");
        String insert = "database=readings&query=INSERT+INTO+strict+FORMAT+";
        ServerProcess.assertError(
                server.post(insert + "JSONEachRow", "{\"id\": \"x"), 400, 27, "id");
        ServerProcess.assertError(server.post(insert + "CSV", "1,\"{broken\"\n"), 400, 117, "JSON");
        ServerProcess.assertError(
                server.post(insert + "RowBinary", new byte[] {1, 2}), 500, 33, "read");
        ServerProcess.assertError(
                server.post("decompress=1&" + insert + "CSV", "1,{}\nthis is not compressed"),
                500,
                33,
                "not in ClickHouse's compressed format");
        assertThat(server.query("SELECT count() FROM strict")).isEqualTo("0");
    }

    @Test
    void answersAnErrorToAClientThatSendsALargeBody() throws Exception {
        byte[] body = new byte[20_000_000];
        ServerProcess.assertError(
                server.post("query=INSERT+INTO+nope+FORMAT+RowBinary", body), 404, 60, "nope");
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
        server.sendRaw(
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
}
