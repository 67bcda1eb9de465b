package io.ponix.jobs.envelope.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.ClickHouseVariable;
import io.ponix.client.nats.NatsSettings;
import io.ponix.client.nats.NatsVariable;
import io.ponix.client.postgres.PostgresSettings;
import io.ponix.client.postgres.PostgresVariable;
import io.ponix.connector.nats.source.settings.GapPolicy;
import io.ponix.connector.nats.source.settings.RecreatedStreamPolicy;
import io.ponix.connector.nats.source.settings.RewoundStreamPolicy;
import io.ponix.jobs.envelope.announcements.AnnouncedTable;
import io.ponix.jobs.envelope.transform.TransformSettings;
import io.ponix.jobs.options.EnvironmentDefaults;
import io.ponix.transforms.TransformLimits;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

class PipelineOptionsTest {

    @Test
    void defaults() {
        PipelineOptions options = parse(Map.of());

        NatsOptions nats = options.nats();
        assertThat(nats.connection().servers()).containsExactly("nats://localhost:4222");
        assertThat(nats.rawStream()).isEqualTo("raw_envelopes");
        assertThat(nats.rawSubjects())
                .hasSize(9)
                .contains("raw_envelopes.0.*", "raw_envelopes.7.*", "raw_envelopes.*");
        assertThat(nats.gapPolicy()).isEqualTo(GapPolicy.FAIL);
        assertThat(nats.recreatedStreamPolicy()).isEqualTo(RecreatedStreamPolicy.FAIL);
        assertThat(nats.rewoundStreamPolicy()).isEqualTo(RewoundStreamPolicy.REREAD);
        assertThat(nats.connection()).hasToString("NATS at nats://localhost:4222 (no identity)");
        assertThat(nats.deadLettersStream()).isEqualTo("dead_letters");
        assertThat(nats.publishProcessedEnvelopes()).isFalse();
        assertThat(nats.processedEnvelopesStream()).isEqualTo("processed_envelopes");
        assertThat(nats.announcements()).isEqualTo(Map.of(AnnouncedTable.GATEWAYS, "gateways"));
        assertThat(nats.rawRetention()).hasToString("30d");
        assertThat(nats.deadLetterRetention()).hasToString("90d");
        assertThat(nats.streamReplicas()).isEqualTo(1);

        PostgresOptions postgres = options.postgres();
        assertThat(postgres.connection().toString()).isEqualTo("ponix@localhost:5432/ponix");
        assertThat(postgres.connection().password()).isEqualTo("ponix");
        assertThat(postgres.publicationName()).isEqualTo("ponix_cdc_publication");
        assertThat(postgres.slotName()).isEqualTo("ponix_cdc_slot");
        assertThat(postgres.startupTimeout()).isEqualTo(Duration.ofMinutes(2));
        assertThat(postgres.resnapshot()).isFalse();

        ClickHouseOptions clickHouse = options.clickHouse();
        assertThat(clickHouse.connection())
                .isEqualTo(
                        ClickHouseSettings.of("http://localhost:8123", "ponix", "ponix", "ponix"));
        assertThat(clickHouse.table()).isEqualTo("processed_envelopes");
        assertThat(clickHouse.guarantee()).isEqualTo(DeliveryGuarantee.EXACTLY_ONCE);
        assertThat(clickHouse.batchRows()).isEqualTo(50_000);
        assertThat(clickHouse.batchBytes()).isEqualTo(32 << 20);
        assertThat(clickHouse.batchWindow()).isEqualTo(Duration.ofSeconds(1));

        assertThat(options.processing().transformSettings())
                .isEqualTo(
                        new TransformSettings(
                                Duration.ofSeconds(10),
                                10_000,
                                32 << 20,
                                null,
                                Duration.ofHours(24),
                                TransformLimits.DEFAULT,
                                false));
        assertThat(options.processing().checkpointInterval()).isEmpty();
        assertThat(options.takeOver()).isFalse();
    }

