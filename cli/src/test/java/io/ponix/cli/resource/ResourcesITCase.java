package io.ponix.cli.resource;

import static org.assertj.core.api.Assertions.assertThat;

import io.ponix.cli.PonixInProcess;
import io.ponix.cli.PonixProcess;
import io.ponix.cli.PonixProcess.Outcome;
import io.ponix.embedded.deviceservice.EmbeddedDeviceService;
import io.ponix.embedded.postgres.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is registered, as a person changes it by commands: {@code organizations}, {@code devices},
 * {@code definitions}, {@code gateways}, {@code hosts} and {@code snapshots}, of a service that
 * asks for a key.
 */
class ResourcesITCase {

    private static final String KEY = "ponix_cli_" + "5e".repeat(32);
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z";

    @TempDir private static Path home;

    private static EmbeddedPostgres postgres;
    private static EmbeddedDeviceService service;

    @TempDir private Path folder;

    @BeforeAll
    static void start() throws Exception {
        Path keys = Files.writeString(home.resolve("first-keys"), "operator " + KEY + "\n");
        postgres = EmbeddedPostgres.builder().home(home).build();
        service =
                EmbeddedDeviceService.builder()
                        .home(home)
                        .environment(() -> environment(keys))
                        .build();
        postgres.start();
        service.start();
        // As of a stack whose other parts nothing here needs.
        Files.writeString(
                home.resolve("stack.properties"),
                """
                grpc.address=%s
                http.url=%s
                dashboard.url=%2$s
                elsewhere=NATS,POSTGRES,CLICKHOUSE
                operator.key.file=%s
                """
                        .formatted(
                                service.grpcAddress(),
                                service.httpUrl(),
                                Files.writeString(home.resolve("key"), KEY)));
        for (String organization :
                List.of(
                        "acme",
                        "addresses",
                        "fields",
                        "kinds",
                        "roofs",
                        "kept",
                        "lists",
                        "labels",
                        "tries")) {
            assertThat(done("organizations", "create", "--id", organization, "--name", "Ltd"))
                    .isEqualTo("Created the organization " + organization + " (etag 1).\n");
        }
    }

    private static Map<String, String> environment(Path keys) {
        Map<String, String> environment = new HashMap<>(postgres.address().environment());
        environment.put("PONIX_AUTH", "required");
        environment.put("PONIX_FIRST_KEYS_FILE", keys.toString());
        return environment;
    }

    @AfterAll
    static void stop() {
        service.close();
        postgres.close();
    }

    @Test
    void whatWouldBeCreatedIsTriedFirst() throws Exception {
        Path transform = Files.writeString(folder.resolve("a.cel"), "{}");
        Map<String, List<String>> creations =
                Map.of(
                        "organization", List.of("--id=tried"),
                        "device", List.of("--organization=tries"),
                        "definition", List.of("--organization=tries", "--file=" + transform),
                        "gateway", List.of("--organization=tries"),
                        "host", List.of("--organization=tries", "--address=10.0.0.1"));
        creations.forEach(
                (noun, options) -> {
                    List<String> creation =
                            new ArrayList<>(
                                    List.of(
                                            noun + "s",
                                            "create",
                                            "--name=new",
                                            "--validate-only",
                                            "--request-id=try-" + noun));
                    creation.addAll(options);
                    assertThat(done(creation.toArray(String[]::new)))
                            .isEqualTo("Would create the " + noun + ".\n");
                    creation.add("--json");
                    assertThat(done(creation.toArray(String[]::new))).contains("\"etag\": \"1\"");
                });
        for (String nouns : List.of("devices", "definitions", "gateways", "hosts")) {
            assertThat(done(nouns, "list", "--organization=tries").lines()).hasSize(1);
        }
        assertThat(refused("organizations", "get", "tried")).contains("tried");
        assertThat(
                        refused(
                                "devices",
                                "create",
                                "--organization=tries",
                                "--name=new",
                                "--gateway=nothing",
                                "--validate-only"))
                .contains("Gateway not found: nothing");
    }

