package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.CreateOrganizationResponse;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import io.ponix.proto.organization.v1.DeleteOrganizationResponse;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import io.ponix.proto.organization.v1.ListOrganizationsRequest;
import io.ponix.proto.organization.v1.ListOrganizationsResponse;
import io.ponix.proto.organization.v1.Organization;
import io.ponix.proto.organization.v1.OrganizationStatus;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of the methods, as a caller sees them. */
@ExtendWith(ServiceUnderTest.Shared.class)
class OrganizationServiceITCase {

    private static ServiceUnderTest service;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\n", "\u00a0\u3000"})
    void aBlankNameIsRefused(String name) {
        assertThatCall(() -> create(name, ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization name cannot be empty");
    }

    @Test
    void aNameHasAtMost256Characters() {
        assertThat(create("n".repeat(256), "").getName()).hasSize(256);
        assertThatCall(() -> create("n".repeat(257), ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization name has at most 256 characters");
    }

    @Test
    void aNewOrganizationIsActiveAndFoundAgain() {
        CreateOrganizationResponse created = create(" Acme ", "");

        assertThat(created.getOrganizationId()).matches("[0-9a-v]{20}");
        assertThat(created.getName()).as("untrimmed").isEqualTo(" Acme ");
        assertThat(created.getStatus()).isEqualTo(OrganizationStatus.ORGANIZATION_STATUS_ACTIVE);
        Organization organization = get(created.getOrganizationId());
        assertThat(organization)
                .isEqualTo(
                        Organization.newBuilder()
                                .setId(created.getOrganizationId())
                                .setName(" Acme ")
                                .setStatus(OrganizationStatus.ORGANIZATION_STATUS_ACTIVE)
                                .setCreatedAt(created.getCreatedAt())
                                .setUpdatedAt(created.getCreatedAt())
                                .setEtag(created.getEtag())
                                .build());
        assertThat(create(" Acme ", "").getOrganizationId())
                .as("names need not be unique")
                .isNotEqualTo(created.getOrganizationId());
    }

    @Test
    void aCallerMayChooseTheIdOnce() {
        assertThat(create("Acme", "chosen_ID-1").getOrganizationId()).isEqualTo("chosen_ID-1");
        assertThatCall(() -> create("Acme", "chosen_ID-1"))
                .hasStatus(Code.ALREADY_EXISTS, "Organization already exists: chosen_ID-1");

        delete("chosen_ID-1");
        assertThatCall(() -> create("Acme", "chosen_ID-1"))
                .hasStatus(Code.ALREADY_EXISTS, "Organization already exists: chosen_ID-1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.b",
                "a b",
                "ä",
                "x\n",
                "12345678901234567890123456789012345678901234567890123456789012345"
            })
    void anIdThatCouldNotBeASubjectIsRefused(String id) {
        assertThatCall(() -> create("Acme", id))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization ID must be 1 to 64 characters");
    }

    @Test
    void anEmptyIdIsRefused() {
        assertThatCall(() -> get(""))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization ID cannot be empty");
        assertThatCall(() -> delete(""))
                .hasStatus(Code.INVALID_ARGUMENT, "Organization ID cannot be empty");
    }

    @Test
    void anUnknownOrganizationIsNotFoundByItsBareId() {
        assertThatCall(() -> get("nobody")).hasStatus(Code.NOT_FOUND, "nobody");
        assertThatCall(() -> delete("nobody")).hasStatus(Code.NOT_FOUND, "nobody");
    }

    @Test
    void aDeletedOrganizationIsGoneForCallersAndStaysInTheTable() throws SQLException {
        String id = service.organization("Acme");

        assertThat(delete(id)).isEqualTo(DeleteOrganizationResponse.getDefaultInstance());

        assertThatCall(() -> get(id)).hasStatus(Code.NOT_FOUND, id);
        assertThatCall(() -> delete(id)).hasStatus(Code.NOT_FOUND, id);
        assertThat(list()).extracting(Organization::getId).doesNotContain(id);
        assertThat(
                        service.query(
                                "SELECT deleted_at = updated_at AND deleted_at > created_at FROM organizations WHERE id = '"
                                        + id
                                        + "'"))
                .isEqualTo("t");
    }

    @Test
    void listIsNewestFirst() {
        String first = service.organization("first");
        String second = service.organization("second");

        assertThat(list()).extracting(Organization::getId).containsSubsequence(second, first);
        assertThat(list()).contains(get(first), get(second));
    }

    private static CreateOrganizationResponse create(String name, String id) {
        return service.organizations()
                .createOrganization(
                        CreateOrganizationRequest.newBuilder()
                                .setName(name)
                                .setOrganizationId(id)
                                .build());
    }

    private static Organization get(String id) {
        return service.organizations()
                .getOrganization(GetOrganizationRequest.newBuilder().setOrganizationId(id).build())
                .getOrganization();
    }

    /** All of them, by pages as small as there are. */
    private static List<Organization> list() {
        List<Organization> organizations = new ArrayList<>();
        String token = "";
        do {
            ListOrganizationsResponse page = page(2, token);
            // None where the class is the first to ask and deletes the only one.
            assertThat(page.getOrganizationsCount()).isLessThanOrEqualTo(2);
            organizations.addAll(page.getOrganizationsList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return organizations;
    }

    private static ListOrganizationsResponse page(int size, String token) {
        return service.organizations()
                .listOrganizations(
                        ListOrganizationsRequest.newBuilder()
                                .setPageSize(size)
                                .setPageToken(token)
                                .build());
    }

    private static DeleteOrganizationResponse delete(String id) {
        return service.organizations()
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder().setOrganizationId(id).build());
    }
}
