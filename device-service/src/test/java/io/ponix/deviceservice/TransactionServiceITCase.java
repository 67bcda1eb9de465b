package io.ponix.deviceservice;

import static io.ponix.deviceservice.StatusAssert.assertThatCall;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status.Code;
import io.ponix.proto.charging.v1.CreateTransactionRequest;
import io.ponix.proto.charging.v1.EndTransactionRequest;
import io.ponix.proto.charging.v1.FindTransactionRequest;
import io.ponix.proto.charging.v1.FindTransactionResponse;
import io.ponix.proto.charging.v1.ListMeterValuesRequest;
import io.ponix.proto.charging.v1.ListMeterValuesResponse;
import io.ponix.proto.charging.v1.ListTransactionsRequest;
import io.ponix.proto.charging.v1.ListTransactionsResponse;
import io.ponix.proto.charging.v1.MeterValue;
import io.ponix.proto.charging.v1.SampledValue;
import io.ponix.proto.charging.v1.Transaction;
import io.ponix.proto.charging.v1.TransactionServiceGrpc;
import io.ponix.proto.charging.v1.UnitOfMeasure;
import io.ponix.proto.charging.v1.UpdateTransactionRequest;
import io.ponix.proto.organization.v1.DeleteOrganizationRequest;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactions of stations. The numbers are those of the behaviours in docs/charging.md. */
@ExtendWith(ServiceUnderTest.Shared.class)
class TransactionServiceITCase {

    private static ServiceUnderTest service;
    private static TransactionServiceGrpc.TransactionServiceBlockingStub transactions;

    private String organization;

    @BeforeAll
    static void share(ServiceUnderTest shared) {
        service = shared;
        transactions = TransactionServiceGrpc.newBlockingStub(shared.channel());
    }

    @BeforeEach
    void makeOrganization() {
        organization = service.organization("Charging");
    }

    @Test
    void anUnknownTransactionIsNotFoundWithoutAnError() {
        // 1, 45
        create("cs1", "tx1", "token", "RFID", 3, false);

        assertThat(find("cs1", "unknown").hasTransaction()).isFalse();
        assertThat(find("unknown", "tx1").hasTransaction()).isFalse();
        assertThat(find("CS1", "tx1").hasTransaction()).isFalse();
        assertThat(values("cs1", "unknown")).isEmpty();
    }

    @Test
    void aTransactionNeedsNeitherAStationNorAToken() {
        // 5
        create("nowhere", "tx1", "nobody", "RFID", 1, false);

        assertThat(find("nowhere", "tx1").getTransaction().getIdToken()).isEqualTo("nobody");
    }

    @Test
    void oneIdAtTwoStationsIsTwoTransactions() {
        // 46
        create("cs1", "tx1", "one", "RFID", 1, false, value("a", 1));
        create("cs2", "tx1", "two", "RFID", 2, false, value("b", 2));

        assertThat(find("cs1", "tx1").getTransaction().getIdToken()).isEqualTo("one");
        assertThat(find("cs2", "tx1").getTransaction().getIdToken()).isEqualTo("two");
        assertThat(values("cs1", "tx1")).containsExactly(value("a", 1));
        assertThat(values("cs2", "tx1")).containsExactly(value("b", 2));
    }

    @Test
    void oneIdInTwoOrganizationsIsTwoTransactions() {
        create("cs1", "tx1", "one", "RFID", 1, false, value("a", 1));
        String own = organization;
        organization = service.organization("Other");

        assertThat(find("cs1", "tx1").hasTransaction()).isFalse();
        assertThat(values("cs1", "tx1")).isEmpty();
        assertThat(list()).isEmpty();
        update("cs1", "tx1", value("b", 2));

        organization = own;
        assertThat(find("cs1", "tx1").getTransaction().getUpdatedSeqNoCount()).isZero();
        assertThat(values("cs1", "tx1")).containsExactly(value("a", 1));
    }