    @Test
    void aDeviceIsCreatedChangedDeletedAndPutBack() throws Exception {
        Path transform =
                Files.writeString(
                        folder.resolve("roof.cel"), "{'a': 1,\n 'b': input.u8(0) == 7}\n");
        assertThat(
                        done(
                                "devices",
                                "create",
                                "--organization=fields",
                                "--id=d1",
                                "--name=Roof",
                                "--external-id=A81758FFFE03",
                                "--reason=new"))
                .isEqualTo("Created the device d1 (etag 1).\n");
        assertThat(
                        done(
                                "devices",
                                "update",
                                "d1",
                                "--transform-file=" + transform,
                                "--external-id=",
                                "--reason=another sensor",
                                "--json"))
                .contains("\"payload_conversion\": \"{'a': 1,\\n 'b': input.u8(0) == 7}\\n\"")
                .contains("\"etag\": \"3\"")
                .doesNotContain("external_id");
        assertThat(done("devices", "get", "d1"))
                .contains("name                Roof\n")
                .contains("payload_conversion\n  {'a': 1,\n   'b': input.u8(0) == 7}\n");
        assertThat(done("devices", "list", "--organization=fields"))
                .matches(
                        "DEVICE +NAME +EXTERNAL ID +DECODED BY +UPDATED AT +ETAG\n"
                                + "d1 +Roof +- +its own transform +"
                                + TIME
                                + " +3\n");
        assertThat(done("devices", "list", "--organization=fields", "--json"))
                .startsWith("[\n{\"device_id\":\"d1\",")
                .endsWith("}\n]\n");

        assertThat(done("devices", "restore", "d1", "--version=1", "--validate-only"))
                .isEqualTo(
                        """
                        Would restore the device d1 as it was after the change of version 1 (etag 4):
                          external_id: - → "a81758fffe03"
                          payload_conversion: "{'a': 1,\\n 'b': input.u8(0) == 7}\\n" → -
                        """);
        String now = done("devices", "get", "d1");
        assertThat(done("devices", "update", "d1", "--name=Cellar", "--validate-only"))
                .isEqualTo("Would update the device d1 (etag 4).\n");
        assertThat(done("devices", "update", "d1", "--name=Cellar", "--validate-only", "--json"))
                .contains("\"name\": \"Cellar\"");
        assertThat(refused("devices", "update", "d1", "--gateway=nothing", "--validate-only"))
                .contains("Gateway not found: nothing");
        assertThat(done("devices", "delete", "d1", "--etag=3", "--validate-only"))
                .isEqualTo("Would delete the device d1.\n");
        assertThat(done("devices", "get", "d1")).isEqualTo(now);
        assertThat(done("devices", "delete", "d1", "--etag=3"))
                .isEqualTo("Deleted the device d1.\n");
        assertThat(done("devices", "list", "--organization=fields").lines()).hasSize(1);
        assertThat(
                        done(
                                "devices",
                                "list",
                                "--organization=fields",
                                "--show-deleted",
                                "--filter=deleted_at != null"))
                .containsPattern("\\nd1 +Roof .* deleted " + TIME + " +4\\n");
        assertThat(done("devices", "undelete", "d1", "--validate-only"))
                .isEqualTo("Would undelete the device d1 (etag 5).\n");
        assertThat(refused("devices", "get", "d1"))
                .isEqualTo("ponix: the device service refused: Device not found: d1\n");
        assertThat(done("devices", "restore", "d1", "--version=3", "--reason=wrong one"))
                .startsWith(
                        "Restored the device d1 as it was after the change of version 3 (etag 5):\n")
                .contains("  name: - → \"Roof\"\n")
                .doesNotContain("external_id");
        assertThat(done("devices", "restore", "d1", "--version=5"))
                .isEqualTo(
                        "The device d1 is as it was after the change of version 5 already (etag"
                                + " 5).\n");

        assertThat(done("devices", "history", "d1"))
                .matches(
                        "VERSION +WHEN +WHO +WHAT +REASON\n"
                                + change(1, "created +new")
                                + change(2, "external_id: \"a81758fffe03\" → - +another sensor")
                                + change(
                                        3,
                                        "payload_conversion: - → \"\\{'a': 1,\\\\n 'b': input.*\" +another"
                                                + " sensor")
                                + change(4, "deleted +-")
                                + change(5, "restored +wrong one"));
        assertThat(done("devices", "history", "d1", "--limit=1")).containsPattern("\\n +5 .*\\n$");
        assertThat(done("devices", "history", "d1", "--json"))
                .startsWith("[\n{\"resource_type\":\"RESOURCE_TYPE_END_DEVICE\",")
                .contains("\"reason\":\"another sensor\"");
    }

    private static String change(int version, String rest) {
        return " +" + version + " +" + TIME + " +cli +" + rest + "\n";
    }

