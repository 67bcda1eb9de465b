package io.ponix.cli.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.ponix.cli.registry.DeviceRegistry;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.proto.envelope.v1.RawEnvelope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Devices of several models that send readings in turn. Without a rate the readings lie an interval
 * apart per device and end now, as a backlog would; with a rate they are sent, and occur, at that
 * pace.
 */
public final class Simulation {

    private final String organizationId;
    private final int devices;
    private final List<DeviceModel> models;

    /**
     * Sensors, whose envelopes are a row each.
     *
     * @param devices how many, at least 1
     */
    public Simulation(String organizationId, int devices) {
        this(organizationId, devices, DeviceModel.SENSORS);
    }

    private Simulation(String organizationId, int devices, List<DeviceModel> models) {
        this.organizationId = organizationId;
        this.devices = devices;
        this.models = models;
    }

    /**
     * The same, and every fifth device a meter whose envelopes are two rows each.
     *
     * @param devices how many, at least 1
     */
    public static Simulation withMeters(String organizationId, int devices) {
        List<DeviceModel> models = new ArrayList<>(DeviceModel.SENSORS);
        models.add(DeviceModel.WATER_METER);
        return new Simulation(organizationId, devices, models);
    }

    /**
     * Loggers that send seldom, and then blocks of many samples: envelopes of 1,000 rows each.
     *
     * @param devices how many, at least 1
     */
    public static Simulation ofLoggers(String organizationId, int devices) {
        return new Simulation(organizationId, devices, List.of(DeviceModel.POWER_QUALITY_LOGGER));
    }

    /**
     * The devices by name, each with its transform: what {@link DeviceRegistry#ensureDevices}
     * wants.
     */
    public Map<String, String> deviceTransforms() {
        Map<String, String> transforms = new LinkedHashMap<>();
        for (int device = 0; device < devices; device++) {
            DeviceModel model = model(device);
            transforms.put("%s %04d".formatted(model.label(), device + 1), model.transform());
        }
        return transforms;
    }

    /** The models take turns. */
    private DeviceModel model(int device) {
        return models.get(device % models.size());
    }

    /**
     * How many of the first readings are of devices whose envelopes become a number of rows, by
     * that number.
     *
     * @param readings published from the first one on
     */
    public Map<Integer, Long> readingsByRows(long readings) {
        Map<Integer, Long> byRows = new TreeMap<>();
        for (int device = 0; device < Math.min(devices, readings); device++) {
            long ofDevice = readings / devices + (device < readings % devices ? 1 : 0);
            byRows.merge(model(device).rows(), ofDevice, Long::sum);
        }
        return byRows;
    }

    /** The organization whose devices these are. */
    public String organizationId() {
        return organizationId;
    }

    /**
     * Publishes readings of registered devices in turn, without waiting for the last
     * acknowledgements.
     *
     * @param registered the devices of {@link #deviceTransforms}, in that order
     * @param from the number of the first reading to publish, from 0
     * @param to the number after the last to publish
     * @param envelopes how many readings the whole backlog has, of which these are a part
     * @param interval between two readings of a device, where no rate is given
     * @param ratePerSecond the pace, or 0 for as fast as the server takes them
     */
    public void publish(
            ReadingPublisher publisher,
            List<RegisteredDevice> registered,
            long from,
            long to,
            long envelopes,
            Duration interval,
            double ratePerSecond) {
        Instant now = Instant.now();
        long rounds = (envelopes + devices - 1) / devices;
        long started = System.nanoTime();
        for (long envelope = from; envelope < to; envelope++) {
            int device = (int) (envelope % devices);
            Instant occurredAt;
            if (ratePerSecond > 0) {
                long due = started + (long) ((envelope - from) * 1e9 / ratePerSecond);
                for (long early = due - System.nanoTime();
                        early > 0;
                        early = due - System.nanoTime()) {
                    LockSupport.parkNanos(early);
                }
                occurredAt = Instant.now();
            } else {
                long round = envelope / devices;
                occurredAt =
                        now.minus(interval.multipliedBy(rounds - 1 - round)).minusMillis(device);
            }
            publisher.publish(reading(device, registered.get(device), occurredAt));
        }
    }

    /**
     * A reading of a device.
     *
     * @param device the device's number in the simulation, from 0
     * @param registered the device that sends it
     */
    public RawEnvelope reading(int device, RegisteredDevice registered, Instant occurredAt) {
        return RawEnvelope.newBuilder()
                .setOrganizationId(registered.organizationId())
                .setEndDeviceId(registered.id())
                .setPayload(ByteString.copyFrom(model(device).reading(device, occurredAt)))
                .setOccurredAt(
                        Timestamp.newBuilder()
                                .setSeconds(occurredAt.getEpochSecond())
                                .setNanos(occurredAt.getNano()))
                .setFPort(1 + device % 4)
                .build();
    }
}