    /** What is serialized with the job, and lies in Flink's high-availability folder. */
    @Test
    void aSecretInAFileDoesNotTravelWithTheJob(@TempDir Path folder) throws Exception {
        String file = Files.writeString(folder.resolve("secret"), "s3cret\n").toString();
        PipelineOptions options =
                parse(
                        Map.of("PONIX_NATS_TOKEN_FILE", file),
                        "--postgres-password-file=" + file,
                        "--clickhouse-password-file=" + file);

        ByteArrayOutputStream travelling = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(travelling)) {
            out.writeObject(options.nats().connection());
            out.writeObject(options.postgres().connection());
            out.writeObject(options.clickHouse().connection());
        }

        assertThat(travelling.toString(StandardCharsets.ISO_8859_1))
                .contains(file)
                .doesNotContain("s3cret");
        assertThat(options.postgres().connection().password()).isEqualTo("s3cret");
        assertThat(options.clickHouse().connection().password().reveal()).isEqualTo("s3cret");
    }

    @Test
    void theEnvironmentReplacesDefaultsAndTheCommandLineReplacesBoth() {
        Map<String, String> environment =
                Map.ofEntries(
                        Map.entry("PONIX_POSTGRES_HOST", "db,db-2:6544"),
                        Map.entry("PONIX_POSTGRES_PORT", "6543"),
                        Map.entry("PONIX_NATS_RAW_STREAM", "uplinks"),
                        Map.entry("PONIX_NATS_RECREATED_STREAM", "start-over"),
                        Map.entry("PONIX_NATS_SUBJECT_MUST_MATCH", "true"),
                        Map.entry("PONIX_NATS_REWOUND_STREAM", "fail"),
                        Map.entry("PONIX_NATS_TOKEN", "sesame"),
                        Map.entry("PONIX_NATS_TLS_TRUSTSTORE", "authority.pem"),
                        Map.entry("PONIX_CLICKHOUSE_DELIVERY", "at-least-once"),
                        Map.entry("PONIX_NATS_GATEWAY_STREAM", "bridges"),
                        Map.entry("PONIX_CLICKHOUSE_TABLE", ""),
                        Map.entry("PONIX_CHECKPOINT_INTERVAL", "5 s"));
        PipelineOptions options =
                parse(
                        environment,
                        "--postgres-port",
                        "7654",
                        "--take-over",
                        "--raw-retention",
                        "unlimited");
        assertThat(options.takeOver()).isTrue();
        assertThat(options.postgres().connection().address()).isEqualTo("db:7654,db-2:6544/ponix");
        assertThat(options.nats().rawSubjects()).contains("uplinks.3.*");
        assertThat(options.nats().recreatedStreamPolicy())
                .isEqualTo(RecreatedStreamPolicy.START_OVER);
        assertThat(options.nats().rewoundStreamPolicy()).isEqualTo(RewoundStreamPolicy.FAIL);
        assertThat(options.processing().transformSettings().subjectMustMatch()).isTrue();
        assertThat(options.nats().connection())
                .hasToString("NATS at nats://localhost:4222 (token, TLS)");
        assertThat(options.clickHouse().guarantee()).isEqualTo(DeliveryGuarantee.AT_LEAST_ONCE);
        assertThat(options.clickHouse().table()).isEqualTo("processed_envelopes");
        assertThat(options.nats().announcements())
                .containsEntry(AnnouncedTable.GATEWAYS, "bridges");
        assertThat(options.nats().rawRetention().limit()).isEmpty();
        assertThat(options.processing().checkpointInterval()).contains(Duration.ofSeconds(5));
    }

    @Test
    void whatIsAnnouncedIsChosen() {
        assertThat(
                        parse(
                                        Map.of("PONIX_PUBLISH_REGISTRY_CHANGES", "true"),
                                        "--nats-organization-stream=owners")
                                .nats()
                                .announcements())
                .isEqualTo(
                        Map.of(
                                AnnouncedTable.GATEWAYS,
                                "gateways",
                                AnnouncedTable.ORGANIZATIONS,
                                "owners",
                                AnnouncedTable.END_DEVICES,
                                "end_devices",
                                AnnouncedTable.END_DEVICE_DEFINITIONS,
                                "end_device_definitions"));
        assertThat(parse(Map.of(), "--publish-gateway-changes=false").nats().announcements())
                .isEmpty();
    }

    @Test
    void streamsThatAreAnnouncedOnAreOfTheirOwn() {
        for (String option :
                List.of(
                        "--nats-organization-stream",
                        "--nats-end-device-stream",
                        "--nats-end-device-definition-stream")) {
            for (String taken : List.of("raw_envelopes", "dead_letters", "gateways")) {
                assertThat(parse(Map.of(), option + "=" + taken).nats().announcements())
                        .as("nothing is announced on it")
                        .isEqualTo(Map.of(AnnouncedTable.GATEWAYS, "gateways"));
                assertThatThrownBy(
                                () ->
                                        parse(
                                                Map.of(),
                                                "--publish-registry-changes",
                                                option + "=" + taken))
                        .hasMessageContaining(option + " must be a stream of its own");
            }
        }
    }

    @Test
    void helpListsEveryOptionWithItsVariableAndDefaultButNoSecret() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(
                        PipelineOptions.parse(
                                new String[] {"--help"},
                                Map.of("PONIX_POSTGRES_PASSWORD", "sesame"),
                                new PrintStream(out, true, StandardCharsets.UTF_8)))
                .isEmpty();
        String help = out.toString(StandardCharsets.UTF_8);
        assertThat(help)
                .contains("--nats-url", "nats://localhost:4222", "--clickhouse-batch-size")
                .doesNotContain("sesame");
        for (OptionSpec option : specification()) {
            if (!option.usageHelp()) {
                assertThat(String.join(" ", option.description()))
                        .as(option.longestName())
                        .contains(EnvironmentDefaults.variable(option));
            }
        }
    }

    /** A job has no pools; all else of the three servers can be said to it. */
    @Test
    void everyVariableOfAServerIsAnOption() {
        assertThat(specification().stream().map(EnvironmentDefaults::variable))
                .containsAll(
                        Arrays.stream(PostgresVariable.values())
                                .filter(variable -> !variable.isOfPools())
                                .map(PostgresVariable::variable)
                                .toList())
                .containsAll(
                        Arrays.stream(ClickHouseVariable.values())
                                .map(ClickHouseVariable::variable)
                                .toList())
                .containsAll(
                        Arrays.stream(NatsVariable.values()).map(NatsVariable::variable).toList());
    }

    /**
     * Also where an option has a default of its own, as the help shows it. What a server calls the
     * program is no setting.
     */
    @Test
    void defaultsAreThoseOfEveryProgram() {
        PipelineOptions options = parse(Map.of());
        assertThat(options.postgres().connection())
                .usingRecursiveComparison()
                .ignoringFields("applicationName")
                .isEqualTo(PostgresSettings.fromEnvironment(Map.of()));
        assertThat(options.clickHouse().connection())
                .usingRecursiveComparison()
                .isEqualTo(ClickHouseSettings.fromEnvironment(Map.of()));
        assertThat(options.nats().connection())
                .usingRecursiveComparison()
                .isEqualTo(NatsSettings.fromEnvironment(Map.of()));
    }

    @ParameterizedTest
    @CsvSource({
        "--nats-ulr=x, '--nats-ulr', '--nats-url'",
        "--nats-url=http://x, '--nats-url (PONIX_NATS_URL) cannot be used', 'http://x'",
        "--nats-url=, '--nats-url must be set', ''",
        "--postgres-port=many, '--postgres-port', 'PONIX_POSTGRES_PORT'",
        "'--postgres-host=a,,b', '--postgres-host (PONIX_POSTGRES_HOST) must be hosts separated by commas', 'is ''a,,b'''",
        "--postgres-port=0, '--postgres-port (PONIX_POSTGRES_PORT) must be a whole number from 1 to 65535', '''0'''",
        "--nats-raw-partitions=0, '--nats-raw-partitions must be', '1 to 256'",
        "--dead-letters-stream=raw_envelopes, '--dead-letters-stream must be a stream of its own', ''",
        "--processed-envelopes-stream=raw_envelopes, '--processed-envelopes-stream must be a stream', ''",
        "--nats-gateway-stream=dead_letters, '--nats-gateway-stream must be a stream of its own', ''",
        "--nats-raw-stream=a.b, '--nats-raw-stream must be a stream name', 'a.b'",
        "--device-grace-period=soon, '--device-grace-period', '10s'",
        "--clickhouse-batch-size=big, '--clickhouse-batch-size', '32mb'",
        "--clickhouse-batch-size=4gb, '--clickhouse-batch-size must be', '512'",
        "--clickhouse-delivery=maybe, '--clickhouse-delivery', 'at-least-once'",
        "--clickhouse-url=localhost, '--clickhouse-url', 'localhost'",
        "--cdc-slot-name=Ponix-Slot, '--cdc-slot-name must be', 'Ponix-Slot'",
        "--transform-max-iterations=0, '--transform-max-iterations must be', '1 to'",
        "--transform-max-output-depth=500, '--transform-max-output-depth must be', '1 to 200'",
        "--transform-max-rows=0, '--transform-max-rows must be', '1 to 100000'",
        "--allowed-age=0s, '--allowed-age must be at least 1 ms', 'is ''0 ms'''",
        "--transform-max-duration=0ms, '--transform-max-duration must be', '1 ms to 60 s'",
        "--transform-max-duration=2min, '--transform-max-duration must be', '1 ms to 60 s, is ''2 min'''",
        "--checkpoint-interval=1ms, '--checkpoint-interval must be at least 10 ms', ''",
        "--nats-password=x, '--nats-username (PONIX_NATS_USERNAME) must be set where --nats-password', ''",
        "--raw-retention=soon, '--raw-retention', '30d'",
        "--dead-letter-retention=10min, '--dead-letter-retention must be', 'unlimited, or at least 1h'",
        "--nats-stream-replicas=6, '--nats-stream-replicas must be', '1 to 5'",
        "--nats-gap-policy=shrug, '--nats-gap-policy', 'shrug'",
        "--nats-rewound-stream=shrug, '--nats-rewound-stream', 'REREAD'",
        "--nats-recreated-stream=shrug, '--nats-recreated-stream', 'keep-position'",
        "surplus, 'surplus', ''",
    })
    void saysWhichOptionIsWrong(String argument, String first, String second) {
        assertThatThrownBy(() -> parse(Map.of(), argument))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessageContaining(first)
                .hasMessageContaining(second)
                .hasMessageContaining("--help");
    }

    @Test
    void severalIdentitiesAreRefusedWithoutTellingThem() {
        assertThatThrownBy(() -> parse(Map.of("PONIX_NATS_TOKEN", "sesame"), "--nats-username=me"))
                .hasMessageContaining(
                        "--nats-username (PONIX_NATS_USERNAME) and --nats-token (PONIX_NATS_TOKEN) are"
                                + " set: set one of them, not several")
                .hasMessageNotContaining("sesame");
    }

    @Test
    void saysEverythingThatIsWrongAtOnce() {
        assertThatThrownBy(() -> parse(Map.of(), "--postgres-port=0", "--parked-envelopes=-1"))
                .hasMessageContaining("--postgres-port")
                .hasMessageContaining("--parked-envelopes");
    }

    @Test
    void aWrongVariableIsNamed() {
        assertThatThrownBy(() -> parse(Map.of("PONIX_POSTGRES_PORT", "many")))
                .hasMessageContaining("'many'")
                .hasMessageContaining("PONIX_POSTGRES_PORT");
    }

    @Test
    void aVariableThatNothingReadsIsTold() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PipelineOptions.parse(
                new String[0],
                Map.of(
                        "PONIX_CLICKHOUSE_DELIVREY", "at-least-once",
                        "PONIX_NATS_BATCH_SIZE", "30",
                        "PONIX_GRPC_PORT", "50051"),
                new PrintStream(printed, true, StandardCharsets.UTF_8));

        assertThat(printed.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "PONIX_CLICKHOUSE_DELIVREY is set, but nothing reads it; the nearest that is"
                                + " read is PONIX_CLICKHOUSE_DELIVERY",
                        "PONIX_NATS_BATCH_SIZE has no meaning: envelopes are read as they come;"
                                + " PONIX_CLICKHOUSE_BATCH_ROWS limits a batch of rows");
    }

    private static PipelineOptions parse(Map<String, String> environment, String... arguments) {
        return PipelineOptions.parse(arguments, environment, System.out).orElseThrow();
    }

    private static List<OptionSpec> specification() {
        return CommandLine.Model.CommandSpec.forAnnotatedObject(PipelineOptions.class).options();
    }
}
