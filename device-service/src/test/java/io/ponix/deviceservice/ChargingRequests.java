package io.ponix.deviceservice;

import com.google.protobuf.Message;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.ponix.proto.charging.v1.CacheMode;
import io.ponix.proto.charging.v1.CertificateServiceGrpc;
import io.ponix.proto.charging.v1.ChargeStationAuth;
import io.ponix.proto.charging.v1.ChargeStationRuntimeDetails;
import io.ponix.proto.charging.v1.ChargeStationServiceGrpc;
import io.ponix.proto.charging.v1.ChargeStationTriggerMessage;
import io.ponix.proto.charging.v1.Connector;
import io.ponix.proto.charging.v1.Coordinates;
import io.ponix.proto.charging.v1.CreateTransactionRequest;
import io.ponix.proto.charging.v1.DeleteCertificateRequest;
import io.ponix.proto.charging.v1.DeleteChargeStationSettingsRequest;
import io.ponix.proto.charging.v1.DeleteChargeStationTriggerMessageRequest;
import io.ponix.proto.charging.v1.DeleteRegistrationDetailsRequest;
import io.ponix.proto.charging.v1.EndTransactionRequest;
import io.ponix.proto.charging.v1.Evse;
import io.ponix.proto.charging.v1.Evses;
import io.ponix.proto.charging.v1.ExportCdrRequest;
import io.ponix.proto.charging.v1.FindTransactionRequest;
import io.ponix.proto.charging.v1.GetSessionRequest;
import io.ponix.proto.charging.v1.ListChargeStationInstallCertificatesRequest;
import io.ponix.proto.charging.v1.ListChargeStationSettingsRequest;
import io.ponix.proto.charging.v1.ListChargeStationTriggerMessagesRequest;
import io.ponix.proto.charging.v1.ListLocationsRequest;
import io.ponix.proto.charging.v1.ListMeterValuesRequest;
import io.ponix.proto.charging.v1.ListPartyDetailsForRoleRequest;
import io.ponix.proto.charging.v1.ListSessionMeterValuesRequest;
import io.ponix.proto.charging.v1.ListSessionsRequest;
import io.ponix.proto.charging.v1.ListTokensRequest;
import io.ponix.proto.charging.v1.ListTransactionsRequest;
import io.ponix.proto.charging.v1.Location;
import io.ponix.proto.charging.v1.LocationServiceGrpc;
import io.ponix.proto.charging.v1.LookupCertificateRequest;
import io.ponix.proto.charging.v1.LookupChargeStationAuthRequest;
import io.ponix.proto.charging.v1.LookupChargeStationInstallCertificatesRequest;
import io.ponix.proto.charging.v1.LookupChargeStationRuntimeDetailsRequest;
import io.ponix.proto.charging.v1.LookupChargeStationSettingsRequest;
import io.ponix.proto.charging.v1.LookupChargeStationTriggerMessageRequest;
import io.ponix.proto.charging.v1.LookupLocationRequest;
import io.ponix.proto.charging.v1.LookupPartyDetailsRequest;
import io.ponix.proto.charging.v1.LookupRegistrationDetailsRequest;
import io.ponix.proto.charging.v1.LookupTokenRequest;
import io.ponix.proto.charging.v1.MeterValue;
import io.ponix.proto.charging.v1.OcpiParty;
import io.ponix.proto.charging.v1.OcpiRegistration;
import io.ponix.proto.charging.v1.OcpiServiceGrpc;
import io.ponix.proto.charging.v1.RegistrationStatus;
import io.ponix.proto.charging.v1.SessionServiceGrpc;
import io.ponix.proto.charging.v1.SetCertificateRequest;
import io.ponix.proto.charging.v1.SetChargeStationAuthRequest;
import io.ponix.proto.charging.v1.SetChargeStationRuntimeDetailsRequest;
import io.ponix.proto.charging.v1.SetChargeStationTriggerMessageRequest;
import io.ponix.proto.charging.v1.SetLocationRequest;
import io.ponix.proto.charging.v1.SetPartyDetailsRequest;
import io.ponix.proto.charging.v1.SetRegistrationDetailsRequest;
import io.ponix.proto.charging.v1.SetTokenRequest;
import io.ponix.proto.charging.v1.Token;
import io.ponix.proto.charging.v1.TokenServiceGrpc;
import io.ponix.proto.charging.v1.TransactionServiceGrpc;
import io.ponix.proto.charging.v1.TriggerMessage;
import io.ponix.proto.charging.v1.TriggerStatus;
import io.ponix.proto.charging.v1.UpdateChargeStationInstallCertificatesRequest;
import io.ponix.proto.charging.v1.UpdateChargeStationSettingsRequest;
import io.ponix.proto.charging.v1.UpdateTransactionRequest;
import java.util.LinkedHashMap;
import java.util.Map;