    @Test
    void aStartIsKept() {
        // 47
        create("cs1", "tx1", "token", "ISO14443", 7, true, value("a", 1), value("b", 2));

        assertThat(find("cs1", "tx1").getTransaction())
                .isEqualTo(
                        Transaction.newBuilder()
                                .setChargeStationId("cs1")
                                .setTransactionId("tx1")
                                .setIdToken("token")
                                .setTokenType("ISO14443")
                                .setStartSeqNo(7)
                                .setOffline(true)
                                .setMeterValueCount(2)
                                .build());
        assertThat(values("cs1", "tx1")).containsExactly(value("a", 1), value("b", 2));
    }

    @Test
    void aStartThatArrivesLateReplacesWhatIsItsAndAddsItsMeterValues() {
        // 3, 48
        update("cs1", "tx1", value("u", 1));
        end("cs1", "tx1", "ignored", "ignored", 9, value("e", 2));
        create("cs1", "tx1", "token", "RFID", 4, true, value("s", 3));
        assertThat(find("cs1", "tx1").getTransaction())
                .isEqualTo(
                        Transaction.newBuilder()
                                .setChargeStationId("cs1")
                                .setTransactionId("tx1")
                                .setIdToken("token")
                                .setTokenType("RFID")
                                .setStartSeqNo(4)
                                .setEndedSeqNo(9)
                                .setUpdatedSeqNoCount(1)
                                .setOffline(true)
                                .setMeterValueCount(3)
                                .build());
        assertThat(values("cs1", "tx1"))
                .containsExactly(value("u", 1), value("e", 2), value("s", 3));

        create("cs1", "tx1", "other", "Central", 5, false);
        Transaction again = find("cs1", "tx1").getTransaction();
        assertThat(again.getIdToken()).isEqualTo("other");
        assertThat(again.getTokenType()).isEqualTo("Central");
        assertThat(again.getStartSeqNo()).isEqualTo(5);
        assertThat(again.getOffline()).isFalse();
        assertThat(again.getEndedSeqNo()).isEqualTo(9);
        assertThat(again.getUpdatedSeqNoCount()).isEqualTo(1);
        assertThat(again.getMeterValueCount()).isEqualTo(3);
    }

    @Test
    void anUpdateAddsMeterValuesAndIsCounted() {
        // 49
        create("cs1", "tx1", "token", "RFID", 1, true, value("a", 1));
        update("cs1", "tx1", value("b", 2), value("c", 3));
        update("cs1", "tx1", value("d", 4));

        Transaction found = find("cs1", "tx1").getTransaction();
        assertThat(found.getUpdatedSeqNoCount()).isEqualTo(2);
        assertThat(found.getMeterValueCount()).isEqualTo(4);
        assertThat(found.getIdToken()).isEqualTo("token");
        assertThat(found.getStartSeqNo()).isEqualTo(1);
        assertThat(found.getOffline()).isTrue();
        assertThat(values("cs1", "tx1"))
                .containsExactly(value("a", 1), value("b", 2), value("c", 3), value("d", 4));
    }

    @Test
    void anUpdateMayBeTheFirstThatIsHeardOfATransaction() {
        // 50
        update("cs1", "tx1", value("a", 1));

        assertThat(find("cs1", "tx1").getTransaction())
                .isEqualTo(
                        Transaction.newBuilder()
                                .setChargeStationId("cs1")
                                .setTransactionId("tx1")
                                .setUpdatedSeqNoCount(1)
                                .setMeterValueCount(1)
                                .build());
        assertThat(values("cs1", "tx1")).containsExactly(value("a", 1));
    }

    @Test
    void anUpdateWithoutMeterValuesIsCounted() {
        // 51
        update("cs1", "tx1");
        update("cs1", "tx1");

        assertThat(find("cs1", "tx1").getTransaction().getUpdatedSeqNoCount()).isEqualTo(2);
        assertThat(values("cs1", "tx1")).isEmpty();
    }

