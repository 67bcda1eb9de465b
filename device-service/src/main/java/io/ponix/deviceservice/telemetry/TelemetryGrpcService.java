package io.ponix.deviceservice.telemetry;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.enddevice.EndDeviceRepository;
import io.ponix.deviceservice.request.Caller;
import io.ponix.deviceservice.request.PageTokenText;
import io.ponix.deviceservice.request.Paging;
import io.ponix.proto.dead_letter.v1.DeadLetter;
import io.ponix.proto.dead_letter.v1.DeadLetterReason;
import io.ponix.proto.envelope.v1.RawEnvelope;
import io.ponix.proto.telemetry.v1.DeadLetterEntry;
import io.ponix.proto.telemetry.v1.GetRawEnvelopeRequest;
import io.ponix.proto.telemetry.v1.GetRawEnvelopeResponse;
import io.ponix.proto.telemetry.v1.ListDeadLettersRequest;
import io.ponix.proto.telemetry.v1.ListDeadLettersResponse;
import io.ponix.proto.telemetry.v1.ListRowsRequest;
import io.ponix.proto.telemetry.v1.ListRowsResponse;
import io.ponix.proto.telemetry.v1.Row;
import io.ponix.proto.telemetry.v1.TelemetryServiceGrpc;
import io.ponix.registry.EndDeviceRow;
import io.ponix.registry.RegisteredDevice;
import java.util.List;
import java.util.Optional;

/**
 * The methods of {@code ponix.telemetry.v1.TelemetryService}. Requests arrive validated. Closing it
 * closes its connections, which are made only when it is asked.
 */
public final class TelemetryGrpcService extends TelemetryServiceGrpc.TelemetryServiceImplBase
        implements AutoCloseable {

    /** How many dead letters of all devices one call looks at. */
    private static final int SEARCHED = 5_000;

    private final EndDeviceRepository devices;
    private final RowStore rows;
    private final EnvelopeStreams streams;

    /** Looks at what the devices sent; connects to nothing yet. */
    public TelemetryGrpcService(EndDeviceRepository devices, TelemetrySettings settings) {
        this.devices = devices;
        this.rows = new RowStore(settings);
        this.streams = new EnvelopeStreams(settings);
    }

    @Override
    public void listRows(ListRowsRequest request, StreamObserver<ListRowsResponse> response) {
        Optional<RowPageToken> before =
                request.getPageToken().isEmpty()
                        ? Optional.empty()
                        : Optional.of(RowPageToken.parse(request.getPageToken()));
        EndDeviceRow device = device(request.getDeviceId());
        int pageSize = Paging.pageSize(request.getPageSize());
        // One more than asked for tells whether there is another page.
        List<Row> found =
                rows.list(
                        device.organizationId(),
                        device.deviceId(),
                        before,
                        pageSize + 1,
                        Paging.LONGEST_PAGE);
        boolean isCut =
                found.stream().mapToLong(row -> row.getJson().length()).sum() > Paging.LONGEST_PAGE;
        List<Row> page = found.subList(0, Math.min(found.size(), pageSize));
        ListRowsResponse.Builder list = ListRowsResponse.newBuilder().addAllRows(page);
        if (found.size() > page.size() || isCut) {
            list.setNextPageToken(RowPageToken.after(page.get(page.size() - 1)).text());
        }
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void listDeadLetters(
            ListDeadLettersRequest request, StreamObserver<ListDeadLettersResponse> response) {
        Optional<Long> before =
                request.getPageToken().isEmpty()
                        ? Optional.empty()
                        : Optional.of(PageTokenText.parse(request.getPageToken(), 1)[0]);
        EndDeviceRow device = device(request.getDeviceId());
        EnvelopeStreams.LetterPage page =
                streams.deadLetters(
                        device.deviceId(),
                        Caller.current().organizationId(),
                        before,
                        Paging.pageSize(request.getPageSize()),
                        SEARCHED,
                        Paging.LONGEST_PAGE);
        ListDeadLettersResponse.Builder list = ListDeadLettersResponse.newBuilder();
        page.letters().forEach(letter -> list.addDeadLetters(entry(letter)));
        page.next().ifPresent(next -> list.setNextPageToken(PageTokenText.of(next)));
        response.onNext(list.build());
        response.onCompleted();
    }

    @Override
    public void getRawEnvelope(
            GetRawEnvelopeRequest request, StreamObserver<GetRawEnvelopeResponse> response) {
        RawEnvelope envelope =
                streams.envelope(
                        request.getStream(),
                        request.getStreamSequence(),
                        request.hasReceivedAt()
                                ? Optional.of(request.getReceivedAt())
                                : Optional.empty(),
                        Caller.current().organizationId());
        response.onNext(GetRawEnvelopeResponse.newBuilder().setEnvelope(envelope).build());
        response.onCompleted();
    }

    private EndDeviceRow device(String id) {
        return devices.find(id, Caller.current().organizationId())
                .map(RegisteredDevice::row)
                .orElseThrow(() -> EndDeviceRepository.notFound(id));
    }

    private static DeadLetterEntry entry(EnvelopeStreams.StoredLetter stored) {
        DeadLetter letter = stored.letter();
        DeadLetterEntry.Builder entry =
                DeadLetterEntry.newBuilder()
                        .setSequence(stored.sequence())
                        .setReason(letter.getReason())
                        .setStage(letter.getStage())
                        .setMessage(letter.getMessage())
                        .setFailedAt(letter.getFailedAt())
                        .setStream(letter.getStream())
                        .setStreamSequence(letter.getStreamSequence());
        // What is found wrong when sessions are assembled is in a decoded envelope.
        if (!letter.getRawEnvelopeTruncated()
                && letter.getReason()
                        != DeadLetterReason.DEAD_LETTER_REASON_SESSION_EVENT_INVALID) {
            try {
                entry.setEnvelope(RawEnvelope.parseFrom(letter.getRawEnvelope()));
            } catch (InvalidProtocolBufferException e) {
                // A MALFORMED_ENVELOPE: there is nothing to try.
                entry.clearEnvelope();
            }
        }
        return entry.build();
    }

    @Override
    public void close() {
        rows.close();
        streams.close();
    }
}
