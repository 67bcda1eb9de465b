package io.ponix.cli.resource;

import io.ponix.cli.program.CommandException;
import io.ponix.cli.program.OptionRange;
import io.ponix.proto.gateway.v1.Gateway;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a gateway is to be. What is not given stays as it is. */
final class GatewayOptions {

    private static final int MOST_DEVICES_PER_HOUR = 100_000;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "What people call it. Default: its broker's URL.")
    private String name;

    @Mixin private BrokerOptions broker;

    @Option(
            names = "--intake-preset",
            paramLabel = "NAME",
            description =
                    "What its messages mean: a preset, such as the-things-stack. Default, and '': the topic"
                            + " is ORGANIZATION/DEVICE, the payload the device's.")
    private String intakePreset;

    @Option(
            names = "--intake-file",
            paramLabel = "FILE",
            description =
                    "What its messages mean: an expression in CEL, as 'intake --expression' tries it.")
    private Path intakeFile;

    @Option(
            names = "--enrol-with",
            paramLabel = "ID",
            description =
                    "Devices that nobody registered are enrolled when they are heard, with this definition. Default, and '':"
                            + " none are.")
    private String definition;

    @Option(
            names = "--enrol-per-hour",
            paramLabel = "N",
            description = "At most so many devices within any hour, 1 to 100,000. Default: 100.")
    private Integer devicesPerHour;

    /** Whether what is given is a part of something that is sent as a whole. */
    boolean areOfAWhole() {
        return broker.areGiven() || definition != null || devicesPerHour != null;
    }

    /**
     * Refuses what cannot be meant of any gateway.
     *
     * @throws CommandException that names the option
     */
    void check() {
        if (intakePreset != null && intakeFile != null) {
            throw CommandException.calledWrongly(
                    "--intake-preset and --intake-file: which of them is meant?");
        }
        if (devicesPerHour != null) {
            OptionRange.check("--enrol-per-hour", devicesPerHour, 1, MOST_DEVICES_PER_HOUR);
        }
    }

    /**
     * What a gateway becomes; of the fields, those that are not set stay as they are.
     *
     * @param before what there is; empty for one that is created
     * @throws CommandException for an option that means nothing of this gateway, or a file that
     *     cannot be read
     */
    Gateway changes(Gateway before) {
        Gateway.Builder changes = Gateway.newBuilder();
        if (name != null) {
            changes.setName(name);
        }
        if (broker.areGiven()) {
            changes.setEmqxConfig(broker.on(before.getEmqxConfig()));
        }
        if (intakePreset != null) {
            changes.setIntakePreset(intakePreset);
        }
        if (intakeFile != null) {
            changes.setIntakeExpression(TextFile.read("--intake-file", intakeFile));
        }
        if (definition != null || devicesPerHour != null) {
            changes.setEnrolment(before.getEnrolment());
        }
        if (definition != null) {
            changes.getEnrolmentBuilder().setDefinitionId(definition);
        }
        if (devicesPerHour != null) {
            changes.getEnrolmentBuilder().setDevicesPerHour(devicesPerHour);
            if (changes.getEnrolment().getDefinitionId().isEmpty()) {
                throw CommandException.calledWrongly(
                        "--enrol-per-hour goes with --enrol-with: without a definition no device is"
                                + " enrolled");
            }
        }
        return changes.build();
    }
}