    @Test
    void anEndAddsMeterValuesAndLeavesTheToken() {
        // 52
        create("cs1", "tx1", "token", "RFID", 1, true, value("a", 1));
        update("cs1", "tx1");
        end("cs1", "tx1", "another", "Central", 5, value("e", 2));

        assertThat(find("cs1", "tx1").getTransaction())
                .isEqualTo(
                        Transaction.newBuilder()
                                .setChargeStationId("cs1")
                                .setTransactionId("tx1")
                                .setIdToken("token")
                                .setTokenType("RFID")
                                .setStartSeqNo(1)
                                .setEndedSeqNo(5)
                                .setUpdatedSeqNoCount(1)
                                .setOffline(true)
                                .setMeterValueCount(2)
                                .build());
        assertThat(values("cs1", "tx1")).containsExactly(value("a", 1), value("e", 2));
    }

    @Test
    void anEndLeavesAlsoTheEmptyTokenOfAnUpdate() {
        // 52
        update("cs1", "tx1");
        end("cs1", "tx1", "token", "RFID", 5);

        assertThat(find("cs1", "tx1").getTransaction().getIdToken()).isEmpty();
        assertThat(find("cs1", "tx1").getTransaction().getTokenType()).isEmpty();
    }

    @Test
    void anEndMayBeTheFirstThatIsHeardOfATransaction() {
        // 53
        end("cs1", "tx1", "token", "RFID", 5, value("e", 1));

        assertThat(find("cs1", "tx1").getTransaction())
                .isEqualTo(
                        Transaction.newBuilder()
                                .setChargeStationId("cs1")
                                .setTransactionId("tx1")
                                .setIdToken("token")
                                .setTokenType("RFID")
                                .setEndedSeqNo(5)
                                .setMeterValueCount(1)
                                .build());
        assertThat(values("cs1", "tx1")).containsExactly(value("e", 1));
    }

    @Test
    void whatIsToldTwiceIsThereTwice() {
        // 54
        end("cs1", "tx1", "token", "RFID", 5, value("e", 1));
        end("cs1", "tx1", "token", "RFID", 4, value("e", 1));
        update("cs1", "tx1", value("u", 2));
        update("cs1", "tx1", value("u", 2));

        Transaction found = find("cs1", "tx1").getTransaction();
        assertThat(found.getEndedSeqNo()).isEqualTo(4);
        assertThat(found.getUpdatedSeqNoCount()).isEqualTo(2);
        assertThat(values("cs1", "tx1"))
                .containsExactly(value("e", 1), value("e", 1), value("u", 2), value("u", 2));
    }

    @Test
    void aRequestThatNamesItselfIsStoredOnce() {
        UpdateTransactionRequest update =
                UpdateTransactionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId("cs1")
                        .setTransactionId("tx1")
                        .addMeterValues(value("u", 1))
                        .setRequestId("update-1-" + organization)
                        .build();
        EndTransactionRequest end =
                EndTransactionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId("cs1")
                        .setTransactionId("tx1")
                        .addMeterValues(value("e", 2))
                        .setSeqNo(5)
                        .setRequestId("end-1-" + organization)
                        .build();
        CreateTransactionRequest create =
                CreateTransactionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId("cs1")
                        .setTransactionId("tx1")
                        .addMeterValues(value("s", 3))
                        .setRequestId("create-1-" + organization)
                        .build();
        for (int i = 0; i < 2; i++) {
            transactions.updateTransaction(update);
            transactions.endTransaction(end);
            transactions.createTransaction(create);
        }

        assertThat(find("cs1", "tx1").getTransaction().getUpdatedSeqNoCount()).isEqualTo(1);
        assertThat(values("cs1", "tx1"))
                .containsExactly(value("u", 1), value("e", 2), value("s", 3));
        assertThatCall(
                        () ->
                                transactions.updateTransaction(
                                        update.toBuilder().clearMeterValues().build()))
                .hasStatus(Code.INVALID_ARGUMENT, "was that of another request")
                .isOfField("request_id")
                .hasReason("REQUEST_ID_REUSED", Map.of("request_id", update.getRequestId()));
        String own = organization;
        assertThatCall(
                        () ->
                                transactions.updateTransaction(
                                        update.toBuilder()
                                                .setOrganizationId("nosuchorganization")
                                                .setRequestId("update-2-" + own)
                                                .build()))
                .hasStatus(Code.NOT_FOUND, "Organization not found");
    }

