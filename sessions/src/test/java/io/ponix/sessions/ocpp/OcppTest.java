package io.ponix.sessions.ocpp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.ponix.sessions.EventType;
import io.ponix.sessions.Flag;
import io.ponix.sessions.MeterValue;
import io.ponix.sessions.Session;
import io.ponix.sessions.SessionEvent;
import io.ponix.sessions.SessionHistory;
import io.ponix.sessions.message.StationMessage;
import io.ponix.sessions.message.StationMessageReader;
import io.ponix.sessions.message.StationMessages;
import io.ponix.transforms.JsonBuffer;
import io.ponix.transforms.Transform;
import io.ponix.transforms.TransformCompiler;
import io.ponix.transforms.TransformInput;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** From what a station sends to what it comes to, by the transforms that come along. */
class OcppTest {

    private static final Instant RECEIVED = Instant.parse("2026-12-01T12:00:00Z");

    @Test
    void aSessionOfTwoZeroOne() throws Exception {
        SessionHistory history = new SessionHistory();
        for (StationMessage message :
                messages(
                        OcppVersion.V2_0_1,
                        "[2,'1','TransactionEvent',{'eventType':'Started','timestamp':'2026-12-01T10:00:00Z','triggerReason':'Authorized','seqNo':0,"
                                + "'transactionInfo':{'transactionId':'tx-1','chargingState':'Charging'},'idToken':{'idToken':'CARD','type':'ISO14443'},'evse':{'id':1,'connectorId':1},"
                                + "'meterValue':[{'timestamp':'2026-12-01T10:00:00Z','sampledValue':[{'value':100.0,'context':'Transaction.Begin','unitOfMeasure':{'unit':'kWh'}}]}]}]",
                        "[2,'2','TransactionEvent',{'eventType':'Updated','timestamp':'2026-12-01T10:30:00Z','triggerReason':'MeterValuePeriodic','seqNo':1,'offline':true,"
                                + "'transactionInfo':{'transactionId':'tx-1'},"
                                + "'meterValue':[{'timestamp':'2026-12-01T10:30:00Z','sampledValue':[{'value':150000},{'value':11000.5,'measurand':'Power.Active.Import','unitOfMeasure':{'unit':'W','multiplier':0}}]}]}]",
                        "[2,'3','TransactionEvent',{'eventType':'Ended','timestamp':'2026-12-01T11:00:00Z','triggerReason':'EVDeparted','seqNo':2,"
                                + "'transactionInfo':{'transactionId':'tx-1','stoppedReason':'EVDisconnected'},"
                                + "'meterValue':[{'timestamp':'2026-12-01T11:00:00Z','sampledValue':[{'value':200,'context':'Transaction.End','unitOfMeasure':{'unit':'Wh','multiplier':3}}]}]}]")) {
            assertThat(message)
                    .isInstanceOfSatisfying(
                            StationMessage.OfSession.class,
                            each -> {
                                assertThat(each.sessionId()).isEqualTo("tx-1");
                                history.add(each.event());
                            });
        }
        Session session = history.session();
        assertThat(session.energy()).contains(new BigDecimal("100000"));
        assertThat(session.isComplete()).isTrue();
        assertThat(session.token()).isEqualTo("CARD");
        assertThat(session.reason()).isEqualTo("EVDisconnected");
        assertThat(session.connector()).isEqualTo("1");
        assertThat(session.flags()).isEmpty();
        assertThat(session.meterValues()).hasSize(4);
    }