/** A request of each method of {@code ponix.charging.v1} that is answered OK. */
final class ChargingRequests {

    private static final String KEY = "a key";
    private static final String PLACE = "a place";

    /** Of itself, and of nobody: CN=x, which no one has the key of. */
    private static final String PEM =
            """
            -----BEGIN CERTIFICATE-----
            MIIBcDCCARWgAwIBAgIUe7kCuuhavbu6K7CIhr15ZVB0IPowCgYIKoZIzj0EAwIw
            DDEKMAgGA1UEAwwBeDAgFw0yNjEyMDExMjEyMDJaGA8yMTI2MTEwNzEyMTIwMlow
            DDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABENGeF2Vz8q6
            VeRTzoSwXXN0TFmXVDNCDzAOmTMz4siIzowyBpkCt/Bu+IFvBEPbu/IAX8R4YgXu
            uPI3LuQ9qT6jUzBRMB0GA1UdDgQWBBSXj1PJMmdaGHy9yOXd9TMqNcz9YDAfBgNV
            HSMEGDAWgBSXj1PJMmdaGHy9yOXd9TMqNcz9YDAPBgNVHRMBAf8EBTADAQH/MAoG
            CCqGSM49BAMCA0kAMEYCIQC1Y9te+Vk+BSKI1HDFG70clmE4GQGZph6FjRtqEPFw
            ugIhAJmh0FLb5rb0AcAwy77GdAyhnoAIxJNlnlfeLxDe5Rz9
            -----END CERTIFICATE-----
            """;

    private ChargingRequests() {}

    static Map<MethodDescriptor<?, ?>, Message> of(String organization) {
        Map<MethodDescriptor<?, ?>, Message> calls = new LinkedHashMap<>();
        addStations(organization, calls);
        addTransactions(organization, calls);
        addTokens(organization, calls);
        addCertificates(organization, calls);
        addOcpi(organization, calls);
        addLocations(organization, calls);
        addSessions(organization, calls);
        return calls;
    }

    private static void addStations(
            String organization, Map<MethodDescriptor<?, ?>, Message> calls) {
        calls.put(
                ChargeStationServiceGrpc.getSetChargeStationAuthMethod(),
                SetChargeStationAuthRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .setAuth(ChargeStationAuth.newBuilder().setSecurityProfile(1))
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getLookupChargeStationAuthMethod(),
                LookupChargeStationAuthRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getUpdateChargeStationSettingsMethod(),
                UpdateChargeStationSettingsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getLookupChargeStationSettingsMethod(),
                LookupChargeStationSettingsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getListChargeStationSettingsMethod(),
                ListChargeStationSettingsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getDeleteChargeStationSettingsMethod(),
                DeleteChargeStationSettingsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getSetChargeStationRuntimeDetailsMethod(),
                SetChargeStationRuntimeDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .setDetails(ChargeStationRuntimeDetails.newBuilder().setOcppVersion("1.6"))
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getLookupChargeStationRuntimeDetailsMethod(),
                LookupChargeStationRuntimeDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getUpdateChargeStationInstallCertificatesMethod(),
                UpdateChargeStationInstallCertificatesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getLookupChargeStationInstallCertificatesMethod(),
                LookupChargeStationInstallCertificatesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getListChargeStationInstallCertificatesMethod(),
                ListChargeStationInstallCertificatesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getSetChargeStationTriggerMessageMethod(),
                SetChargeStationTriggerMessageRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .setTriggerMessage(
                                ChargeStationTriggerMessage.newBuilder()
                                        .setTriggerMessage(TriggerMessage.TRIGGER_MESSAGE_HEARTBEAT)
                                        .setTriggerStatus(TriggerStatus.TRIGGER_STATUS_PENDING))
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getDeleteChargeStationTriggerMessageMethod(),
                DeleteChargeStationTriggerMessageRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getLookupChargeStationTriggerMessageMethod(),
                LookupChargeStationTriggerMessageRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .build());
        calls.put(
                ChargeStationServiceGrpc.getListChargeStationTriggerMessagesMethod(),
                ListChargeStationTriggerMessagesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .build());
    }

