package io.ponix.connector.clickhouse.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.connector.clickhouse.table.ClickHouseType;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class ClickHouseSinkBuilderTest {

    private static final ClickHouseSettings CONNECTION =
            ClickHouseSettings.of("http://localhost:8123", "ponix", "ponix", "secret");

    @Test
    void defaults() {
        assertThat(ClickHouseSinkBuilder.DEFAULT_MAX_BATCH_ROWS).isEqualTo(50_000);
        assertThat(ClickHouseSinkBuilder.DEFAULT_MAX_BATCH_BYTES).isEqualTo(33_554_432);
        assertThat(ClickHouseSinkBuilder.DEFAULT_WINDOW).isEqualTo(Duration.ofSeconds(1));
        assertThat(ClickHouseSinkBuilder.DEFAULT_MAX_PENDING_BYTES).isEqualTo(134_217_728);
        assertThat(ClickHouseSinkBuilder.DEFAULT_PARALLEL_INSERTS).isEqualTo(4);
        assertThat(ClickHouseSinkBuilder.DEFAULT_MAX_TOKEN_AGE).isEqualTo(Duration.ofMinutes(10));
        assertThat(ClickHouseSinkBuilder.DEFAULT_FIRST_BACKOFF).isEqualTo(Duration.ofMillis(100));
        assertThat(ClickHouseSinkBuilder.DEFAULT_LONGEST_BACKOFF).isEqualTo(Duration.ofSeconds(10));
        assertThat(ClickHouseSettings.DEFAULT_CONNECT_TIMEOUT).isEqualTo(Duration.ofSeconds(10));
        assertThat(ClickHouseSettings.DEFAULT_REQUEST_TIMEOUT).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void theSinkCanBeShippedToTheCluster() throws Exception {
        ClickHouseSink<Reading> sink = valid().build();
        Object copy =
                InstantiationUtil.deserializeObject(
                        InstantiationUtil.serializeObject(sink), getClass().getClassLoader());
        assertThat(copy).isInstanceOf(ClickHouseSink.class);
    }

    @Test
    void everyMistakeNamesItsProperty() {
        assertRefused(builder -> builder.setConnection(null), "connection");
        assertRefused(builder -> builder.setTable(""), "table");
        assertRefused(builder -> builder.setRowEncoder(null), "rowEncoder");
        assertRefused(builder -> builder.setRejectedRowHandler(null), "rejectedRowHandler");
        assertRefused(builder -> builder.setMaxBatchRows(0), "maxBatchRows");
        assertRefused(builder -> builder.setMaxBatchRows(1_000_001), "maxBatchRows");
        assertRefused(builder -> builder.setMaxBatchBytes(-1), "maxBatchBytes");
        assertRefused(builder -> builder.setParallelInserts(65), "parallelInserts");
        assertRefused(builder -> builder.setMaxPendingBytes(0), "maxPendingBytes");
        assertRefused(builder -> builder.setMaxTokenAge(Duration.ZERO), "maxTokenAge");
        assertRefused(builder -> builder.setWindow(Duration.ZERO), "window");
        assertRefused(
                builder -> builder.setBackoff(Duration.ofSeconds(2), Duration.ofSeconds(1)),
                "backoff");
        assertRefused(
                builder -> builder.setDeliveryGuarantee(DeliveryGuarantee.NONE),
                "deliveryGuarantee");
        assertRefused(
                builder -> builder.setWitnessColumns(List.of("nothing")),
                "witnessColumns: nothing");
        assertRefused(
                builder -> builder.setWitnessColumns(List.of("data")), "witnessColumns: data");
    }

    @Test
    void arraysIdentifyNoRow() {
        assertThat(Witness.canIdentify(ClickHouseType.parse("String"))).isTrue();
        assertThat(Witness.canIdentify(ClickHouseType.parse("Array(String)"))).isFalse();
    }

    @Test
    void aConnectionNeedsUsableAddresses() {
        for (String url :
                List.of(
                        "localhost:8123",
                        "tcp://localhost:9000",
                        "http://",
                        "http://u:p@localhost:8123",
                        "http://localhost:8123/?database=x",
                        "not a url")) {
            assertThatThrownBy(() -> ClickHouseSettings.of(url, "db", "u", "p"))
                    .as(url)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("url");
        }
        assertThatThrownBy(() -> ClickHouseSettings.of("http://h:1", "db", "u\n", "p"))
                .hasMessageContaining("username");
        assertThat(CONNECTION.toString()).doesNotContain("secret");
    }

    private static ClickHouseSinkBuilder<Reading> valid() {
        return ClickHouseSink.<Reading>builder()
                .setConnection(CONNECTION)
                .setTable("t")
                .setRowEncoder(new ReadingEncoder())
                .setWitnessColumns(List.of("stream", "stream_sequence"));
    }

    private static void assertRefused(
            Consumer<ClickHouseSinkBuilder<Reading>> change, String message) {
        ClickHouseSinkBuilder<Reading> builder = valid();
        change.accept(builder);
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
