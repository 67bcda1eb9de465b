package io.ponix.connector.nats.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.nats.NatsSettings;
import io.ponix.connector.nats.source.settings.GapPolicy;
import io.ponix.connector.nats.source.settings.JetStreamSourceOptions;
import io.ponix.connector.nats.source.settings.StartingPosition;
import io.ponix.connector.nats.source.settings.StoppingPosition;
import java.time.Instant;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.util.InstantiationUtil;
import org.junit.jupiter.api.Test;

class JetStreamSourceBuilderTest {

    @Test
    void defaultsAreAsDocumented() {
        JetStreamSourceOptions options = complete().options();

        assertThat(options.filterSubjects()).isEqualTo(List.of(">"));
        assertThat(options.startingPosition()).isEqualTo(StartingPosition.earliest());
        assertThat(options.stoppingPosition()).isEqualTo(StoppingPosition.never());
        assertThat(options.gapPolicy()).isEqualTo(GapPolicy.FAIL);
        assertThat(options.consumingRetentionAllowed()).isFalse();
        assertThat(options.uncoveredSubjectsAllowed()).isFalse();
        assertThat(options.prefetchMessages()).isEqualTo(5_000);
        assertThat(options.prefetchBytes()).isEqualTo(16 << 20);
    }

    @Test
    void missingAndInvalidSettingsAreNamed() {
        assertThatThrownBy(() -> JetStreamSource.<Long>builder().build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("connection: ");
        assertThatThrownBy(
                        () ->
                                JetStreamSource.<Long>builder()
                                        .setConnection(connection())
                                        .setDeserializer(new SequenceDeserializer())
                                        .build())
                .hasMessageStartingWith("stream: ");
        assertThatThrownBy(
                        () ->
                                JetStreamSource.<Long>builder()
                                        .setConnection(connection())
                                        .setStream("s")
                                        .build())
                .hasMessageStartingWith("deserializer: ");
        assertThatThrownBy(() -> complete().setStream("a.b").build())
                .hasMessageStartingWith("stream: 'a.b'");
        assertThatThrownBy(() -> complete().setFilterSubjects(List.of()).build())
                .hasMessageStartingWith("filterSubjects: ");
        assertThatThrownBy(() -> complete().setFilterSubjects("a..b").build())
                .hasMessageStartingWith("filterSubjects: 'a..b'");
        assertThatThrownBy(() -> complete().setPrefetchMessages(0).build())
                .hasMessageStartingWith("prefetchMessages: ");
        assertThatThrownBy(() -> complete().setPrefetchBytes(1_000).build())
                .hasMessageStartingWith("prefetchBytes: ");
        assertThatThrownBy(() -> StartingPosition.fromSequence(0))
                .hasMessageStartingWith("startingPosition: ");
        assertThatThrownBy(() -> StoppingPosition.atSequence(0))
                .hasMessageStartingWith("stoppingPosition: ");
    }

    @Test
    void overlappingFiltersAreRefused() {
        assertThatThrownBy(() -> complete().setFilterSubjects("s.0.*", "s.1.*", "s.*.a").build())
                .hasMessage(
                        "filterSubjects: 's.0.*' and 's.*.a' overlap; what both match would be read twice");
        assertThat(complete().setFilterSubjects("s.0.*", "s.1.*", "s.*").build()).isNotNull();
    }

    @Test
    void stoppingPositionDecidesAboutBoundedness() {
        assertThat(complete().build().getBoundedness()).isEqualTo(Boundedness.CONTINUOUS_UNBOUNDED);
        for (StoppingPosition position :
                List.of(
                        StoppingPosition.latest(),
                        StoppingPosition.atSequence(7),
                        StoppingPosition.beforeTime(Instant.EPOCH))) {
            assertThat(complete().setStoppingPosition(position).build().getBoundedness())
                    .isEqualTo(Boundedness.BOUNDED);
        }
    }

    @Test
    void sourceTravelsToTheCluster() throws Exception {
        JetStreamSource<Long> source =
                complete()
                        .setStartingPosition(StartingPosition.fromTime(Instant.EPOCH))
                        .setStoppingPosition(StoppingPosition.atSequence(7))
                        .build();

        JetStreamSource<Long> copy = InstantiationUtil.clone(source);

        assertThat(copy.getProducedType()).isEqualTo(Types.LONG);
        assertThat(copy.getBoundedness()).isEqualTo(Boundedness.BOUNDED);
    }

    private static NatsSettings connection() {
        return NatsSettings.forServers("nats://localhost:4222");
    }

    private static JetStreamSourceBuilder<Long> complete() {
        return JetStreamSource.<Long>builder()
                .setConnection(connection())
                .setStream("s")
                .setDeserializer(new SequenceDeserializer());
    }
}
