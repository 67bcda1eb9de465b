package io.ponix.deviceservice.charging.ocpi;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.charging.store.ChargingStore;
import io.ponix.deviceservice.charging.store.KeyPlace;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.DeleteRegistrationDetailsRequest;
import io.ponix.proto.charging.v1.DeleteRegistrationDetailsResponse;
import io.ponix.proto.charging.v1.ListPartyDetailsForRoleRequest;
import io.ponix.proto.charging.v1.ListPartyDetailsForRoleResponse;
import io.ponix.proto.charging.v1.LookupPartyDetailsRequest;
import io.ponix.proto.charging.v1.LookupPartyDetailsResponse;
import io.ponix.proto.charging.v1.LookupRegistrationDetailsRequest;
import io.ponix.proto.charging.v1.LookupRegistrationDetailsResponse;
import io.ponix.proto.charging.v1.OcpiParty;
import io.ponix.proto.charging.v1.OcpiServiceGrpc;
import io.ponix.proto.charging.v1.SetPartyDetailsRequest;
import io.ponix.proto.charging.v1.SetPartyDetailsResponse;
import io.ponix.proto.charging.v1.SetRegistrationDetailsRequest;
import io.ponix.proto.charging.v1.SetRegistrationDetailsResponse;
import java.util.List;

/**
 * The methods of {@code ponix.charging.v1.OcpiService}. Requests arrive validated. Their tokens are
 * secrets: no message or line of a log has one.
 */
public final class OcpiGrpcService extends OcpiServiceGrpc.OcpiServiceImplBase {

    private static final String LIST = "parties";

    private final ChargingStore store;

    /** Serves the registrations and parties of a database. */
    public OcpiGrpcService(Database database) {
        this.store = new ChargingStore(database);
    }

    @Override
    public void setRegistrationDetails(
            SetRegistrationDetailsRequest request,
            StreamObserver<SetRegistrationDetailsResponse> response) {
        if (!request.hasRegistration()) {
            throw RequestException.invalidArgument("registration", "Registration has to be given");
        }
        store.set(
                request.getOrganizationId(),
                "registration",
                connection -> {
                    RegistrationRepository.set(
                            connection,
                            request.getOrganizationId(),
                            request.getRegistrationToken(),
                            request.getRegistration());
                    return null;
                });
        answer(response, SetRegistrationDetailsResponse.getDefaultInstance());
    }

    @Override
    public void lookupRegistrationDetails(
            LookupRegistrationDetailsRequest request,
            StreamObserver<LookupRegistrationDetailsResponse> response) {
        LookupRegistrationDetailsResponse.Builder answer =
                LookupRegistrationDetailsResponse.newBuilder();
        store.read(
                        connection ->
                                RegistrationRepository.find(
                                        connection,
                                        request.getOrganizationId(),
                                        request.getRegistrationToken()))
                .ifPresent(answer::setRegistration);
        answer(response, answer.build());
    }

    @Override
    public void deleteRegistrationDetails(
            DeleteRegistrationDetailsRequest request,
            StreamObserver<DeleteRegistrationDetailsResponse> response) {
        store.delete(
                connection -> {
                    RegistrationRepository.delete(
                            connection,
                            request.getOrganizationId(),
                            request.getRegistrationToken());
                    return null;
                });
        answer(response, DeleteRegistrationDetailsResponse.getDefaultInstance());
    }

    @Override
    public void setPartyDetails(
            SetPartyDetailsRequest request, StreamObserver<SetPartyDetailsResponse> response) {
        if (!request.hasParty()) {
            throw RequestException.invalidArgument("party", "Party has to be given");
        }
        store.set(
                request.getOrganizationId(),
                "party",
                connection -> {
                    PartyRepository.set(
                            connection, request.getOrganizationId(), request.getParty());
                    return null;
                });
        answer(response, SetPartyDetailsResponse.getDefaultInstance());
    }

    @Override
    public void lookupPartyDetails(
            LookupPartyDetailsRequest request,
            StreamObserver<LookupPartyDetailsResponse> response) {
        LookupPartyDetailsResponse.Builder answer = LookupPartyDetailsResponse.newBuilder();
        store.read(
                        connection ->
                                PartyRepository.find(
                                        connection,
                                        request.getOrganizationId(),
                                        request.getRole(),
                                        request.getCountryCode(),
                                        request.getPartyId()))
                .ifPresent(answer::setParty);
        answer(response, answer.build());
    }

    @Override
    public void listPartyDetailsForRole(
            ListPartyDetailsForRoleRequest request,
            StreamObserver<ListPartyDetailsForRoleResponse> response) {
        int size = Paging.pageSize(request.getPageSize());
        KeyPlace after = KeyPlace.parse(LIST, request.getPageToken(), 2);
        List<OcpiParty> found =
                store.read(
                        connection ->
                                PartyRepository.list(
                                        connection,
                                        request.getOrganizationId(),
                                        request.getRole(),
                                        after.part(0),
                                        after.part(1),
                                        size + 1));
        Paging.Page<OcpiParty> page =
                Paging.page(
                        size,
                        found,
                        last -> KeyPlace.of(LIST, last.getCountryCode(), last.getPartyId()).text(),
                        each -> each);
        answer(
                response,
                ListPartyDetailsForRoleResponse.newBuilder()
                        .addAllParties(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
    }

    private static <M extends Message> void answer(StreamObserver<M> response, M message) {
        response.onNext(message);
        response.onCompleted();
    }
}
