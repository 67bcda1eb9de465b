package io.ponix.transforms.functions;

import static io.ponix.transforms.functions.Expressions.error;
import static io.ponix.transforms.functions.Expressions.json;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MBusFunctionsTest {

    @ParameterizedTest
    @CsvSource({
        // Type G
        "413b, 2026-11-01T00:00:00Z",
        "bf1c, 2013-12-31T00:00:00Z",
        "21a1, 1981-01-01T00:00:00Z",
        "01a1, 2080-01-01T00:00:00Z",
        // Type F
        "06334133, 2026-03-01T19:06:00Z",
        "0f0a323c, 2025-12-18T10:15:00Z",
        "172ecc13, 2014-03-12T14:23:00Z",
        "0000a1a1, 1985-01-01T00:00:00Z",
        "00804133, 2026-03-01T00:00:00Z",
        // Type I
        "1e8f0a323c00, ",
        "1e0f0a323c00, 2025-12-18T10:15:30Z",
        "5e4fea323cff, 2025-12-18T10:15:30Z",
    })
    void readsDates(String bytes, String expected) throws Exception {
        if (expected == null) {
            assertThat(error("mbus_date(input)", bytes)).contains("its time is invalid");
        } else {
            assertThat(json("mbus_date(input)", bytes)).isEqualTo("\"" + expected + "\"");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|mbus_date: a date has 2, 4 or 6 bytes (types G, F and I), not 0",
                "010203|mbus_date: a date has 2, 4 or 6 bytes (types G, F and I), not 3",
                "0000|mbus_date: 0000 is no date: Invalid value for MonthOfYear",
                "ffff|mbus_date: ffff is no date: a year of 127",
                "5e32|mbus_date: 5e32 is no date: Invalid date 'FEBRUARY 30'",
                "86334133|mbus_date: 86334133 is no date: the meter says that its time is invalid",
                "3c334133|mbus_date: 3c334133 is no date: Invalid value for MinuteOfHour",
                "06384133|mbus_date: 06384133 is no date: Invalid value for HourOfDay",
            })
    void refusesWhatIsNoDate(String bytes, String message) {
        assertThat(error("mbus_date(input)", bytes)).startsWith(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``|[]",
                "2f2f2f|[]",
                // Elvaco CMi4110
                "0c0635418900|[[\"energy\",\"Wh\",894135000.0,\"instantaneous\",0,0,0,[],\"0c06\",\"\"]]",
                "0c1495156002|[[\"volume\",\"m3\",26015.95,\"instantaneous\",0,0,0,[],\"0c14\",\"\"]]",
                "0b2d240200|[[\"power\",\"W\",22400.0,\"instantaneous\",0,0,0,[],\"0b2d\",\"\"]]",
                "0b3b510600|[[\"volume_flow\",\"m3/h\",0.651,\"instantaneous\",0,0,0,[],\"0b3b\",\"\"]]",
                "0a5a0708|[[\"flow_temperature\",\"°C\",80.7,\"instantaneous\",0,0,0,[],\"0a5a\",\"\"]]",
                "0a5e0705|[[\"return_temperature\",\"°C\",50.7,\"instantaneous\",0,0,0,[],\"0a5e\",\"\"]]",
                "0c7898979670|[[\"fabrication_number\",\"\",70969798,\"instantaneous\",0,0,0,[],\"0c78\",\"\"]]",
                "02fd170000|[[\"error_flags\",\"\",0,\"instantaneous\",0,0,0,[],\"02fd17\",\"\"]]",
                "0424d109a301|[[\"operating_time\",\"s\",27462097,\"instantaneous\",0,0,0,[],\"0424\",\"\"]]",
                "0126ff|[[\"operating_time\",\"s\",-3600,\"instantaneous\",0,0,0,[],\"0126\",\"\"]]",
                "046d06334133|[[\"date_time\",\"\",\"2026-03-01T19:06:00Z\",\"instantaneous\",0,0,0,[],\"046d\",\"\"]]",
                "426cbf1c|[[\"date\",\"\",\"2013-12-31T00:00:00Z\",\"instantaneous\",1,0,0,[],\"426c\",\"\"]]",
                "066d1e0f0a323c00|[[\"date_time\",\"\",\"2025-12-18T10:15:30Z\",\"instantaneous\",0,0,0,[],\"066d\",\"\"]]",
                "036d1e0f0a|[[\"date_time\",\"\",\"10:15:30\",\"instantaneous\",0,0,0,[],\"036d\",\"\"]]",
                // Function, storage, tariff and subunit
                "140355000000|[[\"energy\",\"Wh\",85.0,\"maximum\",0,0,0,[],\"1403\",\"\"]]",
                "240355000000340355000000|[[\"energy\",\"Wh\",85.0,\"minimum\",0,0,0,[],\"2403\",\"\"],[\"energy\",\"Wh\",85.0,\"error\",0,0,0,[],\"3403\",\"\"]]",
                "c4320364000000|[[\"energy\",\"Wh\",100.0,\"instantaneous\",5,3,0,[],\"c43203\",\"\"]]",
                "c4f2410364000000|[[\"energy\",\"Wh\",100.0,\"instantaneous\",37,3,3,[],\"c4f24103\",\"\"]]",
                "8480401110270000|[[\"volume\",\"m3\",0.1,\"instantaneous\",0,0,2,[],\"84804011\",\"\"]]",
                // Every size of number
                "01030a|[[\"energy\",\"Wh\",10.0,\"instantaneous\",0,0,0,[],\"0103\",\"\"]]",
                "0203feff|[[\"energy\",\"Wh\",-2.0,\"instantaneous\",0,0,0,[],\"0203\",\"\"]]",
                "030301feff|[[\"energy\",\"Wh\",-511.0,\"instantaneous\",0,0,0,[],\"0303\",\"\"]]",
                "05030000ac41|[[\"energy\",\"Wh\",21.5,\"instantaneous\",0,0,0,[],\"0503\",\"\"]]",
                "0603feffffffffff|[[\"energy\",\"Wh\",-2.0,\"instantaneous\",0,0,0,[],\"0603\",\"\"]]",
                "0703ffffffffffffff7f|[[\"energy\",\"Wh\",9223372036854776000.0,\"instantaneous\",0,0,0,[],\"0703\",\"\"]]",
                "090312|[[\"energy\",\"Wh\",12.0,\"instantaneous\",0,0,0,[],\"0903\",\"\"]]",
                "0903f2|[[\"energy\",\"Wh\",-2.0,\"instantaneous\",0,0,0,[],\"0903\",\"\"]]",
                "0e03563412907856|[[\"energy\",\"Wh\",567890123456.0,\"instantaneous\",0,0,0,[],\"0e03\",\"\"]]",
                "02fd17ffff|[[\"error_flags\",\"\",65535,\"instantaneous\",0,0,0,[],\"02fd17\",\"\"]]",
                "07fd17ffffffffffffffff|[[\"error_flags\",\"\",18446744073709551615,\"instantaneous\",0,0,0,[],\"07fd17\",\"\"]]",
                // What is no value
                "0003|[[\"energy\",\"Wh\",null,\"instantaneous\",0,0,0,[],\"0003\",\"\"]]",
                "0803|[[\"energy\",\"Wh\",null,\"instantaneous\",0,0,0,[],\"0803\",\"\"]]",
                "0903fa|[[\"energy\",\"Wh\",null,\"instantaneous\",0,0,0,[],\"0903\",\"+g==\"]]",
                "09032f|[[\"energy\",\"Wh\",null,\"instantaneous\",0,0,0,[],\"0903\",\"Lw==\"]]",
                "02030080|[[\"energy\",\"Wh\",null,\"instantaneous\",0,0,0,[],\"0203\",\"AIA=\"]]",
                "05030000807f|[[\"energy\",\"Wh\",null,\"instantaneous\",0,0,0,[],\"0503\",\"AACAfw==\"]]",
                "026cffff|[[\"date\",\"\",null,\"instantaneous\",0,0,0,[],\"026c\",\"//8=\"]]",
                "016c01|[[\"date\",\"\",null,\"instantaneous\",0,0,0,[],\"016c\",\"AQ==\"]]",
                "0a6c1234|[[\"date\",\"\",null,\"instantaneous\",0,0,0,[],\"0a6c\",\"EjQ=\"]]",
                "056c0000803f|[[\"date\",\"\",null,\"instantaneous\",0,0,0,[],\"056c\",\"AACAPw==\"]]",
                "0d03c0|[[\"energy\",\"Wh\",null,\"instantaneous\",0,0,0,[],\"0d03\",\"wA==\"]]",
                "0727ffffffffffffff7f|[[\"operating_time\",\"s\",null,\"instantaneous\",0,0,0,[],\"0727\",\"/////////38=\"]]",
                // Variable length
                "0dfd1103434241|[[\"customer\",\"\",\"ABC\",\"instantaneous\",0,0,0,[],\"0dfd11\",\"\"]]",
                "0d03c23412|[[\"energy\",\"Wh\",1234.0,\"instantaneous\",0,0,0,[],\"0d03\",\"\"]]",
                "0d03d23412|[[\"energy\",\"Wh\",-1234.0,\"instantaneous\",0,0,0,[],\"0d03\",\"\"]]",
                "0d03e2feff|[[\"energy\",\"Wh\",-2.0,\"instantaneous\",0,0,0,[],\"0d03\",\"\"]]",
                "0d03e0|[[\"energy\",\"Wh\",\"\",\"instantaneous\",0,0,0,[],\"0d03\",\"\"]]",
                "0d03e9010203040506070809|[[\"energy\",\"Wh\",\"AQIDBAUGBwgJ\",\"instantaneous\",0,0,0,[],\"0d03\",\"\"]]",
                "0d03f0000102030405060708090a0b0c0d0e0f|[[\"energy\",\"Wh\",\"AAECAwQFBgcICQoLDA0ODw==\",\"instantaneous\",0,0,0,[],\"0d03\",\"\"]]",
                // Extensions of the value
                "02fb1a2102|[[\"relative_humidity\",\"%\",54.5,\"instantaneous\",0,0,0,[],\"02fb1a\",\"\"]]",
                "02fd482209|[[\"voltage\",\"V\",233.8,\"instantaneous\",0,0,0,[],\"02fd48\",\"\"]]",
                "04fb827564000000|[[\"reactive_energy\",\"varh\",10000.0,\"instantaneous\",0,0,0,[],\"04fb8275\",\"\"]]",
                "04937d64000000|[[\"volume\",\"m3\",100.0,\"instantaneous\",0,0,0,[],\"04937d\",\"\"]]",
                "04933c64000000|[[\"volume\",\"m3\",0.1,\"instantaneous\",0,0,0,[\"backward\"],\"04933c\",\"\"]]",
                "02fc0348522574d411|[[\"plain_text\",\"%RH\",45.64,\"instantaneous\",0,0,0,[],\"02fc0348522574\",\"\"]]",
                "04ff0101000000|[[\"manufacturer_specific\",\"\",1,\"instantaneous\",0,0,0,[],\"04ff01\",\"\"]]",
                "04a9ff0101000000|[[\"power\",\"W\",0.01,\"instantaneous\",0,0,0,[\"manufacturer_specific\"],\"04a9ff01\",\"\"]]",
                "04a9fc0101000000|[[\"power\",\"W\",0.01,\"instantaneous\",0,0,0,[\"phase_1\"],\"04a9fc01\",\"\"]]",
                "0293390000|[[\"volume\",\"\",null,\"instantaneous\",0,0,0,[\"start\"],\"029339\",\"AAA=\"]]",
                "0293490500|[[\"volume\",\"\",5,\"instantaneous\",0,0,0,[\"upper_limit_exceeded\"],\"029349\",\"\"]]",
                "0293520500|[[\"volume\",\"s\",18000,\"instantaneous\",0,0,0,[\"lower_limit_first_duration\"],\"029352\",\"\"]]",
                // A manufacturer's own
                "0f0102|[[\"manufacturer_specific\",\"\",\"AQI=\",\"instantaneous\",0,0,0,[],\"0f\",\"\"]]",
                "0f|[[\"manufacturer_specific\",\"\",\"\",\"instantaneous\",0,0,0,[],\"0f\",\"\"]]",
                "1f0102|[[\"manufacturer_specific\",\"\",\"AQI=\",\"instantaneous\",0,0,0,[\"more_follows\"],\"1f\",\"\"]]",
                "2f01272a0f|[[\"operating_time\",\"s\",3628800,\"instantaneous\",0,0,0,[],\"0127\",\"\"],[\"manufacturer_specific\",\"\",\"\",\"instantaneous\",0,0,0,[],\"0f\",\"\"]]",
            })
    void readsRecords(String telegram, String expected) throws Exception {
        assertThat(
                        json(
                                "mbus_decode(input).map(r, [r.quantity, r.unit, dyn(r.value), r.function,"
                                        + " r.storage, r.tariff, r.subunit, r[?'qualifiers'].orValue([]), r.header, r[?'raw'].orValue(b'')])",
                                telegram))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0c|it goes beyond the 1 byte there are",
                "0c06354189|it goes beyond the 5 bytes there are",
                "8c|it goes beyond the 1 byte there are",
                "0cfd|it goes beyond the 2 bytes there are",
                "0dfd11|it goes beyond the 3 bytes there are",
                "0dfd110541|it goes beyond the 5 bytes there are",
                "027c0541|it goes beyond the 4 bytes there are",
                "3f|the data information field 0x3f is none",
                "7f|the data information field 0x7f is none",
                "0d03ca|the length 0xca of a value of variable length is none",
                "0d03f7|the length 0xf7 of a value of variable length is none",
                "84808080808080808080800300|there are more than 10 extensions of the data",
                "0483808080808080808080800000|there are more than 10 extensions of the value",
            })
    void refusesWhatIsCutOff(String telegram, String message) {
        assertThat(error("mbus_decode(input)", telegram))
                .isEqualTo("mbus_decode: the record at offset 0 cannot be read: " + message);
        assertThat(error("mbus_decode(input)", "2f01032a" + telegram))
                .startsWith("mbus_decode: the record at offset 4 cannot be read: ");
    }

    @Test
    void whateverIsSentIsReadOrRefused() {
        SplittableRandom random = new SplittableRandom(13);
        for (int i = 0; i < 20_000; i++) {
            byte[] telegram = new byte[random.nextInt(1, 60)];
            random.nextBytes(telegram);
            assertThat(MessagePackReaderTest.outcome("mbus_decode(input)", telegram))
                    .as(HexFormat.of().formatHex(telegram))
                    .matches("read|mbus_decode: the record at offset \\d+ cannot be read: .*");
        }
    }

    @Test
    void recordsArePaidFor() {
        assertThat(error("mbus_decode(input).size()", new byte[400_000])).contains("functionWork");
    }
}
