package io.ponix.deviceservice.charging.session;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.charging.location.LocationRepository;
import io.ponix.deviceservice.charging.store.ChargingStore;
import io.ponix.deviceservice.charging.store.KeyPlace;
import io.ponix.deviceservice.charging.store.PageOfKeys;
import io.ponix.deviceservice.charging.token.TokenRepository;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.ExportCdrRequest;
import io.ponix.proto.charging.v1.ExportCdrResponse;
import io.ponix.proto.charging.v1.GetSessionRequest;
import io.ponix.proto.charging.v1.GetSessionResponse;
import io.ponix.proto.charging.v1.ListSessionMeterValuesRequest;
import io.ponix.proto.charging.v1.ListSessionMeterValuesResponse;
import io.ponix.proto.charging.v1.ListSessionsRequest;
import io.ponix.proto.charging.v1.ListSessionsResponse;
import io.ponix.proto.charging.v1.Location;
import io.ponix.proto.charging.v1.Session;
import io.ponix.proto.charging.v1.SessionMeterValue;
import io.ponix.proto.charging.v1.SessionServiceGrpc;
import io.ponix.proto.charging.v1.Token;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/** The methods of {@code ponix.charging.v1.SessionService}. Requests arrive validated. */
public final class SessionGrpcService extends SessionServiceGrpc.SessionServiceImplBase {

    private final ChargingStore store;

    /** Serves the sessions of a database. */
    public SessionGrpcService(Database database) {
        this.store = new ChargingStore(database);
    }

    @Override
    public void getSession(GetSessionRequest request, StreamObserver<GetSessionResponse> response) {
        SessionKey key =
                new SessionKey(
                        request.getOrganizationId(),
                        request.getStationId(),
                        request.getSessionId());
        Session session = store.read(connection -> session(connection, key));
        answer(response, GetSessionResponse.newBuilder().setSession(session).build());
    }

    private static Session session(Connection connection, SessionKey key) throws SQLException {
        return SessionRepository.find(connection, key)
                .orElseThrow(
                        () ->
                                RequestException.notFound(
                                                "Session not found: "
                                                        + key.sessionId()
                                                        + " of station "
                                                        + key.stationId())
                                        .because(
                                                "SESSION_NOT_FOUND",
                                                Map.of(
                                                        "station_id",
                                                        key.stationId(),
                                                        "session_id",
                                                        key.sessionId())));
    }

    @Override
    public void listSessions(
            ListSessionsRequest request, StreamObserver<ListSessionsResponse> response) {
        Optional<SessionPlace> after = SessionPlace.parse(request.getPageToken());
        PageOfKeys<Session> page = new PageOfKeys<>(Paging.pageSize(request.getPageSize()));
        store.readPage(
                connection -> {
                    SessionRepository.list(connection, request, after, page);
                    return null;
                });
        answer(
                response,
                ListSessionsResponse.newBuilder()
                        .addAllSessions(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
    }

    @Override
    public void listSessionMeterValues(
            ListSessionMeterValuesRequest request,
            StreamObserver<ListSessionMeterValuesResponse> response) {
        SessionKey key =
                new SessionKey(
                        request.getOrganizationId(),
                        request.getStationId(),
                        request.getSessionId());
        KeyPlace after = SessionMeterValueRepository.after(request.getPageToken());
        PageOfKeys<SessionMeterValue> page =
                new PageOfKeys<>(Paging.pageSize(request.getPageSize()));
        store.readPage(
                connection -> {
                    SessionMeterValueRepository.list(connection, key, after, page);
                    return null;
                });
        answer(
                response,
                ListSessionMeterValuesResponse.newBuilder()
                        .addAllMeterValues(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
    }

    @Override
    public void exportCdr(ExportCdrRequest request, StreamObserver<ExportCdrResponse> response) {
        SessionKey key =
                new SessionKey(
                        request.getOrganizationId(),
                        request.getStationId(),
                        request.getSessionId());
        String json =
                store.readPage(
                        connection -> {
                            Session session = session(connection, key);
                            MeteredEnergy energy = MeteredEnergy.of(session);
                            return Cdr.json(
                                    request,
                                    session,
                                    energy,
                                    energy.periods(
                                            SessionMeterValueRepository.registers(
                                                    connection, key, energy.start(), energy.end())),
                                    token(connection, key, session),
                                    location(connection, request));
                        });
        answer(response, ExportCdrResponse.newBuilder().setJson(json).build());
    }

    private static Optional<Token> token(Connection connection, SessionKey key, Session session)
            throws SQLException {
        return session.getToken().isEmpty()
                ? Optional.empty()
                : TokenRepository.find(connection, key.organizationId(), session.getToken());
    }

    private static Location location(Connection connection, ExportCdrRequest request)
            throws SQLException {
        return LocationRepository.find(
                        connection, request.getOrganizationId(), request.getLocationId())
                .orElseThrow(
                        () ->
                                RequestException.notFound(
                                                "Location not found: " + request.getLocationId())
                                        .because(
                                                "LOCATION_NOT_FOUND",
                                                Map.of("location_id", request.getLocationId())));
    }

    private static <M extends Message> void answer(StreamObserver<M> response, M message) {
        response.onNext(message);
        response.onCompleted();
    }
}