    @Test
    void anUpdateAfterTheEndIsTakenAsAnyOther() {
        // 55
        create("cs1", "tx1", "token", "RFID", 1, false);
        end("cs1", "tx1", "token", "RFID", 5);
        update("cs1", "tx1", value("late", 1));

        assertThat(find("cs1", "tx1").getTransaction().getEndedSeqNo()).isEqualTo(5);
        assertThat(find("cs1", "tx1").getTransaction().getUpdatedSeqNoCount()).isEqualTo(1);
        assertThat(values("cs1", "tx1")).containsExactly(value("late", 1));
    }

    @Test
    void meterValuesAreInTheOrderInWhichTheyArrivedWithTheirTimesAsTheyWereGiven() {
        // 56
        List<MeterValue> arrived = new ArrayList<>();
        for (String time :
                List.of(
                        "2026-12-01T10:00:00.1234567890123+05:30",
                        "2026-12-01T10:00:00Z",
                        "2026-12-01T09:00:00.000Z",
                        "2026-12-01T09:00:00",
                        "yesterday",
                        "",
                        "2026-12-01T10:00:00Z")) {
            arrived.add(value(time, arrived.size()));
        }
        create("cs1", "tx1", "token", "RFID", 1, false, arrived.get(0));
        update("cs1", "tx1", arrived.subList(1, 5).toArray(MeterValue[]::new));
        end("cs1", "tx1", "token", "RFID", 9, arrived.subList(5, 7).toArray(MeterValue[]::new));

        assertThat(values("cs1", "tx1")).isEqualTo(arrived);
    }

