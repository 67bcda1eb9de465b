package io.ponix.cli.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.ponix.cli.PonixProcess;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code devices}: what an organization has is listed, and taken from and written to files. */
@ExtendWith(RunningStack.Shared.class)
class DevicesITCase {

    private final RunningStack stack;

    @TempDir private Path folder;
    private ManagedChannel channel;
    private String organization;

    DevicesITCase(RunningStack stack) {
        this.stack = stack;
    }

    @BeforeEach
    void makeOrganization() {
        channel = stack.deviceService();
        organization =
                OrganizationServiceGrpc.newBlockingStub(channel)
                        .createOrganization(
                                CreateOrganizationRequest.newBuilder().setName("Acme").build())
                        .getOrganizationId();
    }

    @AfterEach
    void close() {
        channel.shutdownNow();
    }

    @Test
    void aFileIsImportedAgainAndAgain() throws Exception {
        List<String> lines = new ArrayList<>(List.of("external_id,name,payload_conversion"));
        for (int i = 0; i < 1_200; i++) {
            lines.add("EUI-%05d,\"Sensor, %d\",\"{'a': %d}\"".formatted(i, i, i % 3));
        }
        Path file = Files.write(folder.resolve("devices.csv"), lines);

        PonixProcess.Outcome first = imported(file);
        assertThat(first.output())
                .isEqualTo("1200 created, 0 changed, 0 as they were, 0 refused\n");
        assertThat(first.errors()).containsPattern("(?m)^\\d+ of 1200 devices$");
        assertThat(imported(file).output())
                .isEqualTo("0 created, 0 changed, 1200 as they were, 0 refused\n");

        lines.set(7, "EUI-00006,Renamed,{'b': 2}");
        lines.add("EUI-later,Later,");
        Files.write(file, lines);
        assertThat(imported(file).output())
                .isEqualTo("1 created, 1 changed, 1199 as they were, 0 refused\n");
        assertThat(
                        stack.run(
                                        "devices",
                                        "list",
                                        "--organization=" + organization,
                                        "--external-id=EUI-00006")
                                .output())
                .startsWith("DEVICE ")
                .containsPattern(" Renamed +EUI-00006 +its own transform +\\d{4}-.* 3\\n$");

        String exported = stack.run("devices", "export", "--organization=" + organization).output();
        assertThat(exported)
                .startsWith(
                        "external_id,name,device_id,definition_id,payload_conversion,gateway_id,description,labels\n")
                .contains("EUI-00005,\"Sensor, 5\",");
        assertThat(exported.lines()).hasSize(1_202);
        Path again = Files.writeString(folder.resolve("exported.csv"), exported);
        assertThat(imported(again).output())
                .isEqualTo("0 created, 0 changed, 1201 as they were, 0 refused\n");
    }