    private static void addTransactions(
            String organization, Map<MethodDescriptor<?, ?>, Message> calls) {
        calls.put(
                TransactionServiceGrpc.getCreateTransactionMethod(),
                CreateTransactionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .setTransactionId(KEY)
                        .build());
        calls.put(
                TransactionServiceGrpc.getUpdateTransactionMethod(),
                UpdateTransactionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .setTransactionId(KEY)
                        .addMeterValues(MeterValue.getDefaultInstance())
                        .build());
        calls.put(
                TransactionServiceGrpc.getEndTransactionMethod(),
                EndTransactionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .setTransactionId(KEY)
                        .build());
        calls.put(
                TransactionServiceGrpc.getFindTransactionMethod(),
                FindTransactionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .setTransactionId(KEY)
                        .build());
        calls.put(
                TransactionServiceGrpc.getListTransactionsMethod(),
                ListTransactionsRequest.newBuilder().setOrganizationId(organization).build());
        calls.put(
                TransactionServiceGrpc.getListMeterValuesMethod(),
                ListMeterValuesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(KEY)
                        .setTransactionId(KEY)
                        .build());
    }

    private static void addTokens(String organization, Map<MethodDescriptor<?, ?>, Message> calls) {
        calls.put(
                TokenServiceGrpc.getSetTokenMethod(),
                SetTokenRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setToken(
                                Token.newBuilder()
                                        .setUid(KEY)
                                        .setCacheMode(CacheMode.CACHE_MODE_ALWAYS))
                        .build());
        calls.put(
                TokenServiceGrpc.getLookupTokenMethod(),
                LookupTokenRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setUid(KEY)
                        .build());
        calls.put(
                TokenServiceGrpc.getListTokensMethod(),
                ListTokensRequest.newBuilder().setOrganizationId(organization).build());
    }

    private static void addCertificates(
            String organization, Map<MethodDescriptor<?, ?>, Message> calls) {
        calls.put(
                CertificateServiceGrpc.getSetCertificateMethod(),
                SetCertificateRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setPem(PEM)
                        .build());
        calls.put(
                CertificateServiceGrpc.getLookupCertificateMethod(),
                LookupCertificateRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setCertificateHash(KEY)
                        .build());
        calls.put(
                CertificateServiceGrpc.getDeleteCertificateMethod(),
                DeleteCertificateRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setCertificateHash(KEY)
                        .build());
    }