    @Test
    void whatIsSaidOfThemIsWrittenShownAndFound() throws Exception {
        done(
                "devices",
                "create",
                "--organization=labels",
                "--id=l1",
                "--name=Pump",
                "--external-id=l-eui-1",
                "--description=In the cellar",
                "--label=site=north",
                "--label",
                "example.com/team=a=b");
        assertThat(done("devices", "get", "l1"))
                .containsPattern("description +In the cellar\n")
                .containsPattern("labels +example.com/team=a=b, site=north\n");
        done("devices", "update", "l1", "--name=Pump 7", "--label=site=south", "--no-label=none");
        assertThat(done("devices", "get", "l1", "--json"))
                .contains("\"name\": \"Pump 7\"", "\"description\": \"In the cellar\"")
                .contains("\"site\": \"south\"", "\"example.com/team\": \"a=b\"");
        done("devices", "update", "l1", "--description=", "--no-label=example.com/team");
        assertThat(done("devices", "get", "l1"))
                .containsPattern("labels +site=south\n")
                .doesNotContain("description");
        assertThat(
                        done(
                                "devices",
                                "list",
                                "--organization=labels",
                                "--filter=labels.site == 'south'"))
                .contains("\nl1 ");

        Path file =
                Files.writeString(
                        folder.resolve("labels.csv"),
                        "external_id,labels,description\nl-eui-1,team=a;site=north\\;,New\n"
                                + "l-eui-2,,\nl-eui-3,site,\n");
        Outcome imported = run("devices", "import", "--organization=labels", "" + file);
        assertThat(imported.output())
                .isEqualTo("1 created, 1 changed, 0 as they were, 1 refused\n");
        assertThat(imported.errors())
                .contains("line 4 (l-eui-3): labels: 'site' is no label: write KEY=VALUE");
        assertThat(done("devices", "get", "l1"))
                .containsPattern("labels +site=north;, team=a\n")
                .containsPattern("description +New\n");
        Path exported =
                Files.writeString(
                        folder.resolve("exported.csv"),
                        done("devices", "export", "--organization=labels"));
        assertThat(exported).content().contains(",New,site=north\\;;team=a\n");
        assertThat(done("devices", "import", "--organization=labels", "" + exported))
                .isEqualTo("0 created, 0 changed, 2 as they were, 0 refused\n");
        Files.writeString(file, "external_id,labels\nl-eui-1,\n");
        done("devices", "import", "--organization=labels", "" + file);
        assertThat(done("devices", "get", "l1"))
                .doesNotContainPattern("(?m)^labels")
                .contains("New");

        assertThat(
                        done(
                                "organizations",
                                "update",
                                "labels",
                                "--description=Ours",
                                "--label=a=1",
                                "--json"))
                .contains("\"description\": \"Ours\"", "\"a\": \"1\"");
        String gateway =
                created(
                        "gateways",
                        "create",
                        "--organization=labels",
                        "--name=Roof",
                        "--intake-preset=chirpstack",
                        "--label=a=1");
        assertThat(
                        done(
                                "gateways",
                                "update",
                                gateway,
                                "--broker-url=mqtt://broker:1883",
                                "--intake-preset=",
                                "--label=b=2",
                                "--json"))
                .contains("\"a\": \"1\"", "\"b\": \"2\"", "mqtt://broker:1883")
                .doesNotContain("chirpstack");
        assertThat(done("devices", "update", "l1", "--gateway=" + gateway, "--json"))
                .contains("\"gateway_id\": \"" + gateway + "\"");
        Files.writeString(file, "device_id,name,gateway_id\nl1,Pump,\nl2,L,nothing\n");
        Outcome moved = run("devices", "import", "--organization=labels", "" + file);
        assertThat(moved.output()).isEqualTo("0 created, 1 changed, 0 as they were, 1 refused\n");
        assertThat(moved.errors()).contains("line 3 (l2): Gateway not found: nothing");
        assertThat(done("devices", "get", "l1")).doesNotContain("gateway_id");
        Path transform = Files.writeString(folder.resolve("meter.cel"), "{'a': 1}\n");
        String definition =
                created(
                        "definitions",
                        "create",
                        "--organization=labels",
                        "--name=Meter",
                        "--file=" + transform,
                        "--label=a=1");
        assertThat(done("definitions", "update", definition, "--no-label=a", "--no-examples"))
                .startsWith("Updated the definition");
        assertThat(done("definitions", "get", definition)).doesNotContainPattern("(?m)^labels");
        String host =
                created(
                        "hosts",
                        "create",
                        "--organization=labels",
                        "--address=10.0.0.1",
                        "--name=a",
                        "--label=a=1");
        done("hosts", "update", host, "--label=b=2", "--comment=x");
        assertThat(done("hosts", "get", host)).containsPattern("labels +a=1, b=2\n");
        assertThat(done("hosts", "list", "--organization=labels", "--label=b=2")).contains(host);
        assertThat(done("hosts", "update", host, "--name=b", "--validate-only"))
                .isEqualTo("Would update the host " + host + " (etag 4).\n");
        done("hosts", "delete", host, "--etag=3", "--validate-only");
        done("hosts", "delete", host, "--etag=3");
        assertThat(done("hosts", "undelete", host, "--reason=a mistake"))
                .isEqualTo("Undeleted the host " + host + " (etag 5).\n");
        assertThat(done("hosts", "get", host)).containsPattern("labels +a=1, b=2\n");

        assertThat(refusedUse("devices", "update", "l1", "--label=site"))
                .contains("--label: 'site' is not KEY=VALUE");
        assertThat(refusedUse("devices", "update", "l1", "--label=a=1", "--no-label=a"))
                .contains("--label and --no-label a: which of them is meant?");
        assertThat(refused("devices", "update", "l1", "--label=Site=1"))
                .contains("Keys of labels have 1 to 63");
    }

