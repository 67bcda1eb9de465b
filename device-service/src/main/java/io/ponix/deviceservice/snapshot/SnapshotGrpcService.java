package io.ponix.deviceservice.snapshot;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.change.RegistryChanges;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.identifier.XidGenerator;
import io.ponix.deviceservice.organization.ActiveOrganization;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.LongCalls;
import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.restoration.Restoration;
import io.ponix.deviceservice.snapshot.SnapshotRepository.Entry;
import io.ponix.deviceservice.snapshot.SnapshotRepository.Origin;
import io.ponix.deviceservice.snapshot.SnapshotRepository.Outcome;
import io.ponix.deviceservice.snapshot.SnapshotRepository.SnapshotRow;
import io.ponix.proto.access.v1.Role;
import io.ponix.proto.history.v1.CreateSnapshotRequest;
import io.ponix.proto.history.v1.CreateSnapshotResponse;
import io.ponix.proto.history.v1.DeleteSnapshotRequest;
import io.ponix.proto.history.v1.DeleteSnapshotResponse;
import io.ponix.proto.history.v1.ExportSnapshotRequest;
import io.ponix.proto.history.v1.ExportSnapshotResponse;
import io.ponix.proto.history.v1.GetSnapshotRequest;
import io.ponix.proto.history.v1.GetSnapshotResponse;
import io.ponix.proto.history.v1.ImportSnapshotRequest;
import io.ponix.proto.history.v1.ImportSnapshotResponse;
import io.ponix.proto.history.v1.ListSnapshotsRequest;
import io.ponix.proto.history.v1.ListSnapshotsResponse;
import io.ponix.proto.history.v1.RestoreSnapshotRequest;
import io.ponix.proto.history.v1.RestoreSnapshotResponse;
import io.ponix.proto.history.v1.RestoredResource;
import io.ponix.proto.history.v1.Snapshot;
import io.ponix.proto.history.v1.SnapshotEntry;
import io.ponix.proto.history.v1.SnapshotOrigin;
import io.ponix.proto.history.v1.SnapshotServiceGrpc;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** The methods of {@code ponix.history.v1.SnapshotService}. Requests arrive validated. */
public final class SnapshotGrpcService extends SnapshotServiceGrpc.SnapshotServiceImplBase {

    private static final int MOST_OUTCOMES = 1_000;

    private final Database database;
    private final RegistryChanges changes;
    private final XidGenerator identifiers;

    /** Serves the snapshots of a database. */
    public SnapshotGrpcService(Database database, XidGenerator identifiers) {
        this.database = database;
        this.changes = new RegistryChanges(database);
        this.identifiers = identifiers;
    }

    @Override
    public void createSnapshot(
            CreateSnapshotRequest request, StreamObserver<CreateSnapshotResponse> response) {
        LongCalls.allow();
        SnapshotRow snapshot =
                snapshot(
                        request.getName(),
                        Caller.current().organizationOf(request.getOrganizationId()),
                        Origin.MANUAL);
        answer(
                response,
                changes.make(
                        request,
                        CreateSnapshotResponse.getDefaultInstance(),
                        connection -> {
                            if (!snapshot.organizationId().isEmpty()) {
                                ActiveOrganization.requireKnown(
                                        connection, snapshot.organizationId());
                            }
                            SnapshotRepository.keep(connection, snapshot);
                            return CreateSnapshotResponse.newBuilder()
                                    .setSnapshot(message(found(connection, snapshot.snapshotId())))
                                    .build();
                        }));
    }

    @Override
    public void getSnapshot(
            GetSnapshotRequest request, StreamObserver<GetSnapshotResponse> response) {
        SnapshotRow snapshot =
                database.call(connection -> found(connection, request.getSnapshotId()));
        answer(response, GetSnapshotResponse.newBuilder().setSnapshot(message(snapshot)).build());
    }

