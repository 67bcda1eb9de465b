package io.ponix.deviceservice.charging.certificate;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.charging.store.ChargingStore;
import io.ponix.deviceservice.database.Database;
import io.ponix.proto.charging.v1.CertificateServiceGrpc;
import io.ponix.proto.charging.v1.DeleteCertificateRequest;
import io.ponix.proto.charging.v1.DeleteCertificateResponse;
import io.ponix.proto.charging.v1.LookupCertificateRequest;
import io.ponix.proto.charging.v1.LookupCertificateResponse;
import io.ponix.proto.charging.v1.SetCertificateRequest;
import io.ponix.proto.charging.v1.SetCertificateResponse;

/** The methods of {@code ponix.charging.v1.CertificateService}. Requests arrive validated. */
public final class CertificateGrpcService
        extends CertificateServiceGrpc.CertificateServiceImplBase {

    private final ChargingStore store;

    /** Serves the certificates of a database. */
    public CertificateGrpcService(Database database) {
        this.store = new ChargingStore(database);
    }

    @Override
    public void setCertificate(
            SetCertificateRequest request, StreamObserver<SetCertificateResponse> response) {
        String hash = PemCertificate.hash(request.getPem());
        store.set(
                request.getOrganizationId(),
                "certificate",
                connection -> {
                    CertificateRepository.set(
                            connection, request.getOrganizationId(), hash, request.getPem());
                    return null;
                });
        answer(response, SetCertificateResponse.newBuilder().setCertificateHash(hash).build());
    }

    @Override
    public void lookupCertificate(
            LookupCertificateRequest request, StreamObserver<LookupCertificateResponse> response) {
        String pem =
                store.read(
                        connection ->
                                CertificateRepository.find(
                                        connection,
                                        request.getOrganizationId(),
                                        request.getCertificateHash()));
        answer(response, LookupCertificateResponse.newBuilder().setPem(pem).build());
    }

    @Override
    public void deleteCertificate(
            DeleteCertificateRequest request, StreamObserver<DeleteCertificateResponse> response) {
        store.delete(
                connection -> {
                    CertificateRepository.delete(
                            connection, request.getOrganizationId(), request.getCertificateHash());
                    return null;
                });
        answer(response, DeleteCertificateResponse.getDefaultInstance());
    }

    private static <M extends Message> void answer(StreamObserver<M> response, M message) {
        response.onNext(message);
        response.onCompleted();
    }
}