    @Test
    void aListIsOfThoseThatAreAskedFor() {
        for (String name : List.of("pump 1", "pump 2", "tank")) {
            done("devices", "create", "--organization=lists", "--name=" + name);
        }
        String[] pumps = {
            "devices", "list", "--organization=lists", "--filter=name.startsWith('pump')"
        };

        assertThat(done(pumps).lines()).hasSize(3);
        assertThat(done("devices", "list", "--organization=lists", "--order-by=name").lines())
                .extracting(line -> line.replaceAll("^\\S+ +(pump \\d|\\S+) .*", "$1"))
                .containsExactly("NAME", "pump 1", "pump 2", "tank");
        assertThat(done("organizations", "list", "--filter=id == 'lists'").lines()).hasSize(2);
        for (String command : List.of("devices", "definitions", "gateways")) {
            assertThat(
                            done(
                                    command,
                                    "list",
                                    "--organization=lists",
                                    "--filter=name == 'absent'",
                                    "--json"))
                    .isEqualTo("[]\n");
            assertThat(refused(command, "list", "--organization=lists", "--filter=nam == ''"))
                    .contains("1:1 undeclared reference to 'nam'", "Fields are created_at, ");
            assertThat(refused(command, "list", "--organization=lists", "--order-by=nam"))
                    .contains("There is no field 'nam'", "created_at");
        }
    }

    @Test
    void whatWasDeletedIsBroughtBack() throws Exception {
        Path file = Files.writeString(folder.resolve("a.cel"), "{}");
        done("organizations", "create", "--id=gone", "--name=Gone");
        Map<String, String> ids =
                Map.of(
                        "organizations",
                        "gone",
                        "devices",
                        created("devices", "create", "--organization=acme", "--name=A"),
                        "definitions",
                        created(
                                "definitions",
                                "create",
                                "--organization=acme",
                                "--name=A",
                                "--file=" + file),
                        "gateways",
                        created("gateways", "create", "--organization=acme", "--name=A"));
        ids.forEach(
                (command, id) -> {
                    assertThat(refused(command, "undelete", id)).contains("refused: ", id);
                    assertThat(done(command, "update", id, "--name=B", "--validate-only"))
                            .startsWith("Would update the ")
                            .endsWith(" " + id + " (etag 2).\n");
                    assertThat(done(command, "delete", id, "--etag=1", "--validate-only"))
                            .startsWith("Would delete the ")
                            .endsWith(" " + id + ".\n");
                    done(command, "delete", id);
                    String[] list =
                            command.equals("organizations")
                                    ? new String[] {command, "list", "--show-deleted"}
                                    : new String[] {
                                        command, "list", "--show-deleted", "--organization=acme"
                                    };
                    assertThat(done(list)).containsPattern(id + " .*deleted " + TIME);
                    assertThat(done(command, "undelete", id, "--reason=a mistake"))
                            .startsWith("Undeleted the ")
                            .endsWith(" " + id + " (etag 3).\n");
                    assertThat(done(command, "get", id)).contains(id);
                    assertThat(done(command, "history", id)).contains("a mistake");
                    assertThat(refused(command, "undelete", "nope")).contains("not found: nope");
                });
    }