    @Override
    public void listSnapshots(
            ListSnapshotsRequest request, StreamObserver<ListSnapshotsResponse> response) {
        Paging paging = new Paging(request.getPageSize(), request.getPageToken());
        String organization = Caller.current().organizationOf(request.getOrganizationId());
        Paging.Page<Snapshot> page =
                paging.page(
                        database.call(
                                connection ->
                                        SnapshotRepository.list(connection, organization, paging)),
                        snapshot -> new PageToken(snapshot.createdAt(), snapshot.snapshotId()),
                        SnapshotGrpcService::message);
        answer(
                response,
                ListSnapshotsResponse.newBuilder()
                        .addAllSnapshots(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
    }

    @Override
    public void deleteSnapshot(
            DeleteSnapshotRequest request, StreamObserver<DeleteSnapshotResponse> response) {
        LongCalls.allow();
        answer(
                response,
                changes.make(
                        request,
                        DeleteSnapshotResponse.getDefaultInstance(),
                        connection -> {
                            if (!SnapshotRepository.delete(
                                    connection,
                                    request.getSnapshotId(),
                                    Caller.current().organizationId())) {
                                throw SnapshotRepository.notFound(request.getSnapshotId());
                            }
                            return DeleteSnapshotResponse.getDefaultInstance();
                        }));
    }

    @Override
    public void restoreSnapshot(
            RestoreSnapshotRequest request, StreamObserver<RestoreSnapshotResponse> response) {
        LongCalls.allow();
        answer(
                response,
                changes.make(
                        request,
                        RestoreSnapshotResponse.getDefaultInstance(),
                        connection -> restore(connection, request)));
    }

    private RestoreSnapshotResponse restore(Connection connection, RestoreSnapshotRequest request)
            throws SQLException {
        String own = Caller.current().organizationId();
        SnapshotRow snapshot =
                SnapshotRepository.find(connection, request.getSnapshotId(), own, true)
                        .orElseThrow(() -> SnapshotRepository.notFound(request.getSnapshotId()));
        String asked = Caller.current().organizationOf(request.getOrganizationId());
        if (!asked.isEmpty()
                && !snapshot.organizationId().isEmpty()
                && !asked.equals(snapshot.organizationId())) {
            throw RequestException.invalidArgument(
                    "organization_id",
                    "The snapshot is of the organization "
                            + snapshot.organizationId()
                            + ", and has nothing of "
                            + asked);
        }
        if (!snapshot.isComplete()) {
            throw RequestException.failedPrecondition(
                            "Snapshot "
                                    + snapshot.snapshotId()
                                    + " is not complete: the last call of its import is missing")
                    .because("SNAPSHOT_INCOMPLETE", Map.of("snapshot_id", snapshot.snapshotId()));
        }
        String organization = asked.isEmpty() ? snapshot.organizationId() : asked;
        Restoration.holdOff(connection);
        if (Caller.current().role() != Role.ROLE_OPERATOR) {
            // Whether there is an organization is for operators to say.
            ActiveOrganization.require(connection, organization, "what it had");
        }
        Instant now = ProtoTimestamps.now();
        Savepoint nothingIsKept = connection.setSavepoint();
        SnapshotRow before = snapshot("", organization, Origin.BEFORE_RESTORE);
        SnapshotRepository.keep(connection, before);
        Restoration.begin(connection);
        Database.longer(
                connection,
                longer -> {
                    SnapshotRepository.want(longer, snapshot.snapshotId(), organization);
                    Restoration.count(longer);
                    return true;
                });
        Restoration.applyToAll(connection, organization, now);
        long count = Database.longer(connection, SnapshotRepository::outcomeCount);
        RestoreSnapshotResponse.Builder answer =
                RestoreSnapshotResponse.newBuilder().setResourceCount(count);
        for (Outcome outcome :
                Database.longer(
                        connection, longer -> SnapshotRepository.outcomes(longer, MOST_OUTCOMES))) {
            answer.addResources(message(outcome));
        }
        if (count == 0) {
            // Nothing to go back to.
            connection.rollback(nothingIsKept);
        } else if (!request.getValidateOnly()) {
            answer.setBefore(message(found(connection, before.snapshotId())));
            // What is done of each event at the commit is done before it is too late to undo it.
            Database.longer(
                    connection,
                    longer ->
                            Sql.update(longer, "SET CONSTRAINTS registry_events_commit IMMEDIATE"));
        }
        return answer.build();
    }

    @Override
    public void exportSnapshot(
            ExportSnapshotRequest request, StreamObserver<ExportSnapshotResponse> response) {
        int size = Paging.pageSize(request.getPageSize());
        String[] after = place(request.getPageToken());
        answer(
                response,
                database.transaction(
                        connection -> {
                            SnapshotRow snapshot = found(connection, request.getSnapshotId());
                            ExportSnapshotResponse.Builder page =
                                    ExportSnapshotResponse.newBuilder()
                                            .setSnapshot(message(snapshot));
                            long[] bytes = {0};
                            SnapshotRepository.entries(
                                    connection,
                                    snapshot.snapshotId(),
                                    after[0],
                                    after[1],
                                    size + 1,
                                    entry -> add(page, message(entry), size, bytes));
                            return page.build();
                        }));
    }

    /** Whether there was room: one that is too long by itself is a page of its own. */
    private static boolean add(
            ExportSnapshotResponse.Builder page, SnapshotEntry entry, int size, long[] bytes) {
        bytes[0] += entry.getSerializedSize();
        int count = page.getEntriesCount();
        if (count == size || count > 0 && bytes[0] > Paging.LONGEST_PAGE) {
            SnapshotEntry last = page.getEntries(count - 1);
            page.setNextPageToken(token(last.getResourceType(), last.getResourceId()));
            return false;
        }
        page.addEntries(entry);
        return true;
    }

    @Override
    public void importSnapshot(
            ImportSnapshotRequest request, StreamObserver<ImportSnapshotResponse> response) {
        String organization = Caller.current().organizationOf(request.getOrganizationId());
        answer(
                response,
                changes.make(
                        request,
                        ImportSnapshotResponse.getDefaultInstance(),
                        connection -> {
                            SnapshotRow snapshot = imported(connection, request, organization);
                            SnapshotRepository.addEntries(
                                    connection,
                                    snapshot.snapshotId(),
                                    entries(request, snapshot.organizationId()),
                                    !request.getMoreFollow());
                            return ImportSnapshotResponse.newBuilder()
                                    .setSnapshot(message(found(connection, snapshot.snapshotId())))
                                    .build();
                        }));
    }

    private SnapshotRow imported(
            Connection connection, ImportSnapshotRequest request, String organization)
            throws SQLException {
        if (request.getSnapshotId().isEmpty()) {
            SnapshotRow snapshot = snapshot(request.getName(), organization, Origin.IMPORTED);
            SnapshotRepository.add(connection, snapshot);
            return snapshot;
        }
        SnapshotRow snapshot = found(connection, request.getSnapshotId());
        if (snapshot.origin() != Origin.IMPORTED) {
            throw RequestException.failedPrecondition(
                            "Snapshot "
                                    + snapshot.snapshotId()
                                    + " was not imported: only to one that was can be added")
                    .because("SNAPSHOT_NOT_IMPORTED", Map.of("snapshot_id", snapshot.snapshotId()));
        }
        if (snapshot.isComplete()) {
            throw RequestException.failedPrecondition(
                            "Snapshot "
                                    + snapshot.snapshotId()
                                    + " is complete: say more_follow in all calls of an import but the last")
                    .because("SNAPSHOT_COMPLETE", Map.of("snapshot_id", snapshot.snapshotId()));
        }
        return snapshot;
    }

    private static List<Entry> entries(ImportSnapshotRequest request, String organization) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < request.getEntriesCount(); i++) {
            SnapshotEntry entry = request.getEntries(i);
            String field = "entries[" + i + "].organization_id";
            if (!organization.isEmpty() && !organization.equals(entry.getOrganizationId())) {
                throw RequestException.invalidArgument(
                        field,
                        "The snapshot is of the organization "
                                + organization
                                + ", and the entry "
                                + entry.getResourceId()
                                + " of "
                                + entry.getOrganizationId());
            }
            if (entry.getResourceType().equals("organization")
                    && !entry.getResourceId().equals(entry.getOrganizationId())) {
                throw RequestException.invalidArgument(
                        field,
                        "The entry of the organization "
                                + entry.getResourceId()
                                + " is of "
                                + entry.getOrganizationId()
                                + ": an organization is its own");
            }
            entries.add(
                    new Entry(
                            entry.getResourceType(),
                            entry.getResourceId(),
                            entry.getOrganizationId(),
                            entry.getResourceVersion(),
                            entry.getStateJson()));
        }
        return entries;
    }