    @Test
    void whatASampledValueDoesNotSayStaysUnsaid() {
        // 57
        SampledValue bare = SampledValue.newBuilder().setValue(1.5).build();
        SampledValue empty =
                SampledValue.newBuilder()
                        .setContext("")
                        .setLocation("")
                        .setMeasurand("")
                        .setPhase("")
                        .setUnitOfMeasure(UnitOfMeasure.getDefaultInstance())
                        .build();
        SampledValue full =
                SampledValue.newBuilder()
                        .setContext("Sample.Periodic")
                        .setLocation("Outlet")
                        .setMeasurand("Energy.Active.Import.Register")
                        .setPhase("L1")
                        .setUnitOfMeasure(
                                UnitOfMeasure.newBuilder().setUnit("Wh").setMultiplier(-3))
                        .setValue(12345.678)
                        .build();
        MeterValue several =
                MeterValue.newBuilder()
                        .setTimestamp("t")
                        .addSampledValues(bare)
                        .addSampledValues(empty)
                        .addSampledValues(full)
                        .build();
        MeterValue none = MeterValue.newBuilder().setTimestamp("t").build();
        update("cs1", "tx1", several, none, MeterValue.getDefaultInstance());

        List<MeterValue> found = values("cs1", "tx1");
        assertThat(found).containsExactly(several, none, MeterValue.getDefaultInstance());
        assertThat(found.get(0).getSampledValues(0).hasContext()).isFalse();
        assertThat(found.get(0).getSampledValues(0).hasUnitOfMeasure()).isFalse();
        assertThat(found.get(0).getSampledValues(1).hasContext()).isTrue();
        assertThat(found.get(0).getSampledValues(1).hasUnitOfMeasure()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            doubles = {
                0,
                0.1,
                -1,
                1e15,
                123456789.123456789,
                Double.MAX_VALUE,
                Double.MIN_VALUE,
                Double.NaN,
                Double.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY
            })
    void aValueIsKeptToTheDigit(double number) {
        // 57
        update("cs1", "tx1", value("t", number));

        double found = values("cs1", "tx1").get(0).getSampledValues(0).getValue();
        assertThat(found).isEqualTo(Double.valueOf(number));
    }

    @Test
    void numbersMayBeLargerThanThoseOf32Bits() {
        // 47, 52
        create("cs1", "tx1", "token", "RFID", Long.MAX_VALUE, false);
        end("cs1", "tx1", "token", "RFID", Long.MIN_VALUE);

        assertThat(find("cs1", "tx1").getTransaction().getStartSeqNo()).isEqualTo(Long.MAX_VALUE);
        assertThat(find("cs1", "tx1").getTransaction().getEndedSeqNo()).isEqualTo(Long.MIN_VALUE);
    }

    @Test
    void theTransactionsOfAllStationsAreListed() {
        // 58
        assertThat(list()).isEmpty();
        create("cs1", "tx2", "token", "RFID", 1, false, value("a", 1));
        create("cs1", "tx1", "token", "RFID", 1, false);
        create("cs2", "tx1", "token", "RFID", 1, false);
        assertThat(list()).hasSize(3);

        create("cs10", "tx1", "token", "RFID", 1, false);
        update("CS1", "tx1");
        end("cs2", "tx10", "token", "RFID", 1);
        update("cs2", "tx10");
        assertThat(list())
                .extracting(each -> each.getChargeStationId() + " " + each.getTransactionId())
                .containsExactly(
                        "CS1 tx1", "cs1 tx1", "cs1 tx2", "cs10 tx1", "cs2 tx1", "cs2 tx10");
        assertThat(list()).contains(find("cs1", "tx2").getTransaction());
    }

    @Test
    void theKeyIsOfTwoPartsAndNoTextOfThem() {
        // 59
        create("a-b", "c", "one", "RFID", 1, false);
        create("a", "b-c", "two", "RFID", 2, false);
        create("a:b", "c", "three", "RFID", 3, false);
        create("a", "b:c", "four", "RFID", 4, false);

        assertThat(find("a-b", "c").getTransaction().getIdToken()).isEqualTo("one");
        assertThat(find("a", "b-c").getTransaction().getIdToken()).isEqualTo("two");
        assertThat(find("a:b", "c").getTransaction().getIdToken()).isEqualTo("three");
        assertThat(find("a", "b:c").getTransaction().getIdToken()).isEqualTo("four");
        assertThat(list()).hasSize(4);
    }

    @Test
    void updatesAtTheSameTimeLoseNothing() throws Exception {
        // 60
        int callers = 16;
        int each = 10;
        ExecutorService executor = Executors.newFixedThreadPool(callers);
        try {
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int caller = i;
                calls.add(
                        CompletableFuture.runAsync(
                                () -> {
                                    for (int j = 0; j < each; j++) {
                                        update("cs1", "tx1", value(caller + " " + j, j));
                                    }
                                },
                                executor));
            }
            CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
                    .get(60, TimeUnit.SECONDS);
        } finally {
            executor.shutdownNow();
        }

        assertThat(find("cs1", "tx1").getTransaction().getUpdatedSeqNoCount())
                .isEqualTo(callers * each);
        List<String> found = values("cs1", "tx1").stream().map(MeterValue::getTimestamp).toList();
        assertThat(found).hasSize(callers * each).doesNotHaveDuplicates();
        // Those of each caller are in its order.
        for (int i = 0; i < callers; i++) {
            String caller = i + " ";
            assertThat(found.stream().filter(time -> time.startsWith(caller)))
                    .isEqualTo(IntStream.range(0, each).mapToObj(j -> caller + j).toList());
        }
    }