    @Test
    void whatSomebodyElseChangedIsNotOverwritten() throws Exception {
        done("devices", "create", "--organization=acme", "--id=e1", "--name=A");
        done("devices", "update", "e1", "--name=B");

        assertThat(refused("devices", "update", "e1", "--name=C", "--etag=1"))
                .startsWith(
                        "ponix: somebody changed it in between; look at it, and run it again for what it is now: Device e1 has changed:"
                                + " its etag is 2, not 1");
        assertThat(refused("devices", "delete", "e1", "--etag=1")).contains("its etag is 2, not 1");
        assertThat(refused("devices", "restore", "e1", "--version=1", "--etag=1"))
                .contains("its etag is 2, not 1");
        assertThat(done("devices", "get", "e1")).contains("name             B\n");
    }

    @Test
    void aChangeOfANameHappensOnce() throws Exception {
        String[] create = {
            "devices", "create", "--organization=acme", "--name=Once", "--request-id=once"
        };
        String[] restore = {
            "organizations", "restore", "kinds", "--version=1", "--request-id=back"
        };

        assertThat(done(create)).isEqualTo(done(create)).startsWith("Created the device ");
        done("organizations", "update", "kinds", "--name=Renamed");
        assertThat(done(restore)).contains("(etag 3):\n  name: \"Renamed\" → \"Ltd\"\n");
        done("organizations", "update", "kinds", "--name=Again");
        assertThat(done(restore)).contains("(etag 3)");
        assertThat(done("organizations", "get", "kinds")).contains("Again");
        assertThat(
                        refused(
                                "devices",
                                "create",
                                "--organization=acme",
                                "--name=Other",
                                "--request-id=once"))
                .contains("the device service refused: ", "once");
    }

    @Test
    void aDefinitionIsEditedAsAFile() throws Exception {
        Path cel =
                Files.writeString(
                        folder.resolve("meter.cel"), "{'celsius': double(input.i16be(0)) / 10.0}");
        String id =
                created(
                        "definitions",
                        "create",
                        "--organization=kinds",
                        "--name=Meter",
                        "--file=" + cel);
        assertThat(done("definitions", "list", "--organization=kinds"))
                .containsPattern(id + " +Meter +1 +0 +" + TIME + " +1\n");

        String edited =
                done("definitions", "get", id, "--json")
                        .replaceFirst(
                                "\"transform_expression\"",
                                "\"match_expression\": \"f_port == 1\", \"transform_expression\"")
                        .replaceFirst(
                                "\"name\"",
                                "\"examples\": [{\"hex\": \"010d\", \"f_port\": 1, \"expected\":"
                                        + " {\"celsius\": 26.9}}], \"name\"");
        Path json = Files.writeString(folder.resolve("meter.json"), edited);
        assertThat(done("definitions", "update", id, "--file=" + json, "--reason=ports"))
                .isEqualTo("Updated the definition " + id + " (etag 3).\n");
        assertThat(done("definitions", "get", id))
                .contains(
                        "contracts[0]\n  match_expression      f_port == 1\n"
                                + "  transform_expression  {'celsius': double(")
                .contains("expected  {\"celsius\":26.9}\n");
        assertThat(done("definitions", "history", id))
                .contains("contracts[0].match_expression: - → \"f_port == 1\" ")
                .contains("examples: - → [{");
        Files.writeString(json, edited.replace("26.9", "27"));
        assertThat(refused("definitions", "update", id, "--file=" + json)).contains("27", "26.9");
        Files.writeString(cel, "{'celsius': inptu}");
        assertThat(refused("definitions", "update", id, "--file=" + cel))
                .contains("inptu", "^", "contract 1");
        assertThat(refused("definitions", "update", id, "--no-examples", "--descriptors=" + cel))
                .contains("file_descriptor_set: ");
        done("definitions", "update", id, "--no-examples", "--no-descriptors", "--name=M");
        assertThat(done("definitions", "get", id)).doesNotContain("examples").contains(" M\n");

        done(
                "devices",
                "create",
                "--organization=kinds",
                "--id=k1",
                "--name=A",
                "--definition=" + id);
        assertThat(refused("definitions", "delete", id)).contains("is in use");
        done("devices", "update", "k1", "--definition=");
        assertThat(done("definitions", "delete", id))
                .isEqualTo("Deleted the definition " + id + ".\n");
        assertThat(refused("definitions", "get", id)).contains("not found: " + id);
        assertThat(done("definitions", "restore", id, "--version=1"))
                .contains("name: - → \"Meter\"");
    }