    private SnapshotRow snapshot(String name, String organization, Origin origin) {
        return new SnapshotRow(
                identifiers.next(),
                name,
                organization,
                origin,
                ProtoTimestamps.now(),
                Caller.current().keyId(),
                0,
                true);
    }

    private static SnapshotRow found(Connection connection, String id) throws SQLException {
        return SnapshotRepository.find(connection, id, Caller.current().organizationId(), false)
                .orElseThrow(() -> SnapshotRepository.notFound(id));
    }

    private static <A extends Message> void answer(StreamObserver<A> response, A answer) {
        response.onNext(answer);
        response.onCompleted();
    }

    private static Snapshot message(SnapshotRow snapshot) {
        return Snapshot.newBuilder()
                .setSnapshotId(snapshot.snapshotId())
                .setName(snapshot.name())
                .setOrganizationId(snapshot.organizationId())
                .setOrigin(SnapshotOrigin.valueOf("SNAPSHOT_ORIGIN_" + snapshot.origin().name()))
                .setCreatedAt(ProtoTimestamps.of(snapshot.createdAt()))
                .setCreatedBy(snapshot.createdBy())
                .setEntryCount(snapshot.entryCount())
                .setIncomplete(!snapshot.isComplete())
                .build();
    }

    private static SnapshotEntry message(Entry entry) {
        return SnapshotEntry.newBuilder()
                .setResourceType(entry.resourceType())
                .setResourceId(entry.resourceId())
                .setOrganizationId(entry.organizationId())
                .setResourceVersion(entry.resourceVersion())
                .setStateJson(entry.state())
                .build();
    }

    private static RestoredResource message(Outcome outcome) {
        return RestoredResource.newBuilder()
                .setResourceType(outcome.resourceType())
                .setResourceId(outcome.resourceId())
                .setOrganizationId(outcome.organizationId())
                .setResourceVersion(outcome.resourceVersion())
                .setEventType(outcome.eventType())
                .addAllChangedFields(outcome.fields())
                .build();
    }

    private static String token(String type, String id) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((type + ":" + id).getBytes(StandardCharsets.UTF_8));
    }

    private static String[] place(String token) {
        if (token.isEmpty()) {
            return new String[] {"", ""};
        }
        try {
            String[] place =
                    new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8)
                            .split(":", 2);
            if (place.length == 2) {
                return place;
            }
        } catch (IllegalArgumentException e) {
            // Reported below, like a text with too few parts.
        }
        throw PageToken.refused();
    }
}
