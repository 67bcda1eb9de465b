package io.ponix.deviceservice.definition;

import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.change.RegistryChanges;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.listing.ListQuery;
import io.ponix.deviceservice.request.DescriptionChange;
import io.ponix.deviceservice.request.LabelRules;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.UpdateMask;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceDefinitionResponse;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.DeleteEndDeviceDefinitionResponse;
import io.ponix.proto.end_device.v1.EndDeviceDefinitionServiceGrpc;
import io.ponix.proto.end_device.v1.GetEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.GetEndDeviceDefinitionResponse;
import io.ponix.proto.end_device.v1.ListEndDeviceDefinitionsRequest;
import io.ponix.proto.end_device.v1.ListEndDeviceDefinitionsResponse;
import io.ponix.proto.end_device.v1.UndeleteEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UndeleteEndDeviceDefinitionResponse;
import io.ponix.proto.end_device.v1.UpdateEndDeviceDefinitionRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceDefinitionResponse;
import io.ponix.registry.Column;
import io.ponix.registry.Description;
import io.ponix.transforms.PayloadContract;
import io.ponix.transforms.TransformCompiler;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The methods of {@code ponix.end_device.v1.EndDeviceDefinitionService}. Requests arrive validated.
 */
public final class EndDeviceDefinitionGrpcService
        extends EndDeviceDefinitionServiceGrpc.EndDeviceDefinitionServiceImplBase {

    private static final String NAME = "name";
    private static final String CONTRACTS = "contracts";
    private static final String EXAMPLES = "examples";
    private static final String FILE_DESCRIPTOR_SET = "file_descriptor_set";

    private static final List<String> CHANGEABLE =
            List.of(
                    NAME,
                    CONTRACTS,
                    EXAMPLES,
                    FILE_DESCRIPTOR_SET,
                    DescriptionChange.DESCRIPTION,
                    DescriptionChange.LABELS);

    private final RegistryChanges changes;
    private final EndDeviceDefinitionRepository definitions;
    private final XidGenerator identifiers;
    private final DefinitionCheck check;

    /** Serves the definitions of a database; the compiler is the pipeline's. */
    public EndDeviceDefinitionGrpcService(
            Database database, XidGenerator identifiers, TransformCompiler compiler) {
        this.changes = new RegistryChanges(database);
        this.definitions = new EndDeviceDefinitionRepository(database);
        this.identifiers = identifiers;
        this.check = new DefinitionCheck(compiler);
    }

    @Override
    public void createEndDeviceDefinition(
            CreateEndDeviceDefinitionRequest request,
            StreamObserver<CreateEndDeviceDefinitionResponse> response) {
        DefinitionCheck.requireSize(CONTRACTS, request.getContractsList());
        DefinitionCheck.requireSize(EXAMPLES, request.getExamplesList());
        Instant now = ProtoTimestamps.now();
        EndDeviceDefinition definition =
                new EndDeviceDefinition(
                        identifiers.next(),
                        request.getOrganizationId(),
                        request.getName(),
                        contracts(request.getContractsList()),
                        request.getExamplesList(),
                        request.getFileDescriptorSet(),
                        Description.of(request.getDescription(), request.getLabelsMap()),
                        now,
                        now,
                        0);
        List<String> warnings = check.require(definition);
        response.onNext(
                changes.make(
                        request,
                        CreateEndDeviceDefinitionResponse.getDefaultInstance(),
                        connection ->
                                CreateEndDeviceDefinitionResponse.newBuilder()
                                        .setEndDeviceDefinition(
                                                EndDeviceDefinitionRepository.add(
                                                                connection, definition)
                                                        .row()
                                                        .toMessage())
                                        .addAllWarnings(warnings)
                                        .build()));
        response.onCompleted();
    }

    @Override
    public void getEndDeviceDefinition(
            GetEndDeviceDefinitionRequest request,
            StreamObserver<GetEndDeviceDefinitionResponse> response) {
        response.onNext(
                GetEndDeviceDefinitionResponse.newBuilder()
                        .setEndDeviceDefinition(
                                find(request.getId(), request.getOrganizationId())
                                        .row()
                                        .toMessage())
                        .build());
        response.onCompleted();
    }

    @Override
    public void listEndDeviceDefinitions(
            ListEndDeviceDefinitionsRequest request,
            StreamObserver<ListEndDeviceDefinitionsResponse> response) {
        ListQuery.Result<io.ponix.proto.end_device.v1.EndDeviceDefinition> page =
                definitions.list(request);
        ListEndDeviceDefinitionsResponse.Builder list =
                ListEndDeviceDefinitionsResponse.newBuilder()
                        .addAllEndDeviceDefinitions(page.messages())
                        .setNextPageToken(page.nextPageToken());
        page.totalSize().ifPresent(list::setTotalSize);
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void updateEndDeviceDefinition(
            UpdateEndDeviceDefinitionRequest request,
            StreamObserver<UpdateEndDeviceDefinitionResponse> response) {
        UpdateMask mask = UpdateMask.of(request, CHANGEABLE);
        mask.requireNotCleared(
                NAME, request.getName().isEmpty(), "End device definition name cannot be empty");
        mask.requireNotCleared(
                CONTRACTS,
                request.getContractsCount() == 0,
                "An end device definition has 1 to 64 contracts");
        DefinitionCheck.requireSize(CONTRACTS, request.getContractsList());
        DefinitionCheck.requireSize(EXAMPLES, request.getExamplesList());
        response.onNext(
                changes.make(
                        request,
                        UpdateEndDeviceDefinitionResponse.getDefaultInstance(),
                        connection -> update(connection, request, mask)));
        response.onCompleted();
    }

    private UpdateEndDeviceDefinitionResponse update(
            Connection connection, UpdateEndDeviceDefinitionRequest request, UpdateMask mask)
            throws SQLException {
        String id = request.getId();
        EndDeviceDefinition old =
                EndDeviceDefinitionRepository.findToChange(
                                connection, id, request.getOrganizationId())
                        .orElseThrow(() -> EndDeviceDefinitionRepository.notFound(id));
        Etag.of(request.hasEtag(), request.getEtag())
                .require("End device definition", id, old.revision());
        EndDeviceDefinition changed =
                new EndDeviceDefinition(
                        old.id(),
                        old.organizationId(),
                        mask.changes(NAME, request.hasName()) ? request.getName() : old.name(),
                        mask.changes(CONTRACTS, request.getContractsCount() > 0)
                                ? contracts(request.getContractsList())
                                : old.contracts(),
                        mask.changes(
                                        EXAMPLES,
                                        request.getExamplesCount() > 0
                                                || request.getClearExamples())
                                ? request.getExamplesList()
                                : old.examples(),
                        mask.changes(FILE_DESCRIPTOR_SET, request.hasFileDescriptorSet())
                                ? request.getFileDescriptorSet()
                                : old.fileDescriptorSet(),
                        old.description(),
                        old.createdAt(),
                        ProtoTimestamps.now(),
                        old.revision());
        List<String> warnings = check.require(changed);
        Map<Column, Object> described = new LinkedHashMap<>();
        DescriptionChange.ofText(
                mask, request.hasDescription(), request.getDescription(), described);
        DescriptionChange.ofLabels(mask, request.getLabelsMap(), described);
        EndDeviceDefinition replaced =
                EndDeviceDefinitionRepository.replace(connection, old, changed, described);
        LabelRules.require(replaced.description().labels());
        return UpdateEndDeviceDefinitionResponse.newBuilder()
                .setEndDeviceDefinition(replaced.row().toMessage())
                .addAllWarnings(warnings)
                .build();
    }

    @Override
    public void deleteEndDeviceDefinition(
            DeleteEndDeviceDefinitionRequest request,
            StreamObserver<DeleteEndDeviceDefinitionResponse> response) {
        Etag etag = Etag.of(request.hasEtag(), request.getEtag());
        response.onNext(
                changes.make(
                        request,
                        DeleteEndDeviceDefinitionResponse.getDefaultInstance(),
                        connection -> {
                            if (!EndDeviceDefinitionRepository.delete(
                                    connection,
                                    request.getId(),
                                    request.getOrganizationId(),
                                    etag)) {
                                throw EndDeviceDefinitionRepository.notFound(request.getId());
                            }
                            return DeleteEndDeviceDefinitionResponse.getDefaultInstance();
                        }));
        response.onCompleted();
    }

    @Override
    public void undeleteEndDeviceDefinition(
            UndeleteEndDeviceDefinitionRequest request,
            StreamObserver<UndeleteEndDeviceDefinitionResponse> response) {
        Database.Work<UndeleteEndDeviceDefinitionResponse> undeletion =
                connection ->
                        UndeleteEndDeviceDefinitionResponse.newBuilder()
                                .setEndDeviceDefinition(
                                        EndDeviceDefinitionRepository.undelete(
                                                        connection,
                                                        request.getId(),
                                                        request.getOrganizationId(),
                                                        Etag.of(
                                                                request.hasEtag(),
                                                                request.getEtag()),
                                                        EndDeviceDefinitionRepository.notFound(
                                                                request.getId()))
                                                .row()
                                                .toMessage())
                                .build();
        response.onNext(
                changes.make(
                        request,
                        UndeleteEndDeviceDefinitionResponse.getDefaultInstance(),
                        undeletion));
        response.onCompleted();
    }

    private EndDeviceDefinition find(String id, String organizationId) {
        return definitions
                .find(id, organizationId)
                .orElseThrow(() -> EndDeviceDefinitionRepository.notFound(id));
    }

    private static List<PayloadContract> contracts(
            List<io.ponix.proto.end_device.v1.PayloadContract> messages) {
        return messages.stream()
                .map(
                        message ->
                                new PayloadContract(
                                        message.getMatchExpression(),
                                        message.getTransformExpression(),
                                        message.getJsonSchema()))
                .toList();
    }
}
