package io.ponix.jobs.envelope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.nats.client.api.MessageInfo;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.EndDeviceDefinition;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.gateway.v1.Gateway;
import io.ponix.proto.gateway.v1.GatewayKey;
import io.ponix.proto.organization.v1.Organization;
import io.ponix.proto.organization.v1.OrganizationStatus;
import io.ponix.registry.GatewayRow;
import io.ponix.transforms.PayloadContract;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Changes of organizations, devices and definitions are announced, by a job that is told to. */
@ExtendWith(SharedStack.class)
class AnnouncementsITCase {

    private static final String OPTION = "--publish-registry-changes";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static PipelineStack stack;

    @BeforeAll
    static void start(PipelineStack shared) throws Exception {
        stack = shared;
        stack.organization(PipelineStack.ORGANIZATION);
        stack.submit(OPTION);
    }

    @Test
    void whatHappensToEachEntityIsAnnouncedInItsOrder() throws Exception {
        stack.organization("owner");
        stack.definition("meter", "owner", PayloadContract.always("{'a': 1}"));
        stack.deviceOf("meter", "cellar", "owner", "");
        stack.sql(
                "UPDATE end_devices SET external_id = 'a84041', enrolled_by_gateway_id = 'gate',"
                        + " description = 'In the cellar', labels = '{\"site\": \"north\"}',"
                        + " updated_at = '1970-01-01 00:00:07.000008+00' WHERE device_id = 'cellar'");
        stack.sql("UPDATE end_device_definitions SET name = 'Water meter' WHERE id = 'meter'");
        // As the service deletes them.
        stack.sql(
                "UPDATE end_devices SET deleted_at = now(), definition_id = NULL"
                        + " WHERE device_id = 'cellar'");
        stack.sql("DELETE FROM end_device_definitions WHERE id = 'meter'");
        stack.sql("UPDATE organizations SET deleted_at = now() WHERE id = 'owner'");
        // As nobody should.
        stack.sql("DELETE FROM end_devices WHERE device_id = 'cellar'");
        stack.sql("DELETE FROM organizations WHERE id = 'owner'");

        List<MessageInfo> devices = announcements("end_devices", "cellar", 4);
        assertThat(devices)
                .extracting(MessageInfo::getSubject)
                .containsExactly(
                        "end_devices.create",
                        "end_devices.update",
                        "end_devices.update",
                        "end_devices.delete");
        EndDevice created = EndDevice.parseFrom(devices.get(0).getData());
        assertThat(created.getOrganizationId()).isEqualTo("owner");
        assertThat(created.getName()).isEqualTo("cellar");
        assertThat(created.getDefinitionId()).isEqualTo("meter");
        assertThat(created.hasDeletedAt()).isFalse();
        EndDevice updated = EndDevice.parseFrom(devices.get(1).getData());
        assertThat(updated.getExternalId()).isEqualTo("a84041");
        assertThat(updated.getEnrolledByGatewayId()).isEqualTo("gate");
        assertThat(updated.getDescription()).isEqualTo("In the cellar");
        assertThat(updated.getLabelsMap()).isEqualTo(Map.of("site", "north"));
        assertThat(updated.getUpdatedAt())
                .isEqualTo(Timestamp.newBuilder().setSeconds(7).setNanos(8_000).build());
        EndDevice deleted = EndDevice.parseFrom(devices.get(2).getData());
        assertThat(deleted.hasDeletedAt()).isTrue();
        assertThat(deleted.getDefinitionId()).isEmpty();
        assertThat(EndDevice.parseFrom(devices.get(3).getData()))
                .as("as it was last")
                .isEqualTo(deleted);

        List<MessageInfo> definitions = announcements("end_device_definitions", "meter", 3);
        assertThat(definitions)
                .extracting(MessageInfo::getSubject)
                .containsExactly(
                        "end_device_definitions.create",
                        "end_device_definitions.update",
                        "end_device_definitions.delete");
        EndDeviceDefinition definition =
                EndDeviceDefinition.parseFrom(definitions.get(1).getData());
        assertThat(definition.getName()).isEqualTo("Water meter");
        assertThat(definition.getContracts(0).getTransformExpression()).isEqualTo("{'a': 1}");
        assertThat(EndDeviceDefinition.parseFrom(definitions.get(2).getData()))
                .isEqualTo(definition);

        List<MessageInfo> organizations = announcements("organizations", "owner", 3);
        assertThat(organizations)
                .extracting(MessageInfo::getSubject)
                .containsExactly(
                        "organizations.create", "organizations.update", "organizations.delete");
        assertThat(Organization.parseFrom(organizations.get(0).getData()).getStatus())
                .isEqualTo(OrganizationStatus.ORGANIZATION_STATUS_ACTIVE);
        Organization gone = Organization.parseFrom(organizations.get(1).getData());
        assertThat(gone.getStatus()).isEqualTo(OrganizationStatus.ORGANIZATION_STATUS_INACTIVE);
        assertThat(gone.hasDeletedAt()).isTrue();

        List<String> ids = new ArrayList<>();
        for (List<MessageInfo> each : List.of(devices, definitions, organizations)) {
            each.forEach(message -> ids.add(message.getHeaders().getFirst("Nats-Msg-Id")));
        }
        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("\\w+:\\d+:\\w+"));
    }

    @Test
    void whatTheStreamCouldNotTakeIsAnnouncedOnceByTheJobThatFollows() throws Exception {
        long lastRestart = stack.lastRestart();
        stack.deleteStream("end_devices");
        stack.device("unheard", PipelineStack.ORGANIZATION, "{'a': 1}");
        stack.organization("heard");
        announcements("organizations", "heard", 1);
        publishAndAwaitRow("unheard");
        assertThat(stack.lastRestart()).isEqualTo(lastRestart);

        String savepoint = stack.stopWithSavepoint();
        stack.sql("UPDATE end_devices SET name = 'Heard' WHERE device_id = 'unheard'");
        // Which makes the stream.
        stack.resume(savepoint, OPTION);
        stack.sql("UPDATE end_devices SET name = 'Loud' WHERE device_id = 'unheard'");

        assertThat(names("unheard", 3)).containsExactly("unheard", "Heard", "Loud");
    }

    @Test
    void switchedOnThroughASavepointWhatChangesFromThenOnIsAnnounced() throws Exception {
        stack.resume(stack.stopWithSavepoint());
        stack.device("quiet", PipelineStack.ORGANIZATION, "{'a': 1}");
        stack.gateway("read-after-it", PipelineStack.ORGANIZATION);
        announcements("gateways", "read-after-it", 1);
        String savepoint = stack.stopWithSavepoint();
        stack.sql("UPDATE end_devices SET name = 'Between' WHERE device_id = 'quiet'");

        stack.resume(savepoint, OPTION);
        stack.sql("UPDATE end_devices SET name = 'Loud' WHERE device_id = 'quiet'");
        assertThat(names("quiet", 2)).containsExactly("Between", "Loud");
        publishAndAwaitRow("quiet");
        assertThat(stack.lastRestart()).isZero();
    }

    /** Which bridges check with what senders show. Nothing else of a secret is stored anywhere. */
    @Test
    void ofAGatewaysKeysTheHashesAreAnnounced() throws Exception {
        GatewayKey key =
                GatewayKey.newBuilder()
                        .setKeyId("k")
                        .setName("The Things Stack")
                        .setCreatedAt(Timestamp.newBuilder().setSeconds(5))
                        .setSha256(ByteString.copyFrom(new byte[32]))
                        .build();
        stack.gateway("locked", PipelineStack.ORGANIZATION);
        stack.sql(
                "UPDATE gateways SET gateway_keys = ?::jsonb WHERE gateway_id = 'locked'",
                "[" + GatewayRow.text(key) + "]");

        List<MessageInfo> announced = announcements("gateways", "locked", 2);
        assertThat(Gateway.parseFrom(announced.get(0).getData()).getKeysList()).isEmpty();
        assertThat(Gateway.parseFrom(announced.get(1).getData()).getKeysList())
                .containsExactly(key);
    }

    private static void publishAndAwaitRow(String device) throws Exception {
        stack.publish(
                RawEnvelope.newBuilder()
                        .setOrganizationId(PipelineStack.ORGANIZATION)
                        .setEndDeviceId(device)
                        .setPayload(ByteString.copyFromUtf8("x"))
                        .setOccurredAt(
                                Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
                        .build());
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(stack.rows(device)).isEqualTo(1));
    }

    /** What a device was called in its announcements. */
    private static List<String> names(String device, int count) throws Exception {
        List<String> names = new ArrayList<>();
        for (MessageInfo message : announcements("end_devices", device, count)) {
            names.add(EndDevice.parseFrom(message.getData()).getName());
        }
        return names;
    }

    /** Those of an entity, once there are so many, in their order. */
    private static List<MessageInfo> announcements(String stream, String id, int count)
            throws Exception {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(announcements(stream, id)).hasSize(count));
        return announcements(stream, id);
    }

    private static List<MessageInfo> announcements(String stream, String id) throws Exception {
        List<MessageInfo> messages = new ArrayList<>(stack.messages(stream));
        messages.removeIf(
                message -> !message.getHeaders().getFirst("Nats-Msg-Id").startsWith(id + ":"));
        return messages;
    }
}