    @Test
    void whatIsRefusedHasALineAndTheRestIsDone() throws Exception {
        Path file =
                Files.write(
                        folder.resolve("devices.csv"),
                        List.of(
                                "\uFEFFname,external_id,payload_conversion",
                                "A,a,",
                                "B,b,1 +",
                                ",c,",
                                "D,,",
                                "E,A,",
                                "F,f,"));

        PonixProcess.Outcome outcome = imported(file);

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output()).isEqualTo("2 created, 0 changed, 0 as they were, 4 refused\n");
        assertThat(outcome.errors().lines().filter(line -> line.startsWith("line ")))
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).startsWith("line 3 (b): ").contains("1 +"),
                        line ->
                                assertThat(line)
                                        .isEqualTo("line 4 (c): Device name cannot be empty"),
                        line ->
                                assertThat(line)
                                        .startsWith("line 5: it has neither an external_id nor a"),
                        line ->
                                assertThat(line)
                                        .isEqualTo(
                                                "line 6 (A): an earlier line has the same external_id: line"
                                                        + " 2"));
        assertThat(
                        stack.run("devices", "list", "--organization=" + organization, "--json")
                                .output()
                                .lines())
                .hasSize(4)
                .filteredOn(line -> line.startsWith("{\"device_id\":"))
                .hasSize(2);

        PonixProcess.Outcome again = imported(file);
        assertThat(again.status()).isEqualTo(1);
        assertThat(again.output()).isEqualTo("0 created, 0 changed, 2 as they were, 4 refused\n");
        assertThat(again.errors())
                .contains("line 6 (A): an earlier line has the same external_id: line 2\n");
    }

    @Test
    void aSecondLineOfADeviceIsRefused() throws Exception {
        imported(Files.writeString(folder.resolve("a.csv"), "external_id,name\nmeter,A\n"));
        String id =
                stack.run("devices", "list", "--organization=" + organization)
                        .output()
                        .lines()
                        .skip(1)
                        .findFirst()
                        .orElseThrow()
                        .split(" ")[0];
        Path file =
                Files.write(
                        folder.resolve("devices.csv"),
                        List.of(
                                "external_id,device_id,name",
                                "meter,,B",
                                "other,%s,C".formatted(id),
                                "x,given-%s,X".formatted(organization),
                                "y,given-%s,Y".formatted(organization)));

        PonixProcess.Outcome outcome = imported(file);

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output()).isEqualTo("1 created, 1 changed, 0 as they were, 2 refused\n");
        assertThat(outcome.errors().lines().filter(line -> line.startsWith("line ")))
                .containsExactly(
                        "line 3 (other): an earlier line is of the same device, " + id + ": line 2",
                        "line 5 (y): an earlier line is of the same device, given-"
                                + organization
                                + ": line 4");
        assertThat(imported(file).output())
                .isEqualTo("0 created, 0 changed, 2 as they were, 2 refused\n");

        Files.write(file, List.of("external_id,device_id,name", ",%s,D".formatted(id), "meter,,E"));
        assertThat(imported(file).errors())
                .contains(
                        "line 3 (meter): an earlier line is of the same device, "
                                + id
                                + ": line 2");
    }

    @Test
    void manyRefusalsLeaveTheOthersDone() throws Exception {
        List<String> lines = new ArrayList<>(List.of("external_id,name,definition_id"));
        List<String> refusals = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            // Some by themselves, then one after another, then every other one.
            boolean isRefused = i < 200 ? i % 70 == 69 : i < 300 || i < 400 && i % 2 == 0;
            lines.add("EUI-%d,Sensor,%s".formatted(i, isRefused ? "nothing" : ""));
            if (isRefused) {
                refusals.add("line %d (EUI-%d): ".formatted(i + 2, i));
            }
        }
        Path file = Files.write(folder.resolve("devices.csv"), lines);

        PonixProcess.Outcome outcome = imported(file);

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output())
                .isEqualTo(
                        "%d created, 0 changed, 0 as they were, %d refused\n"
                                .formatted(600 - refusals.size(), refusals.size()));
        List<String> told =
                outcome.errors().lines().filter(line -> line.startsWith("line ")).toList();
        assertThat(told).hasSameSizeAs(refusals);
        for (int i = 0; i < told.size(); i++) {
            assertThat(told.get(i)).startsWith(refusals.get(i)).contains("nothing");
        }
        assertThat(imported(file).output())
                .isEqualTo(
                        "0 created, 0 changed, %d as they were, %d refused\n"
                                .formatted(600 - refusals.size(), refusals.size()));
    }

    @Test
    void anOrganizationThatIsNotThereIsToldOnce() throws Exception {
        Path file =
                Files.writeString(folder.resolve("devices.csv"), "external_id,name\na,A\nb,B\n");

        PonixProcess.Outcome outcome =
                stack.ponix().run("devices", "import", "--organization=nothing", file.toString());

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output()).isEmpty();
        assertThat(outcome.errors()).isEqualTo("ponix: there is no organization nothing\n");
    }

    @Test
    void aFileThatIsNoneIsRefusedBeforeAnythingIsDone() throws Exception {
        assertThat(imported(folder.resolve("absent.csv")).errors())
                .contains("absent.csv", "No such file or directory");
        assertThat(failure("name,colour\nA,red\n"))
                .contains("'colour' in the first line is no column")
                .contains(
                        "external_id, name, device_id, definition_id, payload_conversion, gateway_id, description, labels");
        assertThat(failure("name\nA\n")).contains("neither external_id nor device_id");
        assertThat(failure("external_id,name\na,A\nb\n"))
                .contains("line 3: 1 values, and 2 columns");
        assertThat(failure("external_id,name\na,\"A\n")).contains("cannot be read as CSV");
        assertThat(failure("")).contains("neither external_id nor device_id");
        assertThat(stack.ponix().run("devices").errors())
                .contains(
                        "list, get, create, update, delete, undelete, history, restore, import or export");
        assertThat(stack.run("devices", "list", "--organization=" + organization).output().lines())
                .hasSize(1);
    }

    private String failure(String text) throws Exception {
        PonixProcess.Outcome outcome =
                imported(Files.writeString(folder.resolve("wrong.csv"), text));
        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.output()).isEmpty();
        return outcome.errors();
    }

    private PonixProcess.Outcome imported(Path file) throws Exception {
        return stack.ponix()
                .run("devices", "import", "--organization=" + organization, file.toString());
    }
}
