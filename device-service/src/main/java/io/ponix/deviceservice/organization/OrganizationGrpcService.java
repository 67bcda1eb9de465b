package io.ponix.deviceservice.organization;

import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.organization.v1.CreateOrganizationRequest;
import io.ponix.proto.organization.v1.CreateOrganizationResponse;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import io.ponix.proto.organization.v1.DeleteOrganizationResponse;
import io.ponix.proto.organization.v1.GetOrganizationRequest;
import io.ponix.proto.organization.v1.GetOrganizationResponse;
import io.ponix.proto.organization.v1.ListOrganizationsRequest;
import io.ponix.proto.organization.v1.ListOrganizationsResponse;
import io.ponix.proto.organization.v1.Organization;
import io.ponix.proto.organization.v1.OrganizationServiceGrpc;
import io.ponix.registry.OrganizationRow;
import java.time.Instant;
import java.util.Optional;

/** The methods of {@code ponix.organization.v1.OrganizationService}. Requests arrive validated. */
public final class OrganizationGrpcService
        extends OrganizationServiceGrpc.OrganizationServiceImplBase {

    private final OrganizationRepository organizations;
    private final XidGenerator identifiers;

    /** Serves the organizations of a database. */
    public OrganizationGrpcService(Database database, XidGenerator identifiers) {
        this.organizations = new OrganizationRepository(database);
        this.identifiers = identifiers;
    }

    @Override
    public void createOrganization(
            CreateOrganizationRequest request,
            StreamObserver<CreateOrganizationResponse> response) {
        String id =
                request.getOrganizationId().isEmpty()
                        ? identifiers.next()
                        : request.getOrganizationId();
        Instant now = ProtoTimestamps.now();
        OrganizationRow organization =
                new OrganizationRow(id, request.getName(), now, now, Optional.empty());
        if (!organizations.add(organization)) {
            throw RequestException.alreadyExists("Organization already exists: " + id);
        }
        response.onNext(
                CreateOrganizationResponse.newBuilder()
                        .setOrganizationId(id)
                        .setName(organization.name())
                        .setStatus(organization.status())
                        .setCreatedAt(ProtoTimestamps.of(now))
                        .build());
        response.onCompleted();
    }

    @Override
    public void getOrganization(
            GetOrganizationRequest request, StreamObserver<GetOrganizationResponse> response) {
        OrganizationRow organization =
                organizations
                        .find(request.getOrganizationId())
                        .orElseThrow(() -> notFound(request.getOrganizationId()));
        response.onNext(
                GetOrganizationResponse.newBuilder()
                        .setOrganization(organization.toMessage())
                        .build());
        response.onCompleted();
    }

    @Override
    public void listOrganizations(
            ListOrganizationsRequest request, StreamObserver<ListOrganizationsResponse> response) {
        Paging paging = new Paging(request.getPageSize(), request.getPageToken());
        Paging.Page<Organization> page =
                paging.page(
                        organizations.list(Caller.current().organizationId(), paging),
                        organization -> new PageToken(organization.createdAt(), organization.id()),
                        OrganizationRow::toMessage);
        response.onNext(
                ListOrganizationsResponse.newBuilder()
                        .addAllOrganizations(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
        response.onCompleted();
    }

    @Override
    public void deleteOrganization(
            DeleteOrganizationRequest request,
            StreamObserver<DeleteOrganizationResponse> response) {
        if (!organizations.delete(request.getOrganizationId(), ProtoTimestamps.now())) {
            throw notFound(request.getOrganizationId());
        }
        response.onNext(DeleteOrganizationResponse.getDefaultInstance());
        response.onCompleted();
    }

    /** The contract has the bare id for a message here. */
    private static RequestException notFound(String id) {
        return RequestException.notFound(id);
    }
}