    @Test
    void aSessionOfOneSixHasItsIdByTheAnswer() throws Exception {
        List<StationMessage> messages =
                messages(
                        OcppVersion.V1_6,
                        "[2,'77','StartTransaction',{'connectorId':1,'idTag':'CARD','meterStart':1000,'timestamp':'2026-12-01T10:00:00Z'}]",
                        "[3,'77',{'transactionId':42,'idTagInfo':{'status':'Accepted'}}]",
                        "[2,'78','MeterValues',{'connectorId':1,'transactionId':42,'meterValue':[{'timestamp':'2026-12-01T10:30:00Z','sampledValue':[{'value':'1500','context':'Sample.Periodic','unit':'Wh'},{'value':'NaN','measurand':'Voltage'}]}]}]",
                        "[2,'79','StopTransaction',{'idTag':'CARD','meterStop':2000,'timestamp':'2026-12-01T11:00:00Z','transactionId':42,'reason':'Remote'}]");
        StationMessage.StartRequest start = (StationMessage.StartRequest) messages.get(0);
        assertThat(messages.get(1)).isEqualTo(new StationMessage.StartAnswer("77", "42"));
        assertThat(start.messageId()).isEqualTo("77");
        SessionHistory history = new SessionHistory();
        history.add(start.event());
        for (StationMessage message : messages.subList(2, 4)) {
            StationMessage.OfSession each = (StationMessage.OfSession) message;
            assertThat(each.sessionId()).isEqualTo("42");
            history.add(each.event());
        }
        Session session = history.session();
        assertThat(session.energy()).contains(new BigDecimal("1000"));
        assertThat(session.reason()).isEqualTo("Remote");
        assertThat(session.token()).isEqualTo("CARD");
        assertThat(session.connector()).isEqualTo("1");
        assertThat(session.start()).contains(Instant.parse("2026-12-01T10:00:00Z"));
        assertThat(session.flags()).isEmpty();
    }

    /** Some write what there is not. */
    @Test
    void nullIsAsIfItWereNotThere() throws Exception {
        assertThat(
                        messages(
                                OcppVersion.V2_0_1,
                                "[2,'1','TransactionEvent',{'eventType':'Ended','timestamp':'2026-12-01T11:00:00Z','triggerReason':'EVDeparted','seqNo':2,'offline':null,"
                                        + "'transactionInfo':{'transactionId':'tx','stoppedReason':null},'idToken':null,'evse':null,'meterValue':null}]"))
                .isEqualTo(
                        messages(
                                OcppVersion.V2_0_1,
                                "[2,'1','TransactionEvent',{'eventType':'Ended','timestamp':'2026-12-01T11:00:00Z','triggerReason':'EVDeparted','seqNo':2,"
                                        + "'transactionInfo':{'transactionId':'tx'}}]"));
        String sampled =
                "'meterValue':[{'timestamp':'2026-12-01T10:30:00Z','sampledValue':[{'value':1,'measurand':null,'phase':null,'unitOfMeasure':null,'unit':null}]}]}]";
        List<StationMessage> reading =
                List.of(
                        new StationMessage.Reading(
                                "1",
                                List.of(
                                        MeterValue.register(
                                                Instant.parse("2026-12-01T10:30:00Z"),
                                                MeterValue.PERIODIC,
                                                1))));
        assertThat(messages(OcppVersion.V2_0_1, "[2,'1','MeterValues',{'evseId':1," + sampled))
                .isEqualTo(reading);
        assertThat(
                        messages(
                                OcppVersion.V1_6,
                                "[2,'1','MeterValues',{'connectorId':1,'transactionId':null,"
                                        + sampled))
                .isEqualTo(reading);
        assertThat(
                        messages(
                                OcppVersion.V1_6,
                                "[2,'1','StopTransaction',{'idTag':null,'meterStop':5,'timestamp':'2026-12-01T11:00:00Z','transactionId':9,'reason':null,'transactionData':null}]"))
                .hasSize(1);
    }

    /** It gives none, and says so by 0 or -1. */
    @Test
    void aSystemThatRefusesAStartGivesItNoSession() throws Exception {
        for (String id : List.of("0", "-1", "null")) {
            assertThat(
                            row(
                                            OcppVersion.V1_6,
                                            "[3,'1',{'transactionId':"
                                                    + id
                                                    + ",'idTagInfo':{'status':'Blocked'}}]")
                                    .has("session"))
                    .isFalse();
        }
    }

    @Test
    void whatIsOfNoSessionIsAReading() throws Exception {
        String values =
                "'meterValue':[{'timestamp':'2026-12-01T10:30:00Z','sampledValue':[{'value':'1500'}]}]}]";
        List<MeterValue> expected =
                List.of(
                        MeterValue.register(
                                Instant.parse("2026-12-01T10:30:00Z"), MeterValue.PERIODIC, 1500));
        assertThat(
                        messages(
                                OcppVersion.V1_6,
                                "[2,'1','MeterValues',{'connectorId':2," + values,
                                "[2,'2','MeterValues',{'connectorId':2,'transactionId':-1,"
                                        + values))
                .containsOnly(new StationMessage.Reading("2", expected));
        assertThat(messages(OcppVersion.V2_0_1, "[2,'1','MeterValues',{'evseId':2," + values))
                .containsExactly(new StationMessage.Reading("2", expected));
    }

