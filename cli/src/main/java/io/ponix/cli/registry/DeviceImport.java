package io.ponix.cli.registry;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.ponix.cli.registry.DeviceRecord.Column;
import io.ponix.cli.terminal.TerminalText;
import io.ponix.proto.end_device.v1.BatchCreateEndDevicesRequest;
import io.ponix.proto.end_device.v1.BatchUpdateEndDevicesRequest;
import io.ponix.proto.end_device.v1.CreateEndDeviceRequest;
import io.ponix.proto.end_device.v1.EndDevice;
import io.ponix.proto.end_device.v1.ListEndDevicesRequest;
import io.ponix.proto.end_device.v1.UpdateEndDeviceRequest;
import io.ponix.proto.envelope.ExternalId;
import io.ponix.registry.Labels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes the devices of an organization those of a file: what is not there is created, what differs
 * in a column that the file has is changed, what is as it is stays, and nothing is deleted. So it
 * may be repeated. A device is known again by its {@code device_id} where the file has one, else by
 * its external id; a second line of one is refused. What the service refuses is left out, and the
 * rest is done.
 */
final class DeviceImport {

    private static final int BATCH = 500;

    /** Answers have what was sent, and more than this the service refuses to answer. */
    private static final int LONGEST_BATCH = 1 << 20;

    /** What a device's answer has beside its columns. */
    private static final int BESIDE = 300;

    private static final Pattern PLACE = Pattern.compile("^requests\\[(\\d+)]");

    private final EndDevices devices;
    private final String organization;
    private final Consumer<String> refusals;
    private final Consumer<Integer> progress;

    private int created;
    private int changed;
    private int unchanged;
    private int refused;
    private int done;

    /** Of those that are not refused, the lines of what each is known by. */
    private final Map<String, Long> linesOfDevices = new HashMap<>();

    private final Map<String, Long> linesOfExternalIds = new HashMap<>();

    /** The most that are sent at once: fewer after a refusal, which costs a call of all of them. */
    private int mostAtOnce = BATCH;

    /**
     * @param refusals is given a line for each device that the service refuses
     * @param progress is given how many lines of the file are done
     */
    DeviceImport(
            EndDevices devices,
            String organization,
            Consumer<String> refusals,
            Consumer<Integer> progress) {
        this.devices = devices;
        this.organization = organization;
        this.refusals = refusals;
        this.progress = progress;
    }

    /** What came of it, in devices. */
    record Result(int created, int changed, int unchanged, int refused) {}

    Result run(List<DeviceRecord> records) {
        Map<String, EndDevice> byId = new HashMap<>();
        Map<String, EndDevice> byExternalId = new HashMap<>();
        devices.list(ListEndDevicesRequest.newBuilder().setOrganizationId(organization).build())
                .forEachRemaining(
                        device -> {
                            byId.put(device.getDeviceId(), device);
                            if (!device.getExternalId().isEmpty()) {
                                byExternalId.put(device.getExternalId(), device);
                            }
                        });
        List<DeviceRecord> missing = new ArrayList<>();
        List<Change> changes = new ArrayList<>();
        for (DeviceRecord record : records) {
            String id = record.text(Column.DEVICE_ID);
            String externalId = ExternalId.normal(record.text(Column.EXTERNAL_ID));
            EndDevice known = id.isEmpty() ? byExternalId.get(externalId) : byId.get(id);
            Optional<String> problem =
                    problem(record).or(() -> repetition(record, externalId, known));
            if (problem.isPresent()) {
                refuse(record, problem.get());
            } else if (known == null) {
                missing.add(record);
            } else if (differs(record, known)) {
                changes.add(new Change(record, known));
            } else {
                unchanged++;
                done(1);
            }
        }
        created = inBatches(missing, record -> record, this::create);
        changed = inBatches(changes, Change::record, this::change);
        return new Result(created, changed, unchanged, refused);
    }

    /** Why a line is of no device, whatever the service says. */
    private static Optional<String> problem(DeviceRecord record) {
        if (record.text(Column.DEVICE_ID).isEmpty()
                && ExternalId.normal(record.text(Column.EXTERNAL_ID)).isEmpty()) {
            return Optional.of("it has neither an external_id nor a device_id");
        }
        try {
            record.labels();
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("labels: " + e.getMessage());
        }
    }

    /**
     * Why a line is one too many: it is of the device of an earlier one. Both done, each would undo
     * the other whenever the file is imported.
     *
     * @param externalId in its normal form; empty where the line has none
     * @param known null where there is no such device yet
     */
    private Optional<String> repetition(DeviceRecord record, String externalId, EndDevice known) {
        String id = known == null ? record.text(Column.DEVICE_ID) : known.getDeviceId();
        Long ofExternalId = linesOfExternalIds.get(externalId);
        if (ofExternalId != null) {
            return Optional.of("an earlier line has the same external_id: line " + ofExternalId);
        }
        Long ofDevice = linesOfDevices.get(id);
        if (ofDevice != null) {
            return Optional.of(
                    "an earlier line is of the same device, " + id + ": line " + ofDevice);
        }
        if (!externalId.isEmpty()) {
            linesOfExternalIds.put(externalId, record.line());
        }
        if (!id.isEmpty()) {
            linesOfDevices.put(id, record.line());
        }
        return Optional.empty();
    }

    private record Change(DeviceRecord record, EndDevice known) {}

    private static boolean differs(DeviceRecord record, EndDevice known) {
        for (Column column : Column.values()) {
            Optional<String> wanted = record.value(column);
            if (column == Column.EXTERNAL_ID) {
                wanted = wanted.map(ExternalId::normal);
            }
            if (column == Column.LABELS) {
                wanted = wanted.map(cell -> Labels.cell(record.labels()));
            }
            if (column != Column.DEVICE_ID
                    && wanted.isPresent()
                    && !wanted.get().equals(column.of(known))) {
                return true;
            }
        }
        return false;
    }

