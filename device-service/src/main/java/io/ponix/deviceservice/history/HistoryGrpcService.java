package io.ponix.deviceservice.history;

import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.change.Etag;
import io.ponix.deviceservice.change.RegistryChanges;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.database.Sql;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.ProtoTimestamps;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.deviceservice.restoration.RegisteredKind;
import io.ponix.deviceservice.restoration.Restoration;
import io.ponix.proto.access.v1.Role;
import io.ponix.proto.history.v1.Change;
import io.ponix.proto.history.v1.DiffRequest;
import io.ponix.proto.history.v1.DiffResponse;
import io.ponix.proto.history.v1.GetAtRequest;
import io.ponix.proto.history.v1.GetAtResponse;
import io.ponix.proto.history.v1.HistoryServiceGrpc;
import io.ponix.proto.history.v1.ListAtRequest;
import io.ponix.proto.history.v1.ListAtResponse;
import io.ponix.proto.history.v1.ListChangesRequest;
import io.ponix.proto.history.v1.ListChangesResponse;
import io.ponix.proto.history.v1.Resource;
import io.ponix.proto.history.v1.ResourceDifference;
import io.ponix.proto.history.v1.RestoreRequest;
import io.ponix.proto.history.v1.RestoreResponse;
import io.ponix.registry.RowColumns;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The methods of {@code ponix.history.v1.HistoryService}. Requests arrive validated.
 *
 * <p>Each looks first how far the order of commits is settled, and at nothing beyond: see {@link
 * HistoryRepository#horizon}.
 */
public final class HistoryGrpcService extends HistoryServiceGrpc.HistoryServiceImplBase {

    private final RegistryChanges changes;
    private final HistoryRepository history;

    /** Serves the history of what is registered in a database. */
    public HistoryGrpcService(Database database) {
        this.changes = new RegistryChanges(database);
        this.history = new HistoryRepository(database);
    }

    @Override
    public void listChanges(
            ListChangesRequest request, StreamObserver<ListChangesResponse> response) {
        ChangeFilter filter =
                ChangeFilter.of(
                        request, Caller.current().organizationOf(request.getOrganizationId()));
        Optional<HistoryToken> after = token(request.getPageToken(), 3);
        long horizon = history.horizon();
        HistoryPage<Change> page = new HistoryPage<>(request.getPageSize());
        history.changes(filter, horizon, after, request.getNewestFirst(), page);
        ListChangesResponse.Builder list =
                ListChangesResponse.newBuilder()
                        .addAllChanges(page.messages())
                        .setNextPageToken(page.nextPageToken());
        if (!request.getNewestFirst()) {
            list.setResumeToken(
                    page.isFull()
                            ? page.nextPageToken()
                            : HistoryToken.of("", horizon, 0L, 0L).text());
        }
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void getAt(GetAtRequest request, StreamObserver<GetAtResponse> response) {
        // The versions of a thing are committed one after another: of them nothing is missed.
        Moment moment =
                request.hasVersion()
                        ? Moment.of(request.getVersion(), Long.MAX_VALUE)
                        : Moment.at(Moment.time(request.getTime()), history.horizon());
        response.onNext(
                GetAtResponse.newBuilder()
                        .setResource(
                                history.at(
                                        ResourceKind.of(request.getResourceType()),
                                        request.getResourceId(),
                                        Caller.current().organizationId(),
                                        moment,
                                        request.getShowDeleted()))
                        .build());
        response.onCompleted();
    }

    @Override
    public void listAt(ListAtRequest request, StreamObserver<ListAtResponse> response) {
        String organization = Caller.current().organizationOf(request.getOrganizationId());
        List<ResourceKind> kinds = ResourceKind.allOf(request.getResourceType());
        Optional<HistoryToken> after = token(request.getPageToken(), 3);
        Moment moment =
                after.isPresent()
                        ? Moment.ofMicros(after.get().number(2), after.get().number(1))
                        : request.hasTime()
                                ? Moment.at(Moment.time(request.getTime()), history.horizon())
                                : Moment.now(history.horizon());
        history.requireKept(kinds, organization, moment);
        HistoryPage<Resource> page = new HistoryPage<>(request.getPageSize());
        fill(
                page,
                kinds,
                after,
                (kind, afterId) ->
                        history.list(
                                kind,
                                afterId,
                                organization,
                                moment,
                                request.getShowDeleted(),
                                page));
        response.onNext(
                ListAtResponse.newBuilder()
                        .addAllResources(page.messages())
                        .setNextPageToken(page.nextPageToken(moment.horizon(), moment.micros()))
                        .build());
        response.onCompleted();
    }

    @Override
    public void diff(DiffRequest request, StreamObserver<DiffResponse> response) {
        String organization = Caller.current().organizationOf(request.getOrganizationId());
        List<ResourceKind> kinds = ResourceKind.allOf(request.getResourceType());
        Optional<HistoryToken> after = token(request.getPageToken(), 2);
        long horizon = after.isPresent() ? after.get().number(1) : history.horizon();
        Moment from = from(request, horizon);
        Moment to = to(request, horizon);
        for (Moment moment : List.of(from, to)) {
            if (request.getResourceId().isEmpty()) {
                history.requireKept(kinds, organization, moment);
            } else {
                history.requireComparable(
                        kinds.get(0), request.getResourceId(), organization, moment);
            }
        }
        HistoryPage<ResourceDifference> page = new HistoryPage<>(request.getPageSize());
        fill(
                page,
                kinds,
                after,
                (kind, afterId) ->
                        history.differences(
                                kind,
                                request.getResourceId(),
                                afterId,
                                organization,
                                from,
                                to,
                                page));
        response.onNext(
                DiffResponse.newBuilder()
                        .addAllDifferences(page.messages())
                        .setNextPageToken(page.nextPageToken(horizon))
                        .build());
        response.onCompleted();
    }

    @Override
    public void restore(RestoreRequest request, StreamObserver<RestoreResponse> response) {
        ResourceKind asked = ResourceKind.of(request.getResourceType());
        if (asked == ResourceKind.ORGANIZATION && Caller.current().role() != Role.ROLE_OPERATOR) {
            throw RequestException.permissionDenied(
                    Caller.current().role()
                            + " may not restore an organization, as it may not delete one: that takes"
                            + " ROLE_OPERATOR");
        }
        // What was not there, or was deleted then, or is not kept, is refused.
        history.at(
                asked,
                request.getResourceId(),
                Caller.current().organizationId(),
                Moment.of(request.getVersion(), Long.MAX_VALUE),
                false);
        Database.Work<RestoreResponse> restoration = connection -> restore(connection, request);
        response.onNext(changes.make(request, RestoreResponse.getDefaultInstance(), restoration));
        response.onCompleted();
    }

    private RestoreResponse restore(Connection connection, RestoreRequest request)
            throws SQLException {
        ResourceKind kind = ResourceKind.of(request.getResourceType());
        RegisteredKind registered = RegisteredKind.of(kind.text());
        String id = request.getResourceId();
        Etag.of(request.hasEtag(), request.getEtag())
                .require(
                        connection,
                        kind.named("").strip(),
                        id,
                        kind.table(),
                        " WHERE " + registered.id() + " = ?",
                        id);
        Restoration.begin(connection);
        if (!Restoration.want(connection, registered, id, request.getVersion())) {
            throw kind.notFound(id);
        }
        Restoration.apply(connection, ProtoTimestamps.now());
        Resource.Builder resource =
                Sql.query(
                                connection,
                                row -> kind.read(row).setVersion(row.number(RowColumns.REVISION)),
                                "SELECT "
                                        + kind.columns()
                                        + " FROM "
                                        + kind.table()
                                        + " WHERE "
                                        + registered.id()
                                        + " = ?",
                                id)
                        .get(0);
        return RestoreResponse.newBuilder().setResource(resource).build();
    }

    private static Moment from(DiffRequest request, long horizon) {
        return request.hasFromVersion()
                ? Moment.of(request.getFromVersion(), horizon)
                : Moment.at(Moment.time(request.getFromTime()), horizon);
    }

    private static Moment to(DiffRequest request, long horizon) {
        return switch (request.getToCase()) {
            case TO_VERSION -> Moment.of(request.getToVersion(), horizon);
            case TO_TIME -> Moment.at(Moment.time(request.getToTime()), horizon);
            case TO_NOT_SET -> Moment.now(horizon);
        };
    }

    /** Goes on, kind by kind, from where the page before ended. */
    private static void fill(
            HistoryPage<?> page,
            List<ResourceKind> kinds,
            Optional<HistoryToken> after,
            BiConsumer<ResourceKind, String> reading) {
        Optional<ResourceKind> last = after.map(token -> ResourceKind.ofNumber(token.number(0)));
        for (ResourceKind kind : kinds) {
            if (page.isFull()) {
                return;
            }
            if (last.isEmpty() || last.get().compareTo(kind) <= 0) {
                reading.accept(kind, last.equals(Optional.of(kind)) ? after.get().id() : "");
            }
        }
    }

    private static Optional<HistoryToken> token(String text, int numbers) {
        return text.isEmpty() ? Optional.empty() : Optional.of(HistoryToken.parse(text, numbers));
    }
}
