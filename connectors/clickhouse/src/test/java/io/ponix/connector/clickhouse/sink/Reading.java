package io.ponix.connector.clickhouse.sink;

/** What the tests write: the shape of a processed envelope. Mutable, as reused records are. */
public final class Reading {

    public String organization;
    public String device;
    public long occurredAtMillis;
    public String json;
    public long sequence;

    /** For Flink. */
    public Reading() {}

    static Reading of(long sequence, long occurredAtMillis) {
        Reading reading = new Reading();
        reading.organization = "org-" + sequence % 3;
        reading.device = "device-" + sequence % 17;
        reading.occurredAtMillis = occurredAtMillis;
        reading.json = "{\"temperature_1\":" + (sequence % 400) / 10.0 + "}";
        reading.sequence = sequence;
        return reading;
    }
}