    @Test
    void aStationThatWentOnReleasesItsConnectors() throws Exception {
        Instant at = Instant.parse("2026-12-01T10:30:00Z");
        assertThat(
                        messages(
                                OcppVersion.V1_6,
                                "[2,'1','StatusNotification',{'connectorId':2,'errorCode':'NoError','status':'Available','timestamp':'2026-12-01T10:30:00Z'}]",
                                "[2,'2','BootNotification',{'chargePointModel':'M','chargePointVendor':'V'}]"))
                .containsExactly(
                        new StationMessage.Release(at, "2"),
                        new StationMessage.Release(RECEIVED, ""));
        assertThat(
                        messages(
                                OcppVersion.V2_0_1,
                                "[2,'1','StatusNotification',{'timestamp':'2026-12-01T10:30:00Z','connectorStatus':'Available','evseId':2,'connectorId':1}]",
                                "[2,'2','BootNotification',{'reason':'PowerUp','chargingStation':{'model':'M','vendorName':'V'}}]"))
                .containsExactly(
                        new StationMessage.Release(at, "2"),
                        new StationMessage.Release(RECEIVED, ""));
    }

    @Test
    void allElseIsARowWithoutASession() throws Exception {
        for (OcppVersion version : OcppVersion.values()) {
            assertThat(row(version, "[2,'1','Heartbeat',{}]"))
                    .isEqualTo(json("{'action':'Heartbeat','request':{}}"));
            // As docs/charging.md has it.
            assertThat(row(version, "[2,'7','BootNotification',{'reason':'PowerUp'}]"))
                    .isEqualTo(
                            json(
                                    "{'action':'BootNotification','request':{'reason':'PowerUp'},'session':{'type':'released'}}"));
            assertThat(row(version, "[3,'1',{'currentTime':'2026-12-01T10:00:00Z'}]"))
                    .isEqualTo(
                            json(
                                    "{'answer_to':'1','answer':[{'currentTime':'2026-12-01T10:00:00Z'}]}"));
            assertThat(row(version, "[4,'1','InternalError','went wrong',{}]"))
                    .isEqualTo(json("{'answer_to':'1','answer':[{}]}"));
        }
        assertThat(
                        row(
                                        OcppVersion.V1_6,
                                        "[2,'1','StatusNotification',{'connectorId':0,'errorCode':'NoError','status':'Available'}]")
                                .has("session"))
                .isFalse();
    }

    @Test
    void aStopOfAnUnknownSessionIsKeptApart() throws Exception {
        SessionEvent stop =
                ((StationMessage.OfSession)
                                messages(
                                                OcppVersion.V1_6,
                                                "[2,'1','StopTransaction',{'meterStop':2000,'timestamp':'2026-12-01T11:00:00Z','transactionId':9}]")
                                        .get(0))
                        .event();
        assertThat(stop.type()).isEqualTo(EventType.ENDED);
        assertThat(stop.sequence()).isEqualTo(OptionalLong.empty());
        SessionHistory history = new SessionHistory();
        history.add(stop);
        assertThat(history.session().energy()).isEmpty();
        assertThat(history.session().flags())
                .contains(Flag.START_MISSING, Flag.BEGIN_VALUE_MISSING);
    }

    private static List<StationMessage> messages(OcppVersion version, String... frames)
            throws Exception {
        List<StationMessage> messages = new ArrayList<>();
        for (String frame : frames) {
            StationMessages read =
                    StationMessageReader.read(
                            row(version, frame).path(StationMessageReader.KEY), RECEIVED);
            assertThat(read.refusals()).as(frame).isEmpty();
            read.messages().forEach(each -> messages.add(each.message()));
        }
        return messages;
    }

    private static JsonNode row(OcppVersion version, String frame) throws Exception {
        Transform transform = TransformCompiler.create().compile(version.expression());
        JsonBuffer out = new JsonBuffer();
        transform.evaluate(
                new TransformInput()
                        .setPayload(frame.replace('\'', '"').getBytes(StandardCharsets.UTF_8)),
                out);
        return new ObjectMapper()
                .readTree(new String(out.array(), 0, out.length(), StandardCharsets.UTF_8));
    }

    private static JsonNode json(String text) throws Exception {
        return new ObjectMapper().readTree(text.replace('\'', '"'));
    }
}
