package io.ponix.deviceservice.charging.location;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.charging.store.ChargingStore;
import io.ponix.deviceservice.charging.store.KeyPlace;
import io.ponix.deviceservice.charging.store.PageOfKeys;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.ListLocationsRequest;
import io.ponix.proto.charging.v1.ListLocationsResponse;
import io.ponix.proto.charging.v1.Location;
import io.ponix.proto.charging.v1.LocationServiceGrpc;
import io.ponix.proto.charging.v1.LookupLocationRequest;
import io.ponix.proto.charging.v1.LookupLocationResponse;
import io.ponix.proto.charging.v1.SetLocationRequest;
import io.ponix.proto.charging.v1.SetLocationResponse;

/** The methods of {@code ponix.charging.v1.LocationService}. Requests arrive validated. */
public final class LocationGrpcService extends LocationServiceGrpc.LocationServiceImplBase {

    private static final String LIST = "locations";

    /** In bytes: clients take answers of 4 MiB by default. */
    private static final int LONGEST_LOCATION = 1 << 20;

    private final ChargingStore store;

    /** Serves the locations of a database. */
    public LocationGrpcService(Database database) {
        this.store = new ChargingStore(database);
    }

    @Override
    public void setLocation(
            SetLocationRequest request, StreamObserver<SetLocationResponse> response) {
        if (!request.hasLocation()) {
            throw RequestException.invalidArgument("location", "Location has to be given");
        }
        if (request.getLocation().getSerializedSize() > LONGEST_LOCATION) {
            throw RequestException.invalidArgument(
                    "location", "A location has at most " + LONGEST_LOCATION + " bytes");
        }
        store.set(
                request.getOrganizationId(),
                "location",
                connection -> {
                    LocationRepository.set(
                            connection, request.getOrganizationId(), request.getLocation());
                    return null;
                });
        answer(response, SetLocationResponse.getDefaultInstance());
    }

    @Override
    public void lookupLocation(
            LookupLocationRequest request, StreamObserver<LookupLocationResponse> response) {
        LookupLocationResponse.Builder answer = LookupLocationResponse.newBuilder();
        store.read(
                        connection ->
                                LocationRepository.find(
                                        connection,
                                        request.getOrganizationId(),
                                        request.getLocationId()))
                .ifPresent(answer::setLocation);
        answer(response, answer.build());
    }

    @Override
    public void listLocations(
            ListLocationsRequest request, StreamObserver<ListLocationsResponse> response) {
        KeyPlace after = KeyPlace.parse(LIST, request.getPageToken(), 1);
        if (request.hasPageSize() && request.getPageSize() == 0) {
            answer(response, ListLocationsResponse.getDefaultInstance());
            return;
        }
        PageOfKeys<Location> page = new PageOfKeys<>(Paging.pageSize(request.getPageSize()));
        store.readPage(
                connection -> {
                    LocationRepository.each(
                            connection,
                            request.getOrganizationId(),
                            after.part(0),
                            request.getSkip(),
                            page.limit(),
                            each -> page.take(each, KeyPlace.of(LIST, each.getId())));
                    return null;
                });
        answer(
                response,
                ListLocationsResponse.newBuilder()
                        .addAllLocations(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
    }

    private static <M extends Message> void answer(StreamObserver<M> response, M message) {
        response.onNext(message);
        response.onCompleted();
    }
}
