package io.ponix.jobs.envelope.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.client.clickhouse.ClickHouseClient;
import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.connector.clickhouse.sink.ClickHouseRowEncoder;
import io.ponix.connector.clickhouse.sink.ClickHouseSink;
import io.ponix.connector.clickhouse.sink.RejectedRow;
import io.ponix.connector.clickhouse.sink.RejectedRowHandler;
import io.ponix.connector.clickhouse.sink.RowOutput;
import io.ponix.connector.clickhouse.sink.SortKeyOutput;
import io.ponix.connector.clickhouse.table.ClickHouseColumn;
import io.ponix.embedded.clickhouse.EmbeddedClickHouse;
import io.ponix.migrations.ClickHouseMigrations;
import io.ponix.transforms.JsonDifference;
import io.ponix.transforms.StoredForm;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformInput;
import io.ponix.transforms.TransformTrial;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the column for readings makes of all that a transform can give, by the job's own sink. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class StoredAsShownITCase {

    private static final Path TRANSFORMS = Path.of("../../docs/transforms.md");

    private static final long OCCURRED_AT = 1_795_219_200_000L;

    /** As the client reads it. */
    private static final String NULL = "N";

    private static final String TABLE_HEADER = "| result | in ClickHouse |";

    private static final Pattern ROW_OF_PAGE = Pattern.compile("\\| `(.+)` \\| `(.+)` \\|");

    private static final Pattern QUERIES = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);

    /** A transform and what is read of the row, or the same as it gives. */
    private record Kind(String expression, String stored) {
        static Kind kept(String expression) {
            return new Kind(expression, null);
        }
    }

    private static final List<Kind> KINDS =
            List.of(
                    Kind.kept("{}"),
                    Kind.kept("{'a': 1, 'b': 25, 'c': -1}"),
                    Kind.kept("{'a': 25.0, 'b': 0.1, 'c': -0.0, 'd': 1e300, 'e': 5e-324}"),
                    Kind.kept("{'a': 1.7976931348623157e308, 'b': 1e15, 'c': 123456789.12345679}"),
                    Kind.kept("{'a': 9223372036854775807, 'b': -9223372036854775807 - 1}"),
                    Kind.kept("{'a': 18446744073709551615u, 'b': 9007199254740993}"),
                    Kind.kept("{'a': 123456789012345678901234567890.0}"),
                    Kind.kept("{'a': true, 'b': false}"),
                    Kind.kept(
                            "{'a': '', 'b': 'é😀', 'c': '\\u0000\\u0001\\u007f', 'd': '\"\\\\/\\n'}"),
                    Kind.kept("{'a': '12', 'b': 'true', 'c': 'null', 'd': '2026-01-31'}"),
                    Kind.kept("{'a': timestamp('2026-01-31T12:00:00Z'), 'b': duration('90m')}"),
                    Kind.kept(
                            "{'a': '2026-02-30 10:00:00', 'b': '10:00+02:00', 'c': b'\\xca\\xfe'}"),
                    Kind.kept(
                            "{'': 1, ' ': 2, 'é': 3, 'A': 4, 'a': 5, 'a b': 6, 'a`b': 7, 'a\"b': 8}"),
                    Kind.kept("{'a\\u0000b': 1, 'a\\nb': 2, '^a': 3, 'a[]': 4, 'a:b': 5, '%': 6}"),
                    Kind.kept("{'x.y': 1, 'x': {'y': 2}, '.': 3, 'z.': 4, '.z': 5, 'a..b': 6}"),
                    Kind.kept("{'a': {'': {'': 1}}, 'a.': 2, 'a%2e': 3, 'a%252Eb': 4}"),
                    Kind.kept(
                            "{'a': {'b.c': 1}, 'a.b': {'c': 2}, 'l': [{'x.y': 1, 'x': {'y': 2}}]}"),
                    Kind.kept(
                            "{'a': [], 'b': [[]], 'c': [[], [1]], 'd': [{}], 'e': [{}, {'f': 1}]}"),
                    Kind.kept("{'a': [1, 2], 'b': [1, 2.5], 'c': ['x'], 'd': [true, false]}"),
                    Kind.kept("{'a': [1, 'x', true, 2.5, {'b': 1}, [1]]}"),
                    Kind.kept(
                            "{'a': [true, 'x'], 'b': [true, 1], 'c': [true, 2.5], 'd': ['1', 1]}"),
                    Kind.kept("{'a': [null, 1], 'b': [null, 'x'], 'c': [null, [1], 'x']}"),
                    Kind.kept("{'a': ['2026-01-31', '12'], 'b': [{'c': '2026-01-31'}]}"),
                    Kind.kept(
                            "{'a': [[1], [2.5]], 'b': [[1], ['x']], 'c': [{'d': 1}, {'d': 'x'}]}"),
                    Kind.kept("{'a': [{'b': 9007199254740993}, {'b': 2.5}]}"),
                    Kind.kept(
                            "{'a': [[1u], [-1]], 'b': [18446744073709551615u, -1] == [] ? 1 : 2}"),
                    Kind.kept("{'long': lists.range(9999)}"),
                    new Kind("{'a': null, 'b': 1}", "{\"b\":1}"),
                    new Kind("{'a': {}, 'b': {'c': null}}", "{}"),
                    new Kind("{'a': [{'b': null, 'c': {}}]}", "{\"a\":[{}]}"),
                    new Kind("{'a': [[1], null]}", "{\"a\":[[1],[]]}"),
                    new Kind("{'a': [9007199254740993, 2.5]}", "{\"a\":[9007199254740992,2.5]}"),
                    new Kind(
                            "{'a': [[9007199254740993], [2.5]]}",
                            "{\"a\":[[9007199254740992],[2.5]]}"),
                    new Kind("{'a%2Eb': 1}", "{\"a.b\":1}"));

    private static EmbeddedClickHouse server;
    private static ClickHouseSettings connection;
    private static ClickHouseClient client;

    private final TransformTrial trial = new TransformTrial(TransformCompiler.create());

    @BeforeAll
    static void start(@TempDir Path home) throws Exception {
        server = EmbeddedClickHouse.builder().home(home).build();
        server.start();
        connection = ClickHouseSettings.fromEnvironment(server.address().environment());
        ClickHouseMigrations.builder().settings(connection).build().up();
        client = new ClickHouseClient(connection);
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @BeforeEach
    void empty() throws Exception {
        client.query("TRUNCATE TABLE processed_envelopes", Map.of());
        Rejected.SEQUENCES.clear();
    }

    @Test
    void everyKindOfValueIsStoredAsItIsShownOrThereIsAWarning() throws Exception {
        List<String> given = new ArrayList<>();
        for (Kind kind : KINDS) {
            TransformTrial.Result result = trial.run(kind.expression(), new TransformInput());
            assertThat(result.failure()).as(kind.expression()).isEmpty();
            given.add(result.json().orElseThrow());
        }
        Map<Integer, String> stored = store(given, true);
        for (int i = 0; i < KINDS.size(); i++) {
            Kind kind = KINDS.get(i);
            String expected = kind.stored() == null ? given.get(i) : kind.stored();
            assertThat(JsonDifference.between(expected, stored.get(i), 0))
                    .as(given.get(i))
                    .isEmpty();
            assertThat(StoredForm.changes(given.get(i)).isEmpty())
                    .as(given.get(i))
                    .isEqualTo(kind.stored() == null);
        }
    }

    @Test
    void thePageSaysWhatIsStored() throws Exception {
        String page = Files.readString(TRANSFORMS);
        List<String> given = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        page.lines()
                .dropWhile(line -> !line.equals(TABLE_HEADER))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .forEach(
                        line -> {
                            Matcher row = ROW_OF_PAGE.matcher(line);
                            assertThat(row.matches()).as(line).isTrue();
                            given.add(row.group(1));
                            expected.add(row.group(2));
                        });
        assertThat(given).hasSizeGreaterThan(5);
        Map<Integer, String> stored = store(given, true);
        for (int i = 0; i < given.size(); i++) {
            assertThat(stored.get(i)).isEqualTo(expected.get(i));
            // The first is of what is kept.
            assertThat(StoredForm.changes(given.get(i)).isEmpty())
                    .as(given.get(i))
                    .isEqualTo(i == 0);
        }
        Matcher queries = QUERIES.matcher(page);
        assertThat(queries.find()).isTrue();
        for (String query : queries.group(1).split("\n")) {
            client.query(query, Map.of());
        }
        assertThat(
                        client.query(
                                "SELECT data.`x%2Ey`, data.x.y, data.b.:Float64, data.b.:Int64,"
                                        + " data.`x%2Ey`::Nullable(Float64), data.nowhere.:Float64,"
                                        + " data.nowhere::Nullable(Float64),"
                                        + " position(toString(data), 'x%2Ey') > 0"
                                        + " FROM processed_envelopes WHERE stream_sequence = 0",
                                Map.of()))
                .containsExactly(List.of("1", "2", "25", NULL, "1", NULL, NULL, "1"));
    }

    /** A row's value may take the type that rows before it have at the same place. */
    @Test
    void whatOtherRowsMakeOfAValueIsWarnedOf() throws Exception {
        Random random = new Random(20_261_130);
        for (int rows : List.of(3, 30, 3_000)) {
            client.query("TRUNCATE TABLE processed_envelopes", Map.of());
            List<String> given = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                given.add("{\"a\":" + value(random, 4) + "}");
            }
            assertThatChangesAreWarnedOf(given, store(given, false));
            client.query("OPTIMIZE TABLE processed_envelopes FINAL", Map.of());
            assertThatChangesAreWarnedOf(given, stored());
        }
    }

    @Test
    void whatClickHouseRefusesATransformDoesNotGive() throws Exception {
        Map<String, String> refused =
                Map.of(
                        "{'a.b': 1, 'a%2Eb': 2}", "{\"a.b\":1,\"a%2Eb\":2}",
                        "{'l': [{'a.b': 1, 'a%2Eb': 2}]}", "{\"l\":[{\"a.b\":1,\"a%2Eb\":2}]}",
                        "{'l': [dyn([18446744073709551615u, 1u]), dyn([-1, 1])]}",
                                "{\"l\":[[18446744073709551615,1],[-1,1]]}",
                        "json_decode('{\"\\\\ud800\": 1, \"\\\\ud801\": 2}')",
                                "{\"\uFFFD\":1,\"\uFFFD\":2}");
        refused.keySet()
                .forEach(
                        expression ->
                                assertThat(
                                                trial.run(expression, new TransformInput())
                                                        .failure()
                                                        .map(TransformTrial.Failure::stage))
                                        .as(expression)
                                        .contains(TransformTrial.Stage.OUTPUT));
        List<String> given = new ArrayList<>(refused.values());
        given.add("{\"n\":1}");

        Map<Integer, String> stored = store(given, true);

        assertThat(Rejected.SEQUENCES).containsExactlyInAnyOrder(0L, 1L, 2L, 3L);
        assertThat(stored).containsOnlyKeys(4);
    }

    @Test
    void resultsAsDeepAndAsWideAsTheyMayBeAreStored() throws Exception {
        List<String> given =
                List.of(
                        "{\"a\":".repeat(200) + "1" + "}".repeat(200),
                        "{\"a\":" + "[".repeat(199) + "1" + "]".repeat(199) + "}",
                        "{\"a\":[".repeat(100) + "1" + "]}".repeat(100),
                        "{\"" + "k".repeat(500_000) + "\":1}",
                        object(60_000));

        assertThat(store(given, true)).hasSize(given.size());
        assertThat(stored().get(4)).hasSameSizeAs(given.get(4));
        assertThat(
                        client.query(
                                "SELECT data.k59999.:Int64 FROM processed_envelopes WHERE"
                                        + " stream_sequence = 4",
                                Map.of()))
                .containsExactly(List.of("59999"));
    }

    @Test
    void aColumnThatDoesNotTakeAllIsNamed() throws Exception {
        assertThat(PlainJsonColumn.problem(connection, "processed_envelopes")).isEmpty();
        assertThat(PlainJsonColumn.problem(connection, "elsewhere")).isEmpty();
        for (String type : List.of("JSON(celsius Float64)", "JSON(SKIP secret)")) {
            client.query(
                    "CREATE OR REPLACE TABLE typed (data "
                            + type
                            + ") ENGINE = MergeTree ORDER BY ()",
                    Map.of());
            assertThat(PlainJsonColumn.problem(connection, "typed").orElseThrow())
                    .contains(type)
                    .contains("ALTER TABLE `ponix`.`typed` MODIFY COLUMN data JSON");
            client.query("ALTER TABLE typed MODIFY COLUMN data JSON", Map.of());
            assertThat(PlainJsonColumn.problem(connection, "typed")).isEmpty();
        }
        client.query(
                "CREATE OR REPLACE TABLE typed (data JSON(max_dynamic_types=8,"
                        + " max_dynamic_paths=16)) ENGINE = MergeTree ORDER BY ()",
                Map.of());
        assertThat(PlainJsonColumn.problem(connection, "typed")).isEmpty();
    }

    private static String object(int keys) {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < keys; i++) {
            json.append(i == 0 ? "" : ",").append("\"k").append(i).append("\":").append(i);
        }
        return json.append('}').toString();
    }

    private static void assertThatChangesAreWarnedOf(
            List<String> given, Map<Integer, String> stored) {
        for (int i = 0; i < given.size(); i++) {
            if (StoredForm.changes(given.get(i)).isEmpty()) {
                assertThat(JsonDifference.between(given.get(i), stored.get(i), 0))
                        .as(given.get(i))
                        .isEmpty();
            }
        }
    }

    /** Numbers beyond Int64 are left to the other tests: beside negative ones they are refused. */
    private static String value(Random random, int depth) {
        int kind = random.nextInt(depth > 0 ? 20 : 10);
        List<String> parts = new ArrayList<>();
        int size = random.nextInt(4);
        if (kind >= 15) {
            for (int i = 0; i < size; i++) {
                parts.add(value(random, depth - 1));
            }
            return "[" + String.join(",", parts) + "]";
        } else if (kind >= 10) {
            List<String> keys = List.of("b", "c", "x.y", "", "d e");
            for (int i = 0; i < size; i++) {
                parts.add("\"" + keys.get(i) + "\":" + value(random, depth - 1));
            }
            return "{" + String.join(",", parts) + "}";
        }
        return List.of(
                        "null",
                        "1",
                        "9007199254740993",
                        "-9223372036854775808",
                        "2.5",
                        "25.0",
                        "\"x\"",
                        "\"12\"",
                        "true",
                        "\"2026-01-31\"")
                .get(kind);
    }

    /**
     * Stores JSON by a job of its own.
     *
     * @param apart each by an insert of its own
     * @return what is read, by the index of what was written
     */
    private static Map<Integer, String> store(List<String> given, boolean apart) throws Exception {
        List<Tuple2<Long, String>> rows = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            rows.add(Tuple2.of((long) i, given.get(i)));
        }
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        environment.enableCheckpointing(500);
        environment
                .fromData(rows, Types.TUPLE(Types.LONG, Types.STRING))
                .sinkTo(
                        ClickHouseSink.<Tuple2<Long, String>>builder()
                                .setConnection(connection)
                                .setTable("processed_envelopes")
                                .setRowEncoder(new Encoder())
                                .setWitnessColumns(ProcessedEnvelopesTable.WITNESS_COLUMNS)
                                .setMaxBatchRows(apart ? 1 : given.size())
                                .setRejectedRowHandler(new Rejected())
                                .build());
        environment.execute();
        return stored();
    }

    private static Map<Integer, String> stored() throws Exception {
        Map<Integer, String> stored = new HashMap<>();
        for (List<String> row :
                client.query(
                        "SELECT stream_sequence, toString(data) FROM processed_envelopes SETTINGS"
                                + " json_type_escape_dots_in_keys = 1",
                        Map.of())) {
            stored.put(Integer.parseInt(row.get(0)), row.get(1));
        }
        return stored;
    }

    /** Of sequence and JSON. */
    private static final class Encoder implements ClickHouseRowEncoder<Tuple2<Long, String>> {

        private static final long serialVersionUID = 1L;

        @Override
        public List<ClickHouseColumn> columns() {
            String time = "DateTime64(3, 'UTC')";
            return List.of(
                    ClickHouseColumn.of(ProcessedEnvelopesTable.ORGANIZATION_ID, "String"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.END_DEVICE_ID, "String"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.OCCURRED_AT, time),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.DATA, "JSON"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.STREAM, "LowCardinality(String)"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.STREAM_SEQUENCE, "UInt64"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.RECEIVED_AT, time),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.ROW_INDEX, "UInt32"),
                    ClickHouseColumn.of(ProcessedEnvelopesTable.ROW_COUNT, "UInt32"));
        }

        @Override
        public void encode(Tuple2<Long, String> element, int index, RowOutput row) {
            row.writeString("org");
            row.writeString("device");
            row.writeDateTime64(OCCURRED_AT);
            byte[] json = element.f1.getBytes(StandardCharsets.UTF_8);
            row.writeJson(json, 0, json.length);
            row.writeString("raw");
            row.writeInt64(element.f0);
            row.writeDateTime64(OCCURRED_AT);
            row.writeInt32(0);
            row.writeInt32(1);
        }

        @Override
        public long partition(Tuple2<Long, String> element, int index) {
            return Month.of(OCCURRED_AT).number();
        }

        @Override
        public void encodeSortKey(Tuple2<Long, String> element, int index, SortKeyOutput key) {
            key.addString("org");
            key.addLong(OCCURRED_AT);
            key.addString("device");
        }
    }

    private static final class Rejected implements RejectedRowHandler {

        private static final long serialVersionUID = 1L;

        static final Queue<Long> SEQUENCES = new ConcurrentLinkedQueue<>();

        @Override
        public void handle(RejectedRow row) {
            SEQUENCES.add(
                    ((Number) row.value(ProcessedEnvelopesTable.STREAM_SEQUENCE)).longValue());
        }
    }
}
