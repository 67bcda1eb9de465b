package io.ponix.deviceservice.charging.token;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.charging.store.ChargingStore;
import io.ponix.deviceservice.charging.store.KeyPlace;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.ListTokensRequest;
import io.ponix.proto.charging.v1.ListTokensResponse;
import io.ponix.proto.charging.v1.LookupTokenRequest;
import io.ponix.proto.charging.v1.LookupTokenResponse;
import io.ponix.proto.charging.v1.SetTokenRequest;
import io.ponix.proto.charging.v1.SetTokenResponse;
import io.ponix.proto.charging.v1.Token;
import io.ponix.proto.charging.v1.TokenServiceGrpc;
import java.util.List;

/** The methods of {@code ponix.charging.v1.TokenService}. Requests arrive validated. */
public final class TokenGrpcService extends TokenServiceGrpc.TokenServiceImplBase {

    private static final String LIST = "tokens";

    private final ChargingStore store;

    /** Serves the tokens of a database. */
    public TokenGrpcService(Database database) {
        this.store = new ChargingStore(database);
    }

    @Override
    public void setToken(SetTokenRequest request, StreamObserver<SetTokenResponse> response) {
        if (!request.hasToken()) {
            throw RequestException.invalidArgument("token", "Token has to be given");
        }
        store.set(
                request.getOrganizationId(),
                "token",
                connection -> {
                    TokenRepository.set(
                            connection, request.getOrganizationId(), request.getToken());
                    return null;
                });
        answer(response, SetTokenResponse.getDefaultInstance());
    }

    @Override
    public void lookupToken(
            LookupTokenRequest request, StreamObserver<LookupTokenResponse> response) {
        LookupTokenResponse.Builder answer = LookupTokenResponse.newBuilder();
        store.read(
                        connection ->
                                TokenRepository.find(
                                        connection, request.getOrganizationId(), request.getUid()))
                .ifPresent(answer::setToken);
        answer(response, answer.build());
    }

    @Override
    public void listTokens(ListTokensRequest request, StreamObserver<ListTokensResponse> response) {
        KeyPlace after = KeyPlace.parse(LIST, request.getPageToken(), 1);
        if (request.hasPageSize() && request.getPageSize() == 0) {
            answer(response, ListTokensResponse.getDefaultInstance());
            return;
        }
        int size = Paging.pageSize(request.getPageSize());
        List<Token> found =
                store.read(
                        connection ->
                                TokenRepository.list(
                                        connection,
                                        request.getOrganizationId(),
                                        after.part(0),
                                        request.getSkip(),
                                        size + 1));
        Paging.Page<Token> page =
                Paging.page(
                        size, found, last -> KeyPlace.of(LIST, last.getUid()).text(), each -> each);
        answer(
                response,
                ListTokensResponse.newBuilder()
                        .addAllTokens(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
    }

    private static <M extends Message> void answer(StreamObserver<M> response, M message) {
        response.onNext(message);
        response.onCompleted();
    }
}
