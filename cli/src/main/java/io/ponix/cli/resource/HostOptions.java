package io.ponix.cli.resource;

import com.google.protobuf.FieldMask;
import io.ponix.proto.host.v1.UpdateHostRequest;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What there is to say of a host. */
final class HostOptions {

    @Option(
            names = "--address",
            paramLabel = "ADDRESS",
            description = "Its address, of IPv4 or IPv6.")
    private String address;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Its name: labels of letters, digits and '-', with dots between.")
    private String name;

    @Option(
            names = "--alias",
            paramLabel = "NAME",
            description =
                    "Another name; may be given several times. They replace those of before; '' for none.")
    private List<String> aliases;

    @Option(names = "--comment", paramLabel = "TEXT", description = "Anything, for people.")
    private String comment;

    @Option(
            names = "--tag",
            paramLabel = "TAG",
            description =
                    "A tag; may be given several times. They replace those of before; '' for none.")
    private List<String> tags;

    @Option(
            names = "--gateway",
            paramLabel = "ID",
            description = "The gateway that it is; '' for none.")
    private String gateway;

    @Option(
            names = "--device",
            paramLabel = "ID",
            description = "The device that it is; '' for none.")
    private String device;

    @Mixin private LabelChangeOptions labels;

    /** What was given. */
    UpdateHostRequest changes() {
        UpdateHostRequest.Builder request = UpdateHostRequest.newBuilder();
        FieldMask.Builder mask = FieldMask.newBuilder();
        if (address != null) {
            request.setIpAddress(address);
            mask.addPaths("ip_address");
        }
        if (name != null) {
            request.setHostname(name);
            mask.addPaths("hostname");
        }
        if (aliases != null) {
            request.addAllAliases(given(aliases));
            mask.addPaths("aliases");
        }
        if (comment != null) {
            request.setComment(comment);
            mask.addPaths("comment");
        }
        if (tags != null) {
            request.addAllTags(given(tags));
            mask.addPaths("tags");
        }
        if (gateway != null) {
            request.setGatewayId(gateway);
            mask.addPaths("gateway_id");
        }
        if (device != null) {
            request.setDeviceId(device);
            mask.addPaths("device_id");
        }
        labels.on(request);
        mask.addAllPaths(labels.paths());
        if (mask.getPathsCount() > 0) {
            request.setUpdateMask(mask);
        }
        return request.build();
    }

    private static List<String> given(List<String> texts) {
        return texts.equals(List.of("")) ? List.of() : texts;
    }
}