    private static void addOcpi(String organization, Map<MethodDescriptor<?, ?>, Message> calls) {
        calls.put(
                OcpiServiceGrpc.getSetRegistrationDetailsMethod(),
                SetRegistrationDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setRegistrationToken(KEY)
                        .setRegistration(
                                OcpiRegistration.newBuilder()
                                        .setStatus(RegistrationStatus.REGISTRATION_STATUS_PENDING))
                        .build());
        calls.put(
                OcpiServiceGrpc.getLookupRegistrationDetailsMethod(),
                LookupRegistrationDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setRegistrationToken(KEY)
                        .build());
        calls.put(
                OcpiServiceGrpc.getDeleteRegistrationDetailsMethod(),
                DeleteRegistrationDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setRegistrationToken(KEY)
                        .build());
        calls.put(
                OcpiServiceGrpc.getSetPartyDetailsMethod(),
                SetPartyDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setParty(
                                OcpiParty.newBuilder()
                                        .setRole("CPO")
                                        .setCountryCode("NL")
                                        .setPartyId("ABC"))
                        .build());
        calls.put(
                OcpiServiceGrpc.getLookupPartyDetailsMethod(),
                LookupPartyDetailsRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setRole("CPO")
                        .setCountryCode("NL")
                        .setPartyId("ABC")
                        .build());
        calls.put(
                OcpiServiceGrpc.getListPartyDetailsForRoleMethod(),
                ListPartyDetailsForRoleRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setRole("CPO")
                        .build());
    }

    private static void addLocations(
            String organization, Map<MethodDescriptor<?, ?>, Message> calls) {
        calls.put(
                LocationServiceGrpc.getSetLocationMethod(),
                SetLocationRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setLocation(Location.newBuilder().setId(KEY))
                        .build());
        calls.put(
                LocationServiceGrpc.getLookupLocationMethod(),
                LookupLocationRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setLocationId(KEY)
                        .build());
        calls.put(
                LocationServiceGrpc.getListLocationsMethod(),
                ListLocationsRequest.newBuilder().setOrganizationId(organization).build());
    }

    /** Answered OK where {@link #addSession} was called. */
    private static void addSessions(
            String organization, Map<MethodDescriptor<?, ?>, Message> calls) {
        calls.put(
                SessionServiceGrpc.getGetSessionMethod(),
                GetSessionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setStationId(KEY)
                        .setSessionId(KEY)
                        .build());
        calls.put(
                SessionServiceGrpc.getListSessionsMethod(),
                ListSessionsRequest.newBuilder().setOrganizationId(organization).build());
        calls.put(
                SessionServiceGrpc.getListSessionMeterValuesMethod(),
                ListSessionMeterValuesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setStationId(KEY)
                        .setSessionId(KEY)
                        .build());
        calls.put(
                SessionServiceGrpc.getExportCdrMethod(),
                ExportCdrRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setStationId(KEY)
                        .setSessionId(KEY)
                        .setCountryCode("NL")
                        .setPartyId("ABC")
                        .setCurrency("EUR")
                        .setLocationId(PLACE)
                        .build());
    }

    /** Makes what there has to be for a CDR: what other calls set has other keys. */
    static void addSession(ServiceUnderTest service, Channel caller, String organization) {
        new SessionRows(service).add(organization, KEY, KEY, "");
        LocationServiceGrpc.newBlockingStub(caller)
                .setLocation(
                        SetLocationRequest.newBuilder()
                                .setOrganizationId(organization)
                                .setLocation(place(PLACE, KEY))
                                .build());
    }

    /** A location with one EVSE, which has the connectors 1 and 2. */
    static Location place(String id, String evse) {
        return Location.newBuilder()
                .setId(id)
                .setName("Gent Zuid")
                .setAddress("F.Rooseveltlaan 3A")
                .setCity("Gent")
                .setPostalCode("9000")
                .setCountry("BEL")
                .setCoordinates(
                        Coordinates.newBuilder().setLatitude("51.047599").setLongitude("3.729944"))
                .setEvses(
                        Evses.newBuilder()
                                .addEvses(
                                        Evse.newBuilder()
                                                .setUid(evse)
                                                .setEvseId("BE*BEC*E041503001")
                                                .addConnectors(connector("1"))
                                                .addConnectors(connector("2"))))
                .build();
    }

    private static Connector connector(String id) {
        return Connector.newBuilder()
                .setId(id)
                .setStandard("IEC_62196_T2")
                .setFormat("SOCKET")
                .setPowerType("AC_3_PHASE")
                .build();
    }
}
