package io.ponix.deviceservice.charging.transaction;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.ponix.deviceservice.charging.store.ChargingStore;
import io.ponix.deviceservice.charging.store.KeyPlace;
import io.ponix.deviceservice.charging.store.PageOfKeys;
import io.ponix.deviceservice.database.Database;
import io.ponix.deviceservice.request.PageToken;
import io.ponix.deviceservice.request.Paging;
import io.ponix.deviceservice.request.RequestException;
import io.ponix.proto.charging.v1.CreateTransactionRequest;
import io.ponix.proto.charging.v1.CreateTransactionResponse;
import io.ponix.proto.charging.v1.EndTransactionRequest;
import io.ponix.proto.charging.v1.EndTransactionResponse;
import io.ponix.proto.charging.v1.FindTransactionRequest;
import io.ponix.proto.charging.v1.FindTransactionResponse;
import io.ponix.proto.charging.v1.ListMeterValuesRequest;
import io.ponix.proto.charging.v1.ListMeterValuesResponse;
import io.ponix.proto.charging.v1.ListTransactionsRequest;
import io.ponix.proto.charging.v1.ListTransactionsResponse;
import io.ponix.proto.charging.v1.MeterValue;
import io.ponix.proto.charging.v1.Transaction;
import io.ponix.proto.charging.v1.TransactionServiceGrpc;
import io.ponix.proto.charging.v1.UpdateTransactionRequest;
import io.ponix.proto.charging.v1.UpdateTransactionResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** The methods of {@code ponix.charging.v1.TransactionService}. Requests arrive validated. */
public final class TransactionGrpcService
        extends TransactionServiceGrpc.TransactionServiceImplBase {

    private static final String TRANSACTIONS = "transactions";
    private static final String METER_VALUES = "meter values";

    /** In bytes, of those of a call: clients take answers of 4 MiB by default. */
    private static final int MOST_BYTES = 1 << 20;

    private static final int MOST_METER_VALUES = 1_000_000;

    private final ChargingStore store;

    /** Serves the transactions of a database. */
    public TransactionGrpcService(Database database) {
        this.store = new ChargingStore(database);
    }

    @Override
    public void createTransaction(
            CreateTransactionRequest request, StreamObserver<CreateTransactionResponse> response) {
        TransactionKey key =
                new TransactionKey(
                        request.getOrganizationId(),
                        request.getChargeStationId(),
                        request.getTransactionId());
        List<MeterValue> values = fitting(request.getMeterValuesList());
        store(
                request.getRequestId(),
                request,
                CreateTransactionResponse.getDefaultInstance(),
                response,
                key,
                values,
                connection ->
                        TransactionRepository.create(
                                connection,
                                key,
                                values.size(),
                                request.getIdToken(),
                                request.getTokenType(),
                                request.getSeqNo(),
                                request.getOffline()));
    }

    @Override
    public void updateTransaction(
            UpdateTransactionRequest request, StreamObserver<UpdateTransactionResponse> response) {
        TransactionKey key =
                new TransactionKey(
                        request.getOrganizationId(),
                        request.getChargeStationId(),
                        request.getTransactionId());
        List<MeterValue> values = fitting(request.getMeterValuesList());
        store(
                request.getRequestId(),
                request,
                UpdateTransactionResponse.getDefaultInstance(),
                response,
                key,
                values,
                connection -> TransactionRepository.update(connection, key, values.size()));
    }

    @Override
    public void endTransaction(
            EndTransactionRequest request, StreamObserver<EndTransactionResponse> response) {
        TransactionKey key =
                new TransactionKey(
                        request.getOrganizationId(),
                        request.getChargeStationId(),
                        request.getTransactionId());
        List<MeterValue> values = fitting(request.getMeterValuesList());
        store(
                request.getRequestId(),
                request,
                EndTransactionResponse.getDefaultInstance(),
                response,
                key,
                values,
                connection ->
                        TransactionRepository.end(
                                connection,
                                key,
                                values.size(),
                                request.getIdToken(),
                                request.getTokenType(),
                                request.getSeqNo()));
    }

    private static List<MeterValue> fitting(List<MeterValue> values) {
        long bytes = values.stream().mapToLong(MeterValue::getSerializedSize).sum();
        if (bytes > MOST_BYTES) {
            throw RequestException.invalidArgument(
                    "meter_values",
                    "The meter values of a call have at most " + MOST_BYTES + " bytes");
        }
        return values;
    }

    /**
     * Stores what a request says of a transaction, and its meter values.
     *
     * @param row changes the transaction's row, and returns how many meter values it has with these
     */
    private <M extends Message> void store(
            String requestId,
            Message request,
            M answer,
            StreamObserver<M> response,
            TransactionKey key,
            List<MeterValue> values,
            Database.Work<Long> row) {
        answer(
                response,
                store.setOnce(
                        requestId,
                        request,
                        answer,
                        key.organizationId(),
                        "transaction",
                        connection -> {
                            append(connection, key, values, row.with(connection));
                            return answer;
                        }));
    }

    private static void append(
            Connection connection, TransactionKey key, List<MeterValue> values, long count)
            throws SQLException {
        if (count > MOST_METER_VALUES) {
            throw RequestException.resourceExhausted(
                            "A transaction has at most " + MOST_METER_VALUES + " meter values",
                            null)
                    .because(
                            "TOO_MANY_METER_VALUES",
                            Map.of(
                                    "charge_station_id",
                                    key.chargeStationId(),
                                    "transaction_id",
                                    key.transactionId()));
        }
        MeterValueRepository.add(connection, key, values, count);
    }

    @Override
    public void findTransaction(
            FindTransactionRequest request, StreamObserver<FindTransactionResponse> response) {
        FindTransactionResponse.Builder answer = FindTransactionResponse.newBuilder();
        store.read(
                        connection ->
                                TransactionRepository.find(
                                        connection,
                                        new TransactionKey(
                                                request.getOrganizationId(),
                                                request.getChargeStationId(),
                                                request.getTransactionId())))
                .ifPresent(answer::setTransaction);
        answer(response, answer.build());
    }

    @Override
    public void listTransactions(
            ListTransactionsRequest request, StreamObserver<ListTransactionsResponse> response) {
        int size = Paging.pageSize(request.getPageSize());
        KeyPlace after = KeyPlace.parse(TRANSACTIONS, request.getPageToken(), 2);
        List<Transaction> found =
                store.read(
                        connection ->
                                TransactionRepository.list(
                                        connection,
                                        new TransactionKey(
                                                request.getOrganizationId(),
                                                after.part(0),
                                                after.part(1)),
                                        size + 1));
        Paging.Page<Transaction> page =
                Paging.page(
                        size,
                        found,
                        last ->
                                KeyPlace.of(
                                                TRANSACTIONS,
                                                last.getChargeStationId(),
                                                last.getTransactionId())
                                        .text(),
                        each -> each);
        answer(
                response,
                ListTransactionsResponse.newBuilder()
                        .addAllTransactions(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
    }

    @Override
    public void listMeterValues(
            ListMeterValuesRequest request, StreamObserver<ListMeterValuesResponse> response) {
        long after = number(KeyPlace.parse(METER_VALUES, request.getPageToken(), 1).part(0));
        PageOfKeys<MeterValue> page = new PageOfKeys<>(Paging.pageSize(request.getPageSize()));
        store.readPage(
                connection -> {
                    MeterValueRepository.each(
                            connection,
                            new TransactionKey(
                                    request.getOrganizationId(),
                                    request.getChargeStationId(),
                                    request.getTransactionId()),
                            after,
                            page.limit(),
                            (value, number) ->
                                    page.take(
                                            value,
                                            KeyPlace.of(METER_VALUES, Long.toString(number))));
                    return null;
                });
        answer(
                response,
                ListMeterValuesResponse.newBuilder()
                        .addAllMeterValues(page.messages())
                        .setNextPageToken(page.nextPageToken())
                        .build());
    }

    private static long number(String text) {
        try {
            return text.isEmpty() ? 0 : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw PageToken.refused();
        }
    }

    private static <M extends Message> void answer(StreamObserver<M> response, M message) {
        response.onNext(message);
        response.onCompleted();
    }
}
