package io.ponix.bench.load;

import io.ponix.cli.registry.DeviceRegistry;
import io.ponix.cli.registry.RegisteredDevice;
import io.ponix.cli.simulation.Simulation;
import io.ponix.cli.stack.StackAddresses;
import io.ponix.cli.terminal.ProgressLine;
import java.util.List;

/**
 * The registered devices of a simulation.
 *
 * @param simulation what they send
 * @param registered as the device service knows them
 */
public record Devices(Simulation simulation, List<RegisteredDevice> registered) {

    private static final String ORGANIZATION = "org-001";

    /** Registers devices. */
    public static Devices register(StackAddresses addresses, int count, ProgressLine progress) {
        Simulation simulation = new Simulation(ORGANIZATION, count);
        try (DeviceRegistry registry = new DeviceRegistry(addresses.deviceService())) {
            return new Devices(
                    simulation,
                    registry.ensureDevices(
                            ORGANIZATION,
                            simulation.deviceTransforms(),
                            ready ->
                                    progress.show(
                                            "registered %,d of %,d devices"
                                                    .formatted(ready, count))));
        }
    }
}