    @Test
    void ofAGatewaysBrokerWhatIsNotGivenStays() throws Exception {
        Path intake =
                Files.writeString(
                        folder.resolve("intake.cel"), "{'device_id': topic, 'payload': payload}");
        String id =
                created(
                        "gateways",
                        "create",
                        "--organization=roofs",
                        "--name=Roof",
                        "--broker-url=mqtts://mqtt.example.com",
                        "--mqtt-version=3.1.1",
                        "--session-expiry=2h",
                        "--intake-preset=chirpstack");
        assertThat(done("gateways", "list", "--organization=roofs"))
                .containsPattern(
                        id
                                + " +Roof +active +mqtts://mqtt.example.com +chirpstack +"
                                + TIME
                                + " +1\n");

        done("gateways", "update", id, "--topic-filter=a/#", "--intake-file=" + intake);
        assertThat(done("gateways", "get", id))
                .contains(
                        """
                        emqx_config
                          broker_url      mqtts://mqtt.example.com
                          mqtt_version    MQTT_VERSION_3_1_1
                          session_expiry  7200s
                          topic_filter    a/#
                        """)
                .containsPattern(
                        "intake_expression +\\{'device_id': topic, 'payload': payload\\}\n");
        assertThat(done("gateways", "update", id, "--status=error", "--status-reason=no power"))
                .startsWith("Updated the gateway ");
        assertThat(done("gateways", "list", "--organization=roofs"))
                .contains(" error ", "its own expression");
        assertThat(done("gateways", "history", id))
                .contains(
                        "gateway_config.topic_filter: - → \"a/#\" ",
                        "status: \"active\" → \"error\" ");

        String etag = etag(done("gateways", "get", id));
        String[] once = {
            "gateways", "update", id, "--credential=c", "--request-id=once-more", "--etag=" + etag
        };
        assertThat(done(once)).isEqualTo(done(once));
        assertThat(refusedUse("gateways", "update", id, "--credential=d", "--request-id=r"))
                .contains("--request-id goes with --etag");
        assertThat(refusedUse("gateways", "update", id, "--enrol-per-hour=5"))
                .contains("--enrol-per-hour goes with --enrol-with");
        assertThat(refused("gateways", "update", id, "--credential=d", "--etag=" + etag))
                .contains("somebody changed it in between");
        assertThat(
                        refused(
                                "gateways",
                                "create",
                                "--organization=roofs",
                                "--broker-url=mqtt://u:p@h"))
                .contains("Gateway broker URL must not hold a user name");
        assertThat(done("gateways", "delete", id)).isEqualTo("Deleted the gateway " + id + ".\n");
        assertThat(refused("gateways", "get", id)).endsWith("refused: not found: " + id + "\n");
    }

