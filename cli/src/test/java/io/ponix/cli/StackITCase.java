package io.ponix.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.util.Timestamps;
import io.nats.client.Connection;
import io.nats.client.JetStreamManagement;
import io.nats.client.Nats;
import io.nats.client.api.StreamConfiguration;
import io.ponix.cli.replay.ReplayLease;
import io.ponix.cli.stack.ClickHouseQueries;
import io.ponix.cli.stack.FlinkRest;
import io.ponix.cli.stack.JobCatalog;
import io.ponix.cli.stack.LocalStack;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.stack.StackSettings;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.uplink.v1.RefusedUplink;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The whole stack, as a person uses it: by commands, in separate processes. */
class StackITCase {

    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Pattern SAVEPOINT = Pattern.compile("Path: (.+)");
    private static final Pattern LETTER = Pattern.compile("\"letter\":(\\d+)");

    private static final Pattern UPLINK = Pattern.compile("\"uplink\":(\\d+)");

    /** Of a name that is written otherwise in a URI. */
    private static final String FOLDER = "my 100% stäck";

    @TempDir private static Path home;

    private static PonixProcess ponix;
    private static Map<String, String> logsOfTheStart;
    private static PonixProcess.Outcome statusAfterTheStart;

    @BeforeAll
    static void up() throws Exception {
        ponix = new PonixProcess(home.resolve(FOLDER));
        PonixProcess.Outcome outcome = ponix.run(PonixProcess.upOnFreePorts());
        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.output())
                .contains("gRPC", "dashboard", "NATS", "Postgres", "ClickHouse");
        statusAfterTheStart = ponix.run("status");
        logsOfTheStart = new TreeMap<>();
        try (Stream<Path> logs = Files.list(home.resolve(FOLDER).resolve("logs"))) {
            for (Path log : logs.toList()) {
                logsOfTheStart.put(log.getFileName().toString(), Files.readString(log));
            }
        }
    }

    @AfterAll
    static void down() throws Exception {
        PonixProcess.Outcome outcome = ponix.run("down", "--delete-data");
        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(home.resolve(FOLDER)).doesNotExist();
    }

    @Test
    void aPortInUseIsNamedAndWhatHadStartedIsStopped() throws Exception {
        PonixProcess another = new PonixProcess(home.resolve("another"));
        try (ServerSocket taken = new ServerSocket(0)) {
            PonixProcess.Outcome outcome =
                    another.run(PonixProcess.upOnFreePorts("--nats-port=" + taken.getLocalPort()));
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.errors())
                    .contains("Port " + taken.getLocalPort() + " for NATS is in use")
                    .contains("--nats-port")
                    .doesNotContain("\tat ");
        } finally {
            another.run("down", "--delete-data");
        }
        assertThat(home.resolve("another")).doesNotExist();
        assertThat(another.run("status").errors()).contains("./ponix up");
    }

    @Test
    void aNormalStartLeavesNoStackTraceInAnyLog() {
        assertThat(logsOfTheStart)
                .containsKeys("flink-client.log", "jobmanager.log", "taskmanager-1.log");
        assertThat(logsOfTheStart)
                .allSatisfy((name, log) -> assertThat(log).as(name).doesNotContain("\n\tat "));
    }

    @Test
    void rightAfterTheStartStatusFindsEverythingWell() {
        assertThat(statusAfterTheStart.status()).as("%s", statusAfterTheStart).isZero();
        assertThat(statusAfterTheStart.output())
                .containsPattern("job +RUNNING")
                .containsPattern("lag +\\d+ envelopes");
    }

    @Test
    void aTableOfAQueryHasWholeNames() throws Exception {
        assertThat(
                        run(
                                        "query",
                                        "SELECT count(), uniqExact(stream, stream_sequence,"
                                                + " received_at) FROM processed_envelopes")
                                .output())
                .contains("─uniqExact(stream, stream_sequence, received_at)─");
    }

    @Test
    void ctrlCSaysWhatIsLeftAndTheNextCommandWorks() throws Exception {
        PonixProcess.Outcome simulation =
                ponix.interruptedAt("sent ", "simulate", "--envelopes", "10000000");
        assertThat(simulation.status()).as("%s", simulation).isEqualTo(130);
        assertThat(simulation.errors())
                .containsPattern("interrupted; sent [\\d,]+ of 10,000,000 envelopes")
                .doesNotContain("\tat ");

        assertThat(ponix.run("status").status()).isZero();
        run("simulate", "--devices", "10", "--envelopes", "100");
    }

    @Test
    void readingsPublishedByMqttBecomeRowsOfAnyOrganization() throws Exception {
        String before = rows();
        PonixProcess.Outcome outcome =
                run("simulate", "--via", "mqtt", "--devices", "10", "--envelopes", "300");
        assertThat(outcome.output()).contains("sent 300 envelopes of 10 devices");
        awaitRows(before, 300);

        // It has no gateway yet.
        run(
                "simulate",
                "--via=mqtt",
                "--organization=org-mqtt",
                "--create-organization",
                "--devices=10",
                "--envelopes=200");
        awaitRows(before, 500);
        assertThat(rowsAndUniqueSequences()).matches("(\\d+)\t\\1");
    }

    @Test
    void readingsPostedByHttpBecomeRowsOfTheStacksOwnOrganization() throws Exception {
        String before = rows();
        PonixProcess.Outcome outcome =
                run("simulate", "--via", "http", "--devices", "10", "--envelopes", "300");
        assertThat(outcome.output()).contains("sent 300 envelopes of 10 devices");
        awaitRows(before, 300);
        assertThat(rowsAndUniqueSequences()).matches("(\\d+)\t\\1");

        PonixProcess.Outcome another =
                ponix.run("simulate", "--via=http", "--organization=org-elsewhere");
        assertThat(another.status()).isEqualTo(2);
        assertThat(another.errors()).contains("posts to the gateway of org-001", "--via mqtt");
    }

    @Test
    void aDemoAccountsForEveryEnvelope() throws Exception {
        PonixProcess.Outcome outcome =
                ponix.run("demo", "--devices", "20", "--envelopes", "3000", "--exit");

        assertThat(outcome.status()).as("%s", outcome).isZero();
        assertThat(outcome.output())
                .containsPattern("sent +3,000")
                .containsPattern("lost +0\n")
                .containsPattern("duplicates +0\n")
                .contains("none lost, none doubled")
                .contains(
                        "MALFORMED_ENVELOPE",
                        "DEVICE_NOT_FOUND",
                        "CONVERSION_FAILED",
                        "temperature");

        // It found the stack up, and so leaves it up.
        assertThat(ponix.run("status").status()).isZero();

        PonixProcess.Outcome deadLetters =
                ponix.run("dead-letters", "--reason", "invalid_output", "--limit", "1");
        assertThat(deadLetters.output()).contains("INVALID_OUTPUT").contains("$.ratio");
    }

    @Test
    void aSavepointResumesWithoutLossOrDoublingWhateverCameAfterIt() throws Exception {
        String before = rows();
        run("simulate", "--devices", "10", "--envelopes", "1000");
        awaitRows(before, 1_000);
        Matcher savepoint = SAVEPOINT.matcher(run("flink", "savepoint").output());
        assertThat(savepoint.find()).isTrue();

        // These rows are in the table, and after the savepoint: the resumed job reads them again.
        run("simulate", "--devices", "10", "--envelopes", "500");
        awaitRows(before, 1_500);
        run("flink", "cancel");
        run("simulate", "--devices", "10", "--envelopes", "500");
        run("flink", "run", "-d", "-s", savepoint.group(1));

        awaitRows(before, 2_000);
        assertThat(rowsAndUniqueSequences()).matches("(\\d+)\t\\1");
    }

    @Test
    void aMistypedSavepointIsNamedAndNothingIsSubmitted() throws Exception {
        String jobs = run("flink", "list", "--all").output();
        PonixProcess.Outcome outcome = ponix.run("flink", "run", "-d", "-s", "/nope");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors())
                .contains("there is no savepoint /nope", "flink/savepoints")
                .doesNotContain("\tat ");
        assertThat(run("flink", "list", "--all").output()).isEqualTo(jobs);
    }

    @Test
    void statusTellsWhatIsDownAndUpMendsIt() throws Exception {
        String before = rows();
        String jobId = jobId();
        kill("taskmanager-1");
        kill("jobmanager");

        PonixProcess.Outcome broken = ponix.run("status");
        assertThat(broken.status()).isEqualTo(1);
        assertThat(broken.output())
                .containsPattern("taskmanager-1 +stopped")
                .containsPattern("jobmanager +stopped");

        run("simulate", "--devices", "10", "--envelopes", "500");
        // The JobManager's successor has the job again: no second one is submitted.
        assertThat(run("up").errors()).doesNotContain("submitting the job");
        assertThat(run("status").output())
                .containsPattern("job +RUNNING")
                .as("also the first time that anybody asks")
                .containsPattern("lag +[\\d,]+ envelopes");
        awaitRows(before, 500);
        assertThat(jobId()).isEqualTo(jobId);
        assertThat(rowsAndUniqueSequences()).matches("(\\d+)\t\\1");
    }

    @Test
    void statusSaysWhyTheJobDoesNotGoOn() throws Exception {
        String before = rows();
        run("query", "ALTER TABLE processed_envelopes DROP COLUMN processed_at");
        run("simulate", "--devices", "10", "--envelopes", "100");

        Pattern reason = Pattern.compile("failure .* column processed_at is missing: (ALTER .*)");
        await().atMost(SOON).until(() -> reason.matcher(ponix.run("status").output()).find());
        Matcher advice = reason.matcher(ponix.run("status").output());
        assertThat(advice.find()).isTrue();
        run("query", advice.group(1));
        awaitRows(before, 100);

        // A stream that somebody deletes.
        StackAddresses addresses = StackAddresses.read(home.resolve(FOLDER));
        Connection nats = Nats.connect(addresses.nats().redactedServers());
        try {
            JetStreamManagement streams = nats.jetStreamManagement();
            StreamConfiguration letters = streams.getStreamInfo("dead_letters").getConfiguration();
            streams.deleteStream("dead_letters");
            PonixProcess.Outcome status = ponix.run("status");
            assertThat(status.output())
                    .contains("dead letters   none can be stored: there is no stream dead_letters");
            assertThat(status.status()).isEqualTo(1);
            streams.addStream(letters);

            StreamConfiguration raw = streams.getStreamInfo("raw_envelopes").getConfiguration();
            streams.updateStream(
                    StreamConfiguration.builder(raw).addSubjects("raw_envelopes.9.*").build());
            await().atMost(SOON)
                    .until(
                            () -> ponix.run("status"),
                            shown -> shown.output().contains("unread ") && shown.status() == 1);
            streams.updateStream(raw);
        } finally {
            nats.close();
        }

        // A publication that leaves out changes.
        try (java.sql.Connection postgres =
                        DriverManager.getConnection(
                                "jdbc:postgresql://%s:%d/%s"
                                        .formatted(
                                                addresses.postgres().servers().get(0).host(),
                                                addresses.postgres().servers().get(0).port(),
                                                addresses.postgres().database()),
                                addresses.postgres().username(),
                                addresses.postgres().password());
                Statement statement = postgres.createStatement()) {
            statement.execute("ALTER PUBLICATION ponix_cdc_publication DROP TABLE gateways");
            await().atMost(SOON)
                    .until(
                            () -> ponix.run("status"),
                            shown ->
                                    shown.output().contains("unpublished ") && shown.status() == 1);
            statement.execute("ALTER PUBLICATION ponix_cdc_publication ADD TABLE gateways");
            await().atMost(SOON)
                    .until(
                            () -> ponix.run("status"),
                            shown -> !shown.output().contains("unpublished "));
        }
    }

    @Test
    void downStopsWithASavepointAndUpGoesOnFromThere() throws Exception {
        String before = rows();
        run("simulate", "--devices", "10", "--envelopes", "300");
        assertThat(run("down").errors()).contains("savepoint file:");

        // What was stopped with a savepoint is not for the JobManager to take up again.
        assertThat(run("up").errors()).contains("submitting the job from savepoint-");
        awaitRows(before, 300);
        assertThat(rowsAndUniqueSequences()).matches("(\\d+)\t\\1");
    }

    @Test
    void downRightAfterASubmissionStopsWithASavepointToo() throws Exception {
        String before = rows();
        run("simulate", "--devices", "10", "--envelopes", "300");
        awaitRows(before, 300);
        Matcher savepoint = SAVEPOINT.matcher(run("flink", "stop").output());
        assertThat(savepoint.find()).isTrue();
        run("flink", "run", "-d", "-s", savepoint.group(1));

        assertThat(run("down").errors()).contains("savepoint file:");

        assertThat(run("up").errors()).contains("submitting the job from savepoint-");
        assertThat(rowsAndUniqueSequences()).matches("(\\d+)\t\\1");
    }

    @Test
    void envelopesOfANameThatNobodyHadAreReplayedOnceADeviceHasIt() throws Exception {
        try (MutedDevice device = new MutedDevice(home.resolve(FOLDER))) {
            device.setTransform("{'size': size(input)}");
            device.sendAs("A84041FFFF1822C4");
            await().atMost(SOON)
                    .until(
                            () ->
                                    run("dead-letters", "--device", "a84041ffff1822c4", "--json")
                                            .output(),
                            letters -> letters.contains("\"external_id\":\"A84041FFFF1822C4\""));

            device.setExternalId("A84041FFFF1822C4");
            // Waits, if it is too early, until the job knows of it.
            device.sendAs("a84041ffff1822c4");
            awaitRows(device, 1);
            assertThat(run("dead-letters", "replay", "--device", "a84041ffff1822c4").output())
                    .contains("1  replayed");
            awaitRows(device, 2);
        }
    }

    @Test
    void whatChirpStackPublishesIsARowOnceHoweverOftenItComes() throws Exception {
        HowTo howTo = HowTo.read("docs/bridges.md", "ChirpStack over MQTT");
        try (NetworkServer server = new NetworkServer(home.resolve(FOLDER))) {
            assertThat(howTo.calls()).hasSize(3);
            String definition =
                    server.call(howTo.calls().get(0)).at("/endDeviceDefinition/id").textValue();
            HowTo.Call device = howTo.calls().get(1);
            String id =
                    server.call(
                                    new HowTo.Call(
                                            device.json().replace("…", definition),
                                            device.method()))
                            .at("/endDevice/deviceId")
                            .textValue();
            HowTo.Call gateway = howTo.calls().get(2);
            server.call(
                    new HowTo.Call(
                            gateway.json()
                                    .replace(
                                            "mqtt://chirpstack.example.com:1883",
                                            server.brokerUrl()),
                            gateway.method()));

            assertThat(howTo.publications()).hasSize(2);
            List<JsonNode> expected =
                    List.of(
                            NetworkServer.json("{\"celsius\": 26.9, \"frame\": 10}"),
                            NetworkServer.json("{\"battery\": 88.3, \"margin\": 10}"));
            // Again and again: at first no bridge is subscribed yet.
            await().atMost(SOON)
                    .untilAsserted(
                            () -> {
                                howTo.publications()
                                        .forEach(
                                                each ->
                                                        server.publish(
                                                                each.topic(), each.message()));
                                assertThat(server.rows(id)).containsAll(expected);
                            });
            HowTo.Publication status = howTo.publications().get(1);
            howTo.publications().forEach(each -> server.publish(each.topic(), each.message()));
            server.publish(
                    status.topic(),
                    status.message().replace("bf2a9746", "00000000").replace("88.3", "87.5"));
            await().atMost(SOON).until(() -> server.rows(id).size() > 2);
            assertThat(server.rows(id))
                    .containsExactly(
                            expected.get(0),
                            expected.get(1),
                            NetworkServer.json("{\"battery\": 87.5, \"margin\": 10}"));
        }
    }

    @Test
    void refusedUplinksAreReplayedOnceTheGatewayUnderstandsThem() throws Exception {
        try (MutedDevice device = new MutedDevice(home.resolve(FOLDER));
                NetworkServer server = new NetworkServer(home.resolve(FOLDER))) {
            device.setTransform("{'kind': attributes.kind, 'size': size(input)}");
            String gateway =
                    server.call(
                                    new HowTo.Call(
                                            """
                                            {"organization_id": "org-001", "name": "CSV", "emqx_config":
                                             {"broker_url": "%s", "topic_filter": "csv/+"}}
                                            """
                                                    .formatted(server.brokerUrl()),
                                            "ponix.gateway.v1.GatewayService/CreateGateway"))
                            .at("/gateway/gatewayId")
                            .textValue();
            // Again and again: at first no bridge is subscribed yet.
            await().atMost(SOON)
                    .until(
                            () -> {
                                server.publish("csv/" + device.id(), "a,1;b,2");
                                return device.refusedUplinks(gateway);
                            },
                            count -> count > 0);
            await().atMost(SOON)
                    .until(
                            () -> {
                                long count = device.refusedUplinks(gateway);
                                server.publish("csv/" + device.id(), "a,1;b,2");
                                await().atMost(SOON)
                                        .until(() -> device.refusedUplinks(gateway) > count);
                                return true;
                            });
            String first = refused(gateway).get(0);
            assertThat(first).contains("\"reason\":\"ORGANIZATION_MISMATCH\"", "\"topic\":\"csv/");
            Matcher number = UPLINK.matcher(first);
            assertThat(number.find()).isTrue();
            assertThat(run("refused-uplinks", "show", number.group(1)).output())
                    .contains(gateway, "mqtt_topic = csv/", "61 2c 31 3b 62");
            PonixProcess.Outcome tooEarly =
                    ponix.run("refused-uplinks", "replay", "--gateway", gateway);
            assertThat(tooEarly.status()).isEqualTo(1);
            assertThat(tooEarly.output()).contains("names another organization", "and stay");

            server.call(
                    new HowTo.Call(
                            """
                            {"gateway_id": "%s", "intake_expression":
                             "string(payload).split(';').map(line, {'device_id': topic.split('/')[1], 'payload': bytes(line), 'attributes': {'kind': line.split(',')[0]}})"}
                            """
                                    .formatted(gateway),
                            "ponix.gateway.v1.GatewayService/UpdateGateway"));
            int open = refused(gateway).size();
            assertThat(run("refused-uplinks", "replay", "--gateway", gateway, "--dry-run").output())
                    .contains(open + "  would be replayed");
            RefusedUplink kept = device.refusedUplink(Long.parseLong(number.group(1)));
            assertThat(run("refused-uplinks", "replay", "--gateway", gateway).output())
                    .contains(open + "  replayed");
            awaitRows(device, 2 * open);
            assertThat(
                            device.row(
                                    "SELECT uniqExact(data.kind::String), min(data.size::Int64),"
                                            + " max(data.size::Int64) FROM processed_envelopes"
                                            + " WHERE %s"))
                    .containsExactly("2", "3", "3");
            assertThat(refused(gateway)).isEmpty();
            assertThat(run("refused-uplinks", "replay", "--gateway", gateway).output())
                    .contains("no such refused uplink");

            // A replay that ended between publishing the envelopes and deleting the message.
            long again = device.putRefusedUplink(kept);
            String subject =
                    "raw_envelopes.replay-refused-"
                            + again
                            + "-"
                            + Timestamps.toMillis(kept.getReceivedAt())
                            + "-";
            device.sendOn(subject + 0);
            device.sendOn(subject + 1);
            awaitRows(device, 2 * open + 2);
            long last = device.lastRawSequence();
            assertThat(run("refused-uplinks", "replay", "--gateway", gateway).output())
                    .contains("1  had been replayed before");
            assertThat(refused(gateway)).isEmpty();
            assertThat(device.lastRawSequence()).isEqualTo(last);

            device.putRefusedUplink(kept.toBuilder().setPayloadSize(100).build());
            PonixProcess.Outcome cut = ponix.run("refused-uplinks", "replay", "--gateway", gateway);
            assertThat(cut.status()).isEqualTo(1);
            assertThat(cut.output()).contains("it holds the first 7 of 100 bytes");
        }
    }

    private static List<String> refused(String gateway) throws Exception {
        return run("refused-uplinks", "--gateway", gateway, "--json").output().lines().toList();
    }

    @ParameterizedTest
    @CsvSource({
        "ChirpStack over HTTP, 0202020202020202",
        "The Things Stack by webhook, 0303030303030303"
    })
    void whatANetworkServerPostsIsARowOnceHoweverOftenItComes(String heading, String devEui)
            throws Exception {
        HowTo devices = HowTo.read("docs/bridges.md", "ChirpStack over MQTT");
        HowTo howTo = HowTo.read("docs/bridges.md", heading);
        try (NetworkServer server = new NetworkServer(home.resolve(FOLDER))) {
            String definition =
                    server.call(devices.calls().get(0)).at("/endDeviceDefinition/id").textValue();
            HowTo.Call device = devices.calls().get(1);
            // The name is taken by the device of the how-to over MQTT.
            String id =
                    server.call(
                                    new HowTo.Call(
                                            device.json()
                                                    .replace("…", definition)
                                                    .replace("0101010101010101", devEui),
                                            device.method()))
                            .at("/endDevice/deviceId")
                            .textValue();
            assertThat(howTo.calls()).hasSize(2);
            String gateway = server.call(howTo.calls().get(0)).at("/gateway/gatewayId").textValue();
            HowTo.Call key = howTo.calls().get(1);
            String secret =
                    server.call(
                                    new HowTo.Call(
                                            key.json().replace("GATEWAY_ID", gateway),
                                            key.method()))
                            .at("/secret")
                            .textValue();
            assertThat(howTo.posts()).hasSize(1);
            HowTo.Post post = howTo.posts().get(0);
            URI target = server.uplinks().resolve(post.target().replace("GATEWAY_ID", gateway));
            String body = post.body().replace("0101010101010101", devEui);

            // At first the bridge does not know of the key.
            await().atMost(SOON)
                    .until(
                            () -> server.post(target, "X-API-Key: " + secret, body).statusCode(),
                            status -> status == 202);
            assertThat(server.post(target, "Authorization: Bearer " + secret, body).body())
                    .contains("\"duplicates\":1");
            await().atMost(SOON).until(() -> !server.rows(id).isEmpty());
            assertThat(server.rows(id))
                    .containsExactly(NetworkServer.json("{\"celsius\": 26.9, \"frame\": 10}"));
        }
    }

    @Test
    void anUplinkIsPostedWithTheKeyThatUpKeepsForItsOwnerAlone() throws Exception {
        Path file = home.resolve(FOLDER).resolve("gateway-key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String header = Files.readString(file);
        assertThat(header).matches("X-API-Key: ponix_[A-Za-z0-9_-]{43}\n");
        try (NetworkServer server = new NetworkServer(home.resolve(FOLDER))) {
            assertThat(statusAfterTheStart.output()).contains(server.uplinks().toString());
            String id =
                    server.call(
                                    new HowTo.Call(
                                            "{\"organization_id\": \"org-001\", \"name\": \"curl\","
                                                    + " \"payload_conversion\":"
                                                    + " \"json_decode(input)\"}",
                                            "ponix.end_device.v1.EndDeviceService/CreateEndDevice"))
                            .at("/endDevice/deviceId")
                            .textValue();
            assertThat(
                            server.post(
                                            server.uplinks(),
                                            header,
                                            "{\"end_device_id\": \""
                                                    + id
                                                    + "\", \"payload\":"
                                                    + " \"eyJjZWxzaXVzIjogMjEuNX0=\"}")
                                    .statusCode())
                    .isEqualTo(202);
            await().atMost(SOON)
                    .untilAsserted(
                            () ->
                                    assertThat(server.rows(id))
                                            .containsExactly(
                                                    NetworkServer.json("{\"celsius\": 21.5}")));
        }
        run("up");
        assertThat(Files.readString(file)).as("it stays").isEqualTo(header);
        Files.delete(file);
        run("up");
        assertThat(Files.readString(file)).as("another in its place").isNotEqualTo(header);
    }

    private static void awaitRows(MutedDevice device, int count) {
        await().atMost(SOON)
                .untilAsserted(
                        () ->
                                assertThat(
                                                device.row(
                                                        "SELECT count() FROM processed_envelopes"
                                                                + " WHERE %s"))
                                        .containsExactly(String.valueOf(count)));
    }

    @Test
    void deadLettersAreReplayedWhenTheirCauseIsMended() throws Exception {
        try (MutedDevice device = new MutedDevice(home.resolve(FOLDER))) {
            for (int i = 0; i < 300; i++) {
                device.send(i);
            }
            // As large as the server takes: the letter has no room for all of it.
            device.send(8 * 1024 * 1024 - 200);
            await().atMost(SOON).until(() -> letters(device).size(), count -> count == 301);
            String first = letters(device).get(0);
            Matcher number = LETTER.matcher(first);
            assertThat(number.find()).as(first).isTrue();
            DeadLetter letter =
                    DeadLetter.parseFrom(device.letter(Long.parseLong(number.group(1))).getData());
            assertThat(run("dead-letters", "show", number.group(1)).output())
                    .contains("NO_CONVERSION", device.id(), "2026-11-20T10:00:00Z")
                    .contains("Nats-Msg-Id")
                    .contains("  00000000  0a 07 6f 72 67 2d 30 30");
            assertThat(run(replay(device, "--dry-run")).output()).contains("301  would be");
            try (ReplayLease running =
                    ReplayLease.take(StackAddresses.read(home.resolve(FOLDER)), "dead_letters")) {
                PonixProcess.Outcome second = ponix.run(replay(device));
                assertThat(second.status()).isEqualTo(1);
                assertThat(second.errors())
                        .contains("is run by process " + ProcessHandle.current().pid())
                        .contains("wait for its end");
                running.check();
            }
            assertThat(letters(device)).hasSize(301);

            device.setTransform("{'size': size(input)}");
            // Until the job knows of it. What comes too early is one letter more.
            await().atMost(SOON)
                    .until(
                            () -> {
                                device.send(1_000);
                                return device.row(
                                                "SELECT count() FROM processed_envelopes WHERE %s")[
                                        0];
                            },
                            rows -> !rows.equals("0"));

            int open = letters(device).size();
            assertThat(run(replay(device)).output()).contains(open + "  replayed");
            await().atMost(SOON)
                    .untilAsserted(
                            () ->
                                    assertThat(
                                                    device.row(
                                                            "SELECT count(),"
                                                                    + " uniqExact(occurred_at),"
                                                                    + " countIf(data.size::Int64 <"
                                                                    + " 300), max(data.size::Int64)"
                                                                    + " FROM processed_envelopes WHERE"
                                                                    + " %s"))
                                            .containsExactly(
                                                    Integer.toString(device.sent()),
                                                    Integer.toString(device.sent()),
                                                    "300",
                                                    Integer.toString(8 * 1024 * 1024 - 200)));
            assertThat(letters(device)).isEmpty();
            assertThat(run(replay(device)).output()).contains("no such dead letter");

            // A replay that ended between publishing an envelope and deleting its letter.
            long before = device.lastRawSequence();
            device.putLetter(letter);
            assertThat(run(replay(device)).output()).contains("1  had been replayed before");
            // A job that started from an old savepoint made a row of it in the meantime.
            String[] row =
                    device.row(
                            "SELECT stream_sequence, toUnixTimestamp64Milli(received_at) FROM"
                                    + " processed_envelopes WHERE %s LIMIT 1");
            device.putLetter(
                    device.newLetter(Long.parseLong(row[0]), Long.parseLong(row[1])).build());
            assertThat(run(replay(device)).output()).contains("1  were rows");
            // The rest of a message that was cut is no longer there.
            long cut =
                    device.putLetter(
                            device.newLetter(before + 1_000_000, 0)
                                    .setRawEnvelopeTruncated(true)
                                    .setRawEnvelopeSize(10)
                                    .build());
            PonixProcess.Outcome outcome = ponix.run(replay(device));
            assertThat(outcome.status()).isEqualTo(1);
            assertThat(outcome.output()).contains("1  cannot be replayed", "letter " + cut);
            assertThat(letters(device)).hasSize(1);
            device.deleteLetter(cut);
            assertThat(device.lastRawSequence()).isEqualTo(before);
        }
    }

    private static void kill(String part) {
        LocalStack stack =
                new LocalStack(StackSettings.asStarted(home.resolve(FOLDER)), line -> {});
        stack.processes().stream()
                .filter(process -> process.name().equals(part))
                .findFirst()
                .orElseThrow()
                .kill();
    }

    private static String jobId() {
        return new FlinkRest(StackAddresses.read(home.resolve(FOLDER)).dashboardUrl())
                .activeJob(JobCatalog.ofThisCheckout().envelopePipeline().name())
                .orElseThrow()
                .id();
    }

    private static List<String> letters(MutedDevice device) throws Exception {
        return run("dead-letters", "--device", device.id(), "--json", "--limit", "10000")
                .output()
                .lines()
                .toList();
    }

    private static String[] replay(MutedDevice device, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "dead-letters",
                                "replay",
                                "--reason",
                                "no_conversion",
                                "--device",
                                device.id(),
                                "--since",
                                "1h"));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    private static String rows() {
        return query("SELECT count() FROM processed_envelopes");
    }

    private static String rowsAndUniqueSequences() {
        return query(
                "SELECT count(), uniqExact(stream, stream_sequence, received_at) FROM"
                        + " processed_envelopes");
    }

    /** The only row of a result, its columns separated by tabs. */
    private static String query(String sql) {
        return new ClickHouseQueries(StackAddresses.read(home.resolve(FOLDER))).lines(sql)[0];
    }

    private static void awaitRows(String before, long more) {
        long expected = Long.parseLong(before) + more;
        await().atMost(SOON).until(StackITCase::rows, rows -> Long.parseLong(rows) >= expected);
    }

    private static PonixProcess.Outcome run(String... arguments) throws Exception {
        PonixProcess.Outcome outcome = ponix.run(arguments);
        assertThat(outcome.status())
                .as("ponix %s: %s", String.join(" ", arguments), outcome)
                .isZero();
        return outcome;
    }
}
