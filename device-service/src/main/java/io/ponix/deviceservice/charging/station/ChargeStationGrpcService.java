package io.ponix.deviceservice.charging.station;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.charging.store.ChargingStore;
import io.ponix.deviceservice.charging.store.KeyPlace;
import io.ponix.deviceservice.charging.store.PageOfKeys;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.ChargeStationInstallCertificates;
import io.ponix.proto.charging.v1.ChargeStationServiceGrpc;
import io.ponix.proto.charging.v1.ChargeStationSettings;
import io.ponix.proto.charging.v1.ChargeStationTriggerMessage;
import io.ponix.proto.charging.v1.DeleteChargeStationSettingsRequest;
import io.ponix.proto.charging.v1.DeleteChargeStationSettingsResponse;
import io.ponix.proto.charging.v1.DeleteChargeStationTriggerMessageRequest;
import io.ponix.proto.charging.v1.DeleteChargeStationTriggerMessageResponse;
import io.ponix.proto.charging.v1.ListChargeStationInstallCertificatesRequest;
import io.ponix.proto.charging.v1.ListChargeStationInstallCertificatesResponse;
import io.ponix.proto.charging.v1.ListChargeStationSettingsRequest;
import io.ponix.proto.charging.v1.ListChargeStationSettingsResponse;
import io.ponix.proto.charging.v1.ListChargeStationTriggerMessagesRequest;
import io.ponix.proto.charging.v1.ListChargeStationTriggerMessagesResponse;
import io.ponix.proto.charging.v1.LookupChargeStationAuthRequest;
import io.ponix.proto.charging.v1.LookupChargeStationAuthResponse;
import io.ponix.proto.charging.v1.LookupChargeStationInstallCertificatesRequest;
import io.ponix.proto.charging.v1.LookupChargeStationInstallCertificatesResponse;
import io.ponix.proto.charging.v1.LookupChargeStationRuntimeDetailsRequest;
import io.ponix.proto.charging.v1.LookupChargeStationRuntimeDetailsResponse;
import io.ponix.proto.charging.v1.LookupChargeStationSettingsRequest;
import io.ponix.proto.charging.v1.LookupChargeStationSettingsResponse;
import io.ponix.proto.charging.v1.LookupChargeStationTriggerMessageRequest;
import io.ponix.proto.charging.v1.LookupChargeStationTriggerMessageResponse;
import io.ponix.proto.charging.v1.SetChargeStationAuthRequest;
import io.ponix.proto.charging.v1.SetChargeStationAuthResponse;
import io.ponix.proto.charging.v1.SetChargeStationRuntimeDetailsRequest;
import io.ponix.proto.charging.v1.SetChargeStationRuntimeDetailsResponse;
import io.ponix.proto.charging.v1.SetChargeStationTriggerMessageRequest;
import io.ponix.proto.charging.v1.SetChargeStationTriggerMessageResponse;
import io.ponix.proto.charging.v1.UpdateChargeStationInstallCertificatesRequest;
import io.ponix.proto.charging.v1.UpdateChargeStationInstallCertificatesResponse;
import io.ponix.proto.charging.v1.UpdateChargeStationSettingsRequest;
import io.ponix.proto.charging.v1.UpdateChargeStationSettingsResponse;
import java.util.List;

/**
 * The methods of {@code ponix.charging.v1.ChargeStationService}. Requests arrive validated. The
 * hash of a station's password is a secret: no message or line of a log has it.
 */