    @Test
    void whatIsKeptIsPutBackHereAndElsewhere() throws Exception {
        List<String> lines = new ArrayList<>(List.of("external_id,name,device_id"));
        for (int i = 0; i < 1_200; i++) {
            lines.add("eui-%04d,Sensor,kept-%04d".formatted(i, i));
        }
        Path devices = Files.write(folder.resolve("devices.csv"), lines);
        done("devices", "import", "--organization=kept", devices.toString());
        String id = created("snapshots", "create", "--organization=kept", "--name=before");
        assertThat(done("snapshots", "list", "--organization=kept"))
                .matches(
                        "SNAPSHOT +NAME +ORGANIZATION +MADE +CREATED AT +BY +ENTRIES\n"
                                + id
                                + " +before +kept +manual +"
                                + TIME
                                + " +cli +1201\n");
        assertThat(done("snapshots", "get", id))
                .contains("origin           SNAPSHOT_ORIGIN_MANUAL\n");

        done("devices", "update", "kept-0000", "--name=Changed");
        done("devices", "create", "--organization=kept", "--id=new", "--name=New");
        String changes =
                "TYPE +ID +ORGANIZATION +CHANGE +FIELDS\n"
                        + "end_device +kept-0000 +kept +restored +name\n"
                        + "end_device +new +kept +deleted +-\n";
        assertThat(done("snapshots", "restore", id, "--validate-only"))
                .matches(changes + "2 would change; with --yes they do\\.\n");
        assertThat(done("devices", "get", "kept-0000")).contains("Changed");
        String restored = done("snapshots", "restore", id, "--yes", "--reason=wrong");
        assertThat(restored)
                .matches(
                        changes
                                + "2 changed\\. \\./ponix snapshots restore [0-9a-v]{20} --yes undoes"
                                + " it\\.\n");
        assertThat(done("devices", "get", "kept-0000")).contains("Sensor");
        assertThat(done("devices", "history", "new")).containsPattern("deleted +wrong\n");
        assertThat(done("snapshots", "restore", id, "--yes"))
                .isEqualTo("All is as it is in the snapshot: nothing changes.\n");
        Matcher undo = Pattern.compile("restore ([0-9a-v]{20}) --yes").matcher(restored);
        assertThat(undo.find()).isTrue();
        assertThat(done("snapshots", "restore", undo.group(1), "--yes", "--json"))
                .contains("\"resource_count\": \"2\"", "\"before\": {");

        String exported = done("snapshots", "export", id);
        assertThat(exported.lines()).hasSize(1_202);
        Path file = Files.writeString(folder.resolve("kept.jsonl"), exported);
        String[] importing = {
            "snapshots", "import", file.toString(), "--request-id=" + "k".repeat(64)
        };
        String imported = done(importing);
        assertThat(imported).matches("Imported the snapshot [0-9a-v]{20} \\(1201 entries\\)\\.\n");
        assertThat(done(importing)).isEqualTo(imported);
        assertThat(done("snapshots", "restore", imported.split(" ")[3], "--yes"))
                .contains("2 changed.");
        Files.write(file, exported.lines().limit(1_000).toList());
        assertThat(refused("snapshots", "import", file.toString()))
                .contains("kept.jsonl is not whole: it has 999 of the 1201 entries");

        assertThat(done("snapshots", "delete", id)).isEqualTo("Deleted the snapshot " + id + ".\n");
        for (String verb : List.of("get", "export", "delete")) {
            assertThat(refused("snapshots", verb, id)).contains("Snapshot not found: " + id);
        }
        assertThat(refused("snapshots", "restore", id, "--yes")).contains("not found: " + id);
    }

    @Test
    void whatThereIsNotIsToldInALine() throws Exception {
        Map.of("organizations", "organization", "devices", "device", "gateways", "gateway")
                .forEach(
                        (command, noun) -> {
                            assertThat(refused(command, "get", "nope")).contains("not found: nope");
                            assertThat(refused(command, "update", "nope", "--name=N"))
                                    .contains("not found: nope");
                            assertThat(refused(command, "history", "nope"))
                                    .isEqualTo("ponix: there never was a " + noun + " nope\n");
                        });
        assertThat(refused("definitions", "update", "nope", "--name=N"))
                .contains("not found: nope");
        assertThat(refused("definitions", "delete", "nope")).contains("not found: nope");
        assertThat(refused("devices", "restore", "nope", "--version=1"))
                .contains("not found: nope");
        assertThat(refused("organizations", "restore", "acme", "--version=9"))
                .contains("has no version 9");
        assertThat(refused("organizations", "restore", "acme", "--version=0"))
                .contains("A version is 1 or more");
        assertThat(refused("organizations", "create", "--name=A", "--id=acme")).contains("acme");
        assertThat(refused("devices", "create", "--organization=nope", "--name=N"))
                .contains("Organization not found: nope");
    }

