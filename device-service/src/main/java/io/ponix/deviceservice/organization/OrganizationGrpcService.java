package io.ponix.deviceservice.organization;

import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.change.RegistryChanges;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.listing.ListQuery;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.DescriptionChange;
import io.ponix.deviceservice.request.LabelRules;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.request.UpdateMask;
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
import io.ponix.proto.organization.v1.UndeleteOrganizationRequest;
import io.ponix.proto.organization.v1.UndeleteOrganizationResponse;
import io.ponix.proto.organization.v1.UpdateOrganizationRequest;
import io.ponix.proto.organization.v1.UpdateOrganizationResponse;
import io.ponix.registry.Column;
import io.ponix.registry.Description;
import io.ponix.registry.OrganizationRow;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The methods of {@code ponix.organization.v1.OrganizationService}. Requests arrive validated. */
public final class OrganizationGrpcService
        extends OrganizationServiceGrpc.OrganizationServiceImplBase {

    private static final String NAME = "name";
    private static final List<String> CHANGEABLE =
            List.of(NAME, DescriptionChange.DESCRIPTION, DescriptionChange.LABELS);

    private final RegistryChanges changes;
    private final OrganizationRepository organizations;
    private final XidGenerator identifiers;

    /** Serves the organizations of a database. */
    public OrganizationGrpcService(Database database, XidGenerator identifiers) {
        this.changes = new RegistryChanges(database);
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
                new OrganizationRow(
                        id,
                        request.getName(),
                        Description.of(request.getDescription(), request.getLabelsMap()),
                        now,
                        now,
                        Optional.empty(),
                        0);
        response.onNext(
                changes.make(
                        request,
                        CreateOrganizationResponse.getDefaultInstance(),
                        connection -> {
                            Organization added =
                                    OrganizationRepository.add(connection, organization)
                                            .orElseThrow(() -> exists(id))
                                            .toMessage();
                            return CreateOrganizationResponse.newBuilder()
                                    .setOrganizationId(id)
                                    .setName(added.getName())
                                    .setStatus(added.getStatus())
                                    .setCreatedAt(added.getCreatedAt())
                                    .setEtag(added.getEtag())
                                    .setDescription(added.getDescription())
                                    .putAllLabels(added.getLabelsMap())
                                    .build();
                        }));
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
        ListQuery.Result<Organization> page =
                organizations.list(Caller.current().organizationId(), request);
        ListOrganizationsResponse.Builder list =
                ListOrganizationsResponse.newBuilder()
                        .addAllOrganizations(page.messages())
                        .setNextPageToken(page.nextPageToken());
        page.totalSize().ifPresent(list::setTotalSize);
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void updateOrganization(
            UpdateOrganizationRequest request,
            StreamObserver<UpdateOrganizationResponse> response) {
        String id = request.getOrganizationId();
        Etag etag = Etag.of(request.hasEtag(), request.getEtag());
        UpdateMask mask = UpdateMask.of(request, CHANGEABLE);
        mask.requireNotCleared(
                NAME, request.getName().isEmpty(), "Organization name cannot be empty");
        Map<Column, Object> values = new LinkedHashMap<>();
        if (mask.changes(NAME, request.hasName())) {
            values.put(OrganizationRow.NAME, request.getName());
        }
        DescriptionChange.ofText(mask, request.hasDescription(), request.getDescription(), values);
        DescriptionChange.ofLabels(mask, request.getLabelsMap(), values);
        response.onNext(
                changes.make(
                        request,
                        UpdateOrganizationResponse.getDefaultInstance(),
                        connection -> {
                            OrganizationRow updated =
                                    OrganizationRepository.update(
                                                    connection,
                                                    id,
                                                    etag,
                                                    values,
                                                    ProtoTimestamps.now())
                                            .orElseThrow(() -> notFound(id));
                            LabelRules.require(updated.description().labels());
                            return UpdateOrganizationResponse.newBuilder()
                                    .setOrganization(updated.toMessage())
                                    .build();
                        }));
        response.onCompleted();
    }

    @Override
    public void deleteOrganization(
            DeleteOrganizationRequest request,
            StreamObserver<DeleteOrganizationResponse> response) {
        String id = request.getOrganizationId();
        Etag etag = Etag.of(request.hasEtag(), request.getEtag());
        response.onNext(
                changes.make(
                        request,
                        DeleteOrganizationResponse.getDefaultInstance(),
                        connection -> {
                            if (!OrganizationRepository.delete(
                                    connection, id, etag, ProtoTimestamps.now())) {
                                throw notFound(id);
                            }
                            return DeleteOrganizationResponse.getDefaultInstance();
                        }));
        response.onCompleted();
    }

    @Override
    public void undeleteOrganization(
            UndeleteOrganizationRequest request,
            StreamObserver<UndeleteOrganizationResponse> response) {
        Database.Work<UndeleteOrganizationResponse> undeletion =
                connection ->
                        UndeleteOrganizationResponse.newBuilder()
                                .setOrganization(
                                        OrganizationRepository.undelete(
                                                        connection,
                                                        request.getOrganizationId(),
                                                        Caller.current().organizationId(),
                                                        Etag.of(
                                                                request.hasEtag(),
                                                                request.getEtag()),
                                                        notFound(request.getOrganizationId()))
                                                .toMessage())
                                .build();
        response.onNext(
                changes.make(
                        request, UndeleteOrganizationResponse.getDefaultInstance(), undeletion));
        response.onCompleted();
    }

    /** The contract has the bare id for a message here. */
    private static RequestException notFound(String id) {
        return RequestException.notFound(id)
                .because("ORGANIZATION_NOT_FOUND", Map.of("organization_id", id));
    }

    private static RequestException exists(String id) {
        return RequestException.alreadyExists("Organization already exists: " + id)
                .because("ORGANIZATION_EXISTS", Map.of("organization_id", id));
    }
}