public final class ChargeStationGrpcService
        extends ChargeStationServiceGrpc.ChargeStationServiceImplBase {

    /** A place in one list of stations is one in the others. */
    private static final String LIST = "stations";

    private final ChargingStore store;
    private final SettingsRepository settings = new SettingsRepository();
    private final InstallCertificatesRepository certificates = new InstallCertificatesRepository();

    /** Serves the stations of a database. */
    public ChargeStationGrpcService(Database database) {
        this.store = new ChargingStore(database);
    }

    @Override
    public void setChargeStationAuth(
            SetChargeStationAuthRequest request,
            StreamObserver<SetChargeStationAuthResponse> response) {
        if (!request.hasAuth()) {
            throw RequestException.invalidArgument("auth", "Auth has to be given");
        }
        store.set(
                request.getOrganizationId(),
                "charge station",
                connection -> {
                    StationRepository.set(
                            connection,
                            request.getOrganizationId(),
                            request.getChargeStationId(),
                            request.getAuth());
                    return null;
                });
        answer(response, SetChargeStationAuthResponse.getDefaultInstance());
    }

    @Override
    public void lookupChargeStationAuth(
            LookupChargeStationAuthRequest request,
            StreamObserver<LookupChargeStationAuthResponse> response) {
        LookupChargeStationAuthResponse.Builder answer =
                LookupChargeStationAuthResponse.newBuilder();
        store.read(
                        connection ->
                                StationRepository.findAuth(
                                        connection,
                                        request.getOrganizationId(),
                                        request.getChargeStationId()))
                .ifPresent(answer::setAuth);
        answer(response, answer.build());
    }

    @Override
    public void updateChargeStationSettings(
            UpdateChargeStationSettingsRequest request,
            StreamObserver<UpdateChargeStationSettingsResponse> response) {
        store.set(
                request.getOrganizationId(),
                "settings",
                connection -> {
                    settings.merge(
                            connection,
                            request.getOrganizationId(),
                            request.getChargeStationId(),
                            request.getSettingsMap());
                    return null;
                });
        answer(response, UpdateChargeStationSettingsResponse.getDefaultInstance());
    }

    @Override
    public void lookupChargeStationSettings(
            LookupChargeStationSettingsRequest request,
            StreamObserver<LookupChargeStationSettingsResponse> response) {
        LookupChargeStationSettingsResponse.Builder answer =
                LookupChargeStationSettingsResponse.newBuilder();
        store.read(
                        connection ->
                                settings.find(
                                        connection,
                                        request.getOrganizationId(),
                                        request.getChargeStationId()))
                .ifPresent(answer::setSettings);
        answer(response, answer.build());
    }

    @Override
    public void listChargeStationSettings(
            ListChargeStationSettingsRequest request,
            StreamObserver<ListChargeStationSettingsResponse> response) {
        String after = after(request.getPageToken(), request.getPreviousChargeStationId());
        PageOfKeys<ChargeStationSettings> page =
                new PageOfKeys<>(Paging.pageSize(request.getPageSize()));
        store.readPage(
                connection -> {
                    settings.each(
                            connection,
                            request.getOrganizationId(),
                            after,
                            page.limit(),
                            record ->
                                    page.take(
                                            record.build(),
                                            KeyPlace.of(LIST, record.getChargeStationId())));
                    return null;
                });
        answer(
                response,
                ListChargeStationSettingsResponse.newBuilder()
                        .addAllSettings(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
    }

    @Override
    public void deleteChargeStationSettings(
            DeleteChargeStationSettingsRequest request,
            StreamObserver<DeleteChargeStationSettingsResponse> response) {
        store.delete(
                connection -> {
                    settings.delete(
                            connection, request.getOrganizationId(), request.getChargeStationId());
                    return null;
                });
        answer(response, DeleteChargeStationSettingsResponse.getDefaultInstance());
    }

    @Override
    public void setChargeStationRuntimeDetails(
            SetChargeStationRuntimeDetailsRequest request,
            StreamObserver<SetChargeStationRuntimeDetailsResponse> response) {
        if (!request.hasDetails()) {
            throw RequestException.invalidArgument("details", "Details have to be given");
        }
        store.set(
                request.getOrganizationId(),
                "charge station",
                connection -> {
                    StationRepository.set(
                            connection,
                            request.getOrganizationId(),
                            request.getChargeStationId(),
                            request.getDetails());
                    return null;
                });
        answer(response, SetChargeStationRuntimeDetailsResponse.getDefaultInstance());
    }

    @Override
    public void lookupChargeStationRuntimeDetails(
            LookupChargeStationRuntimeDetailsRequest request,
            StreamObserver<LookupChargeStationRuntimeDetailsResponse> response) {
        LookupChargeStationRuntimeDetailsResponse.Builder answer =
                LookupChargeStationRuntimeDetailsResponse.newBuilder();
        store.read(
                        connection ->
                                StationRepository.findRuntimeDetails(
                                        connection,
                                        request.getOrganizationId(),
                                        request.getChargeStationId()))
                .ifPresent(answer::setDetails);
        answer(response, answer.build());
    }

    @Override
    public void updateChargeStationInstallCertificates(
            UpdateChargeStationInstallCertificatesRequest request,
            StreamObserver<UpdateChargeStationInstallCertificatesResponse> response) {
        store.set(
                request.getOrganizationId(),
                "certificates",
                connection -> {
                    certificates.merge(
                            connection,
                            request.getOrganizationId(),
                            request.getChargeStationId(),
                            request.getCertificatesList());
                    return null;
                });
        answer(response, UpdateChargeStationInstallCertificatesResponse.getDefaultInstance());
    }

    @Override
    public void lookupChargeStationInstallCertificates(
            LookupChargeStationInstallCertificatesRequest request,
            StreamObserver<LookupChargeStationInstallCertificatesResponse> response) {
        LookupChargeStationInstallCertificatesResponse.Builder answer =
                LookupChargeStationInstallCertificatesResponse.newBuilder();
        store.read(
                        connection ->
                                certificates.find(
                                        connection,
                                        request.getOrganizationId(),
                                        request.getChargeStationId()))
                .ifPresent(answer::setCertificates);
        answer(response, answer.build());
    }

    @Override
    public void listChargeStationInstallCertificates(
            ListChargeStationInstallCertificatesRequest request,
            StreamObserver<ListChargeStationInstallCertificatesResponse> response) {
        String after = after(request.getPageToken(), request.getPreviousChargeStationId());
        PageOfKeys<ChargeStationInstallCertificates> page =
                new PageOfKeys<>(Paging.pageSize(request.getPageSize()));
        store.readPage(
                connection -> {
                    certificates.each(
                            connection,
                            request.getOrganizationId(),
                            after,
                            page.limit(),
                            record ->
                                    page.take(
                                            record.build(),
                                            KeyPlace.of(LIST, record.getChargeStationId())));
                    return null;
                });
        answer(
                response,
                ListChargeStationInstallCertificatesResponse.newBuilder()
                        .addAllCertificates(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
    }

    @Override
    public void setChargeStationTriggerMessage(
            SetChargeStationTriggerMessageRequest request,
            StreamObserver<SetChargeStationTriggerMessageResponse> response) {
        if (!request.hasTriggerMessage()) {
            throw RequestException.invalidArgument(
                    "trigger_message", "Trigger message has to be given");
        }
        store.set(
                request.getOrganizationId(),
                "trigger message",
                connection -> {
                    TriggerMessageRepository.set(
                            connection,
                            request.getOrganizationId(),
                            request.getChargeStationId(),
                            request.getTriggerMessage());
                    return null;
                });
        answer(response, SetChargeStationTriggerMessageResponse.getDefaultInstance());
    }

    @Override
    public void deleteChargeStationTriggerMessage(
            DeleteChargeStationTriggerMessageRequest request,
            StreamObserver<DeleteChargeStationTriggerMessageResponse> response) {
        store.delete(
                connection -> {
                    TriggerMessageRepository.delete(
                            connection, request.getOrganizationId(), request.getChargeStationId());
                    return null;
                });
        answer(response, DeleteChargeStationTriggerMessageResponse.getDefaultInstance());
    }

    @Override
    public void lookupChargeStationTriggerMessage(
            LookupChargeStationTriggerMessageRequest request,
            StreamObserver<LookupChargeStationTriggerMessageResponse> response) {
        LookupChargeStationTriggerMessageResponse.Builder answer =
                LookupChargeStationTriggerMessageResponse.newBuilder();
        store.read(
                        connection ->
                                TriggerMessageRepository.find(
                                        connection,
                                        request.getOrganizationId(),
                                        request.getChargeStationId()))
                .ifPresent(answer::setTriggerMessage);
        answer(response, answer.build());
    }

    @Override
    public void listChargeStationTriggerMessages(
            ListChargeStationTriggerMessagesRequest request,
            StreamObserver<ListChargeStationTriggerMessagesResponse> response) {
        String after = after(request.getPageToken(), request.getPreviousChargeStationId());
        int size = Paging.pageSize(request.getPageSize());
        List<ChargeStationTriggerMessage> found =
                store.read(
                        connection ->
                                TriggerMessageRepository.list(
                                        connection, request.getOrganizationId(), after, size + 1));
        Paging.Page<ChargeStationTriggerMessage> page =
                Paging.page(
                        size,
                        found,
                        last -> KeyPlace.of(LIST, last.getChargeStationId()).text(),
                        each -> each);
        answer(
                response,
                ListChargeStationTriggerMessagesResponse.newBuilder()
                        .addAllTriggerMessages(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
    }

    /** After which station a page begins. */
    private static String after(String pageToken, String previous) {
        return pageToken.isEmpty() ? previous : KeyPlace.parse(LIST, pageToken, 1).part(0);
    }

    private static <M extends Message> void answer(StreamObserver<M> response, M message) {
        response.onNext(message);
        response.onCompleted();
    }
}