    @Test
    void aServiceThatDoesNotAnswerOrWantsAKeyIsToldInALine() throws Exception {
        PonixProcess ponix =
                new PonixProcess(home).with("PONIX_DEVICE_SERVICE_ADDRESS", service.grpcAddress());
        assertThat(ponix.run("organizations", "list").errors())
                .isEqualTo(
                        "ponix: the device service wants a valid key; set PONIX_API_KEY, or"
                                + " PONIX_API_KEY_FILE to a file that holds one\n");
        assertThat(
                        ponix.with("PONIX_DEVICE_SERVICE_ADDRESS", "127.0.0.1:1")
                                .run("organizations", "list")
                                .errors())
                .startsWith("ponix: the device service does not answer: ")
                .endsWith("Connection refused: /127.0.0.1:1\n")
                .hasLineCount(1);
        assertThat(
                        ponix.with("PONIX_DEVICE_SERVICE_ADDRESS", "nobody.invalid:1")
                                .run("organizations", "list")
                                .errors())
                .startsWith("ponix: the device service does not answer: ")
                .contains("nobody.invalid")
                .hasLineCount(1);
        String viewer =
                done("key", "create", "--role=viewer", "--organization=acme", "--name=looks")
                        .strip();
        Outcome outcome =
                ponix.with("PONIX_API_KEY", viewer)
                        .run("devices", "create", "--organization=acme", "--name=N");
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.errors())
                .startsWith("ponix: the device service refused: ")
                .hasLineCount(1);
    }

    @Test
    void hostsAreAddedChangedImportedAndPutBack() throws Exception {
        String created =
                done(
                        "hosts",
                        "create",
                        "--organization=addresses",
                        "--address=10.0.0.7",
                        "--name=Roof",
                        "--alias=gw7",
                        "--tag=lorawan",
                        "--comment=by the door");
        assertThat(created).matches("Created the host [0-9a-v]{20} \\(etag 1\\)\\.\n");
        String id = created.split(" ")[3];
        assertThat(done("hosts", "update", id, "--tag=", "--comment=", "--reason=moved"))
                .isEqualTo("Updated the host " + id + " (etag 3).\n");
        assertThat(done("hosts", "list", "--organization=addresses", "--name-part=GW"))
                .matches(
                        "HOST +ADDRESS +NAME +ALIASES +TAGS +COMMENT +ETAG\n"
                                + id
                                + " +10\\.0\\.0\\.7 +roof +gw7 +- +- +3\n");
        assertThat(done("hosts", "history", id)).contains("comment", "\"by the door\"", "moved");
        assertThat(done("hosts", "restore", id, "--version=1"))
                .startsWith("Restored the host " + id);
        assertThat(done("hosts", "export", "--organization=addresses"))
                .isEqualTo("10.0.0.7\troof gw7 # [lorawan] by the door\n");

        Path file = Files.writeString(folder.resolve("hosts"), "10.0.0.8 hall\n10.0.0.x wall\n");
        Outcome refused = run("hosts", "import", "--organization=addresses", file.toString());
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.errors()).contains("line 2: ", "'10.0.0.x'");
        assertThat(refused.output())
                .isEqualTo("1 added, 0 changed, 0 as they were, 1 refused: nothing is changed.\n");
        Files.writeString(file, "10.0.0.8 hall\n");
        assertThat(
                        done(
                                "hosts",
                                "import",
                                "--organization=addresses",
                                "--validate-only",
                                file.toString()))
                .isEqualTo("Would be: 1 added, 0 changed, 0 as they were, 0 refused.\n");
        assertThat(done("hosts", "import", "--organization=addresses", file.toString()))
                .isEqualTo("1 added, 0 changed, 0 as they were, 0 refused.\n");
        assertThat(done("hosts", "export", "--organization=addresses", "--format=csv"))
                .startsWith(
                        "ip_address,hostname,aliases,comment,tags,gateway_id,device_id,labels\n")
                .contains("10.0.0.8,hall,,,,,,\n");
        assertThat(done("hosts", "delete", id)).isEqualTo("Deleted the host " + id + ".\n");
        assertThat(refused("hosts", "get", id)).contains("Host not found: " + id);
    }

    /** What a command prints that does what it should. */
    private static String done(String... arguments) {
        Outcome outcome = run(arguments);
        assertThat(outcome.status())
                .as("ponix %s: %s", String.join(" ", arguments), outcome)
                .isZero();
        return outcome.output();
    }

    private static Outcome run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--home=" + home);
        return PonixInProcess.run(all.toArray(String[]::new));
    }

    /** The id of what a command creates. */
    private static String created(String... arguments) {
        return done(arguments).split(" ")[3];
    }

    private static String etag(String fields) {
        Matcher etag = Pattern.compile("(?m)^etag +(\\d+)$").matcher(fields);
        assertThat(etag.find()).isTrue();
        return etag.group(1);
    }

    /** What a command says that fails. */
    private static String refused(String... arguments) {
        return told(1, arguments);
    }

    private static String refusedUse(String... arguments) {
        return told(2, arguments);
    }

    private static String told(int status, String... arguments) {
        Outcome outcome = run(arguments);
        assertThat(outcome.status())
                .as("ponix %s: %s", String.join(" ", arguments), outcome)
                .isEqualTo(status);
        assertThat(outcome.output()).isEmpty();
        assertThat(outcome.errors()).startsWith("ponix: ").doesNotContain("Exception", "\tat ");
        return outcome.errors();
    }
}