    private void create(List<DeviceRecord> batch) {
        BatchCreateEndDevicesRequest.Builder request =
                BatchCreateEndDevicesRequest.newBuilder().setOrganizationId(organization);
        for (DeviceRecord record : batch) {
            String externalId = record.text(Column.EXTERNAL_ID);
            request.addRequests(
                    CreateEndDeviceRequest.newBuilder()
                            .setOrganizationId(organization)
                            .setDeviceId(record.text(Column.DEVICE_ID))
                            .setExternalId(externalId)
                            .setName(record.value(Column.NAME).orElse(externalId))
                            .setDefinitionId(record.text(Column.DEFINITION_ID))
                            .setPayloadConversion(record.text(Column.PAYLOAD_CONVERSION))
                            .setGatewayId(record.text(Column.GATEWAY_ID))
                            .setDescription(record.text(Column.DESCRIPTION))
                            .putAllLabels(record.labels()));
        }
        devices.create(request.build());
    }

    private void change(List<Change> batch) {
        BatchUpdateEndDevicesRequest.Builder request = BatchUpdateEndDevicesRequest.newBuilder();
        for (Change change : batch) {
            UpdateEndDeviceRequest.Builder each =
                    UpdateEndDeviceRequest.newBuilder().setDeviceId(change.known().getDeviceId());
            DeviceRecord record = change.record();
            record.value(Column.NAME).ifPresent(each::setName);
            record.value(Column.EXTERNAL_ID).ifPresent(each::setExternalId);
            record.value(Column.DEFINITION_ID).ifPresent(each::setDefinitionId);
            record.value(Column.PAYLOAD_CONVERSION).ifPresent(each::setPayloadConversion);
            record.value(Column.GATEWAY_ID).ifPresent(each::setGatewayId);
            record.value(Column.DESCRIPTION).ifPresent(each::setDescription);
            each.putAllLabels(record.labels());
            for (Column column : record.values().keySet()) {
                if (column != Column.DEVICE_ID) {
                    each.getUpdateMaskBuilder().addPaths(column.heading());
                }
            }
            request.addRequests(each);
        }
        devices.update(request.build());
    }

    /** Does all but those that are refused, and returns how many that are. */
    private <T> int inBatches(
            List<T> all, Function<T, DeviceRecord> record, Consumer<List<T>> step) {
        int accepted = 0;
        int next = 0;
        int end = endOfBatch(all, next, record);
        while (next < all.size()) {
            try {
                step.accept(all.subList(next, end));
                accepted += end - next;
                done(end - next);
                next = end;
                mostAtOnce = Math.min(BATCH, 2 * mostAtOnce);
                end = endOfBatch(all, next, record);
            } catch (StatusRuntimeException e) {
                int place = placeOf(e).orElseThrow(() -> e);
                mostAtOnce = Math.max(1, mostAtOnce / 2);
                if (place > 0) {
                    // Those before it first: what was accepted once is not sent again.
                    end = next + place;
                } else {
                    refuse(record.apply(all.get(next)), withoutPlace(e.getStatus()));
                    next++;
                    end = endOfBatch(all, next, record);
                }
            }
        }
        return accepted;
    }

    private <T> int endOfBatch(List<T> all, int first, Function<T, DeviceRecord> record) {
        int end = first;
        long length = 0;
        while (end < all.size() && end - first < mostAtOnce) {
            length += BESIDE;
            for (String value : record.apply(all.get(end)).values().values()) {
                // In UTF-8 a character is of three bytes at most.
                length += 3L * value.length();
            }
            if (end > first && length > LONGEST_BATCH) {
                break;
            }
            end++;
        }
        return end;
    }

    private void refuse(DeviceRecord record, String why) {
        refused++;
        String name =
                record.text(Column.EXTERNAL_ID).isEmpty()
                        ? record.text(Column.DEVICE_ID)
                        : record.text(Column.EXTERNAL_ID);
        refusals.accept(
                TerminalText.escaped(
                        "line "
                                + record.line()
                                + (name.isEmpty() ? "" : " (" + name + ")")
                                + ": "
                                + why));
        done(1);
    }

    private void done(int more) {
        done += more;
        progress.accept(done);
    }

    private static String withoutPlace(Status status) {
        // A line for each, also of what comes with its source.
        String text =
                status.getDescription() == null
                        ? ""
                        : status.getDescription()
                                .lines()
                                .map(String::strip)
                                .collect(Collectors.joining(" "));
        return PLACE.matcher(text).find() ? text.substring(text.indexOf(": ") + 2) : text;
    }

    /** Which of a batch was refused; empty where it is not about one. */
    private static OptionalInt placeOf(StatusRuntimeException refusal) {
        com.google.rpc.Status status = StatusProto.fromThrowable(refusal);
        if (status == null) {
            return OptionalInt.empty();
        }
        try {
            for (Any detail : status.getDetailsList()) {
                String part = "";
                if (detail.is(ErrorInfo.class)) {
                    part = detail.unpack(ErrorInfo.class).getMetadataOrDefault("part", "");
                } else if (detail.is(BadRequest.class)) {
                    part = firstField(detail.unpack(BadRequest.class));
                }
                Matcher place = PLACE.matcher(part);
                if (place.find()) {
                    return OptionalInt.of(Integer.parseInt(place.group(1)));
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("what was packed can be unpacked", e);
        }
        return OptionalInt.empty();
    }

    private static String firstField(BadRequest request) {
        return request.getFieldViolationsCount() == 0
                ? ""
                : request.getFieldViolations(0).getField();
    }
}
