package io.ponix.cli.command;

import io.ponix.cli.access.AccessKeys;
import io.ponix.proto.access.v1.Key;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code ponix key revoke}: revokes a key for good. */
@Command(
        name = "revoke",
        mixinStandardHelpOptions = true,
        description = "Revoke a key for good. It is refused everywhere within 5 seconds.")
final class KeyRevokeCommand implements Runnable {

    @Mixin private DeviceServiceOption service;

    @Parameters(index = "0", paramLabel = "KEY", description = "Its id, as in the list.")
    private String id;

    @Override
    public void run() {
        Key key;
        try (AccessKeys access = service.open()) {
            key = access.revoke(id);
        }
        System.out.println("Revoked the key " + key.getKeyId() + " (" + key.getName() + ").");
    }
}