    @Test
    void startUpdatesAndEndAtTheSameTimeLoseNothing() throws Exception {
        // 48, 52, 60
        ExecutorService executor = Executors.newFixedThreadPool(12);
        try {
            List<CompletableFuture<Void>> calls = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                String time = "u" + i;
                calls.add(
                        CompletableFuture.runAsync(
                                () -> update("cs1", "tx1", value(time, 1)), executor));
            }
            calls.add(
                    CompletableFuture.runAsync(
                            () -> create("cs1", "tx1", "token", "RFID", 1, true, value("s", 1)),
                            executor));
            calls.add(
                    CompletableFuture.runAsync(
                            () -> end("cs1", "tx1", "other", "other", 12, value("e", 1)),
                            executor));
            CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
                    .get(60, TimeUnit.SECONDS);
        } finally {
            executor.shutdownNow();
        }

        assertThat(find("cs1", "tx1").getTransaction())
                .isEqualTo(
                        Transaction.newBuilder()
                                .setChargeStationId("cs1")
                                .setTransactionId("tx1")
                                .setIdToken("token")
                                .setTokenType("RFID")
                                .setStartSeqNo(1)
                                .setEndedSeqNo(12)
                                .setUpdatedSeqNoCount(10)
                                .setOffline(true)
                                .setMeterValueCount(12)
                                .build());
        assertThat(values("cs1", "tx1")).hasSize(12);
    }

    @Test
    void meterValuesAreListedPageByPage() {
        List<MeterValue> all = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            all.add(value("t" + i, i));
        }
        update("cs1", "tx1", all.toArray(MeterValue[]::new));

        List<MeterValue> listed = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        String token = "";
        do {
            ListMeterValuesResponse page = values("cs1", "tx1", 10, token);
            sizes.add(page.getMeterValuesCount());
            listed.addAll(page.getMeterValuesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(sizes).containsExactly(10, 10, 5);
        assertThat(listed).isEqualTo(all);
    }

    @Test
    void aPageTokenOfAnotherListIsNone() {
        create("cs1", "tx1", "token", "RFID", 1, false, value("a", 1), value("b", 2));
        create("cs2", "tx1", "token", "RFID", 1, false);
        String ofTransactions =
                transactions
                        .listTransactions(
                                ListTransactionsRequest.newBuilder()
                                        .setOrganizationId(organization)
                                        .setPageSize(1)
                                        .build())
                        .getNextPageToken();

        assertThatCall(() -> values("cs1", "tx1", 1, ofTransactions))
                .hasStatus(Code.INVALID_ARGUMENT, "Page token is not one that this method returned")
                .isOfField("page_token");
        assertThatCall(
                        () ->
                                transactions.listTransactions(
                                        ListTransactionsRequest.newBuilder()
                                                .setOrganizationId(organization)
                                                .setPageToken(
                                                        values("cs1", "tx1", 1, "")
                                                                .getNextPageToken())
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Page token is not one that this method returned")
                .isOfField("page_token");
    }

    @Test
    void largeMeterValuesFitIntoAnswers() {
        List<MeterValue> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            MeterValue.Builder large = MeterValue.newBuilder().setTimestamp("t" + i);
            for (int j = 0; j < 1000; j++) {
                large.addSampledValues(
                        SampledValue.newBuilder()
                                .setMeasurand("m".repeat(255))
                                .setContext("c".repeat(255))
                                .setLocation("l".repeat(255))
                                .setPhase("p".repeat(255)));
            }
            all.add(large.build());
            update("cs1", "tx1", large.build());
        }

        List<MeterValue> listed = new ArrayList<>();
        String token = "";
        do {
            ListMeterValuesResponse page = values("cs1", "tx1", 0, token);
            listed.addAll(page.getMeterValuesList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        assertThat(listed).isEqualTo(all);
    }

    @Test
    void whatACallHoldsIsBounded() throws Exception {
        MeterValue.Builder many = MeterValue.newBuilder();
        for (int i = 0; i < 1000; i++) {
            many.addSampledValues(SampledValue.newBuilder().setMeasurand("m".repeat(250)));
        }
        MeterValue large = many.build();
        assertThatCall(() -> update("cs1", "tx1", large, large, large, large, large))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "The meter values of a call have at most 1048576 bytes")
                .isOfField("meter_values");
        MeterValue[] tooMany = new MeterValue[1001];
        Arrays.fill(tooMany, value("t", 1));
        assertThatCall(() -> update("cs1", "tx1", tooMany))
                .hasStatus(Code.INVALID_ARGUMENT, "A call has at most 1000 meter values")
                .isOfField("meter_values");
        many.addSampledValues(SampledValue.getDefaultInstance());
        assertThatCall(() -> update("cs1", "tx1", many.build()))
                .hasStatus(Code.INVALID_ARGUMENT, "A meter value has at most 1000 sampled values");
        MeterValue.Builder small = MeterValue.newBuilder();
        for (int i = 0; i < 1000; i++) {
            small.addSampledValues(SampledValue.getDefaultInstance());
        }
        MeterValue[] crowd = new MeterValue[12];
        Arrays.fill(crowd, small.build());
        assertThatCall(() -> update("cs1", "tx1", crowd))
                .hasStatus(
                        Code.INVALID_ARGUMENT, "all lists of a request together have at most 12000")
                .isOfField("meter_values.sampled_values");
        assertThatCall(() -> update("cs1", "a".repeat(256)))
                .hasStatus(Code.INVALID_ARGUMENT, "Transaction ID has at most 255 characters")
                .isOfField("transaction_id");
        assertThatCall(() -> update("cs1", "a\tb"))
                .hasStatus(
                        Code.INVALID_ARGUMENT,
                        "Transaction ID must not contain control characters");
        assertThatCall(() -> update("cs1", ""))
                .hasStatus(Code.INVALID_ARGUMENT, "Transaction ID cannot be empty");
        assertThatCall(() -> update("cs1", "tx1", value("a\0b", 1)))
                .hasStatus(Code.INVALID_ARGUMENT, "must not contain the character U+0000")
                .isOfField("meter_values[0].timestamp");
        assertThatCall(
                        () ->
                                update(
                                        "cs1",
                                        "tx1",
                                        MeterValue.newBuilder()
                                                .addSampledValues(
                                                        SampledValue.newBuilder().setPhase("\0"))
                                                .build()))
                .hasStatus(Code.INVALID_ARGUMENT, "Phase must not contain control characters")
                .isOfField("meter_values[0].sampled_values[0].phase");
        assertThat(find("cs1", "tx1").hasTransaction()).isFalse();

        update("cs1", "tx1", value("t", 1));
        try (Connection connection = service.connect();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "UPDATE charging_transactions SET meter_value_count = 1000000 WHERE organization_id = '"
                            + organization
                            + "'");
        }
        update("cs1", "tx1");
        assertThatCall(() -> update("cs1", "tx1", value("t", 2)))
                .hasStatus(
                        Code.RESOURCE_EXHAUSTED, "A transaction has at most 1000000 meter values")
                .hasReason(
                        "TOO_MANY_METER_VALUES",
                        Map.of("charge_station_id", "cs1", "transaction_id", "tx1"));
        assertThat(find("cs1", "tx1").getTransaction().getUpdatedSeqNoCount()).isEqualTo(2);
    }

    @Test
    void anOrganizationThatIsNotThereOrIsDeletedGetsNothing() {
        create("cs1", "tx1", "token", "RFID", 1, false);
        service.organizations()
                .deleteOrganization(
                        DeleteOrganizationRequest.newBuilder()
                                .setOrganizationId(organization)
                                .build());
        assertThatCall(() -> update("cs1", "tx1"))
                .hasStatus(
                        Code.FAILED_PRECONDITION,
                        "Cannot create transaction for deleted organization");
        assertThat(find("cs1", "tx1").hasTransaction()).isTrue();

        organization = "nosuchorganization";
        assertThatCall(() -> create("cs1", "tx1", "token", "RFID", 1, false))
                .hasStatus(Code.NOT_FOUND, "Organization not found: nosuchorganization");
        assertThatCall(() -> update("cs1", "tx1")).hasStatus(Code.NOT_FOUND);
        assertThatCall(() -> end("cs1", "tx1", "token", "RFID", 1)).hasStatus(Code.NOT_FOUND);
        assertThat(find("cs1", "tx1").hasTransaction()).isFalse();
    }

    /** The middle one of many times, taken in turns: reading all there is would take tens of ms. */
    @Test
    void whatATransactionCostsDoesNotGrowWithItsMeterValues() {
        update("cs1", "small", value("t", 1), value("t", 2));
        MeterValue[] thousand = new MeterValue[1000];
        Arrays.fill(thousand, value("t", 1));
        for (int i = 0; i < 20; i++) {
            update("cs1", "large", thousand);
        }
        assertThat(find("cs1", "large").getTransaction().getMeterValueCount()).isEqualTo(20_000);

        List<Long> small = new ArrayList<>();
        List<Long> large = new ArrayList<>();
        for (int i = 0; i < 51; i++) {
            small.add(nanosOfCalls("small"));
            large.add(nanosOfCalls("large"));
        }
        Collections.sort(small);
        Collections.sort(large);
        assertThat(large.get(25)).isLessThan(2 * small.get(25) + TimeUnit.MILLISECONDS.toNanos(5));
    }

    private long nanosOfCalls(String transaction) {
        long begin = System.nanoTime();
        update("cs1", transaction, value("t", 3));
        find("cs1", transaction);
        values("cs1", transaction, 2, "");
        return System.nanoTime() - begin;
    }

    // Requests

    private static MeterValue value(String time, double number) {
        return MeterValue.newBuilder()
                .setTimestamp(time)
                .addSampledValues(
                        SampledValue.newBuilder()
                                .setMeasurand("Energy.Active.Import.Register")
                                .setValue(number))
                .build();
    }

    private void create(
            String station,
            String transaction,
            String token,
            String type,
            long seqNo,
            boolean offline,
            MeterValue... values) {
        transactions.createTransaction(
                CreateTransactionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .setTransactionId(transaction)
                        .setIdToken(token)
                        .setTokenType(type)
                        .addAllMeterValues(List.of(values))
                        .setSeqNo(seqNo)
                        .setOffline(offline)
                        .build());
    }

    private void update(String station, String transaction, MeterValue... values) {
        transactions.updateTransaction(
                UpdateTransactionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .setTransactionId(transaction)
                        .addAllMeterValues(List.of(values))
                        .build());
    }

    private void end(
            String station,
            String transaction,
            String token,
            String type,
            long seqNo,
            MeterValue... values) {
        transactions.endTransaction(
                EndTransactionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .setTransactionId(transaction)
                        .setIdToken(token)
                        .setTokenType(type)
                        .addAllMeterValues(List.of(values))
                        .setSeqNo(seqNo)
                        .build());
    }

    private FindTransactionResponse find(String station, String transaction) {
        return transactions.findTransaction(
                FindTransactionRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .setTransactionId(transaction)
                        .build());
    }

    /** All pages, of two each. */
    private List<Transaction> list() {
        List<Transaction> all = new ArrayList<>();
        String token = "";
        do {
            ListTransactionsResponse page =
                    transactions.listTransactions(
                            ListTransactionsRequest.newBuilder()
                                    .setOrganizationId(organization)
                                    .setPageSize(2)
                                    .setPageToken(token)
                                    .build());
            all.addAll(page.getTransactionsList());
            token = page.getNextPageToken();
        } while (!token.isEmpty());
        return all;
    }

    private List<MeterValue> values(String station, String transaction) {
        ListMeterValuesResponse page = values(station, transaction, 1000, "");
        assertThat(page.getNextPageToken()).isEmpty();
        return page.getMeterValuesList();
    }

    private ListMeterValuesResponse values(
            String station, String transaction, int size, String token) {
        return transactions.listMeterValues(
                ListMeterValuesRequest.newBuilder()
                        .setOrganizationId(organization)
                        .setChargeStationId(station)
                        .setTransactionId(transaction)
                        .setPageSize(size)
                        .setPageToken(token)
                        .build());
    }
}
