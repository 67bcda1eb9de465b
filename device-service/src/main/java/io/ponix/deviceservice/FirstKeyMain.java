package io.ponix.deviceservice;

import io.ponix.deviceservice.request.RequestException;
import io.ponix.environment.SecretFiles;
import io.ponix.migrations.PostgresMigrations;
import java.io.PrintStream;
import java.util.Map;

/**
 * Makes the operator's key, which makes all others, where there is no key yet. It asks the
 * database, with the settings of the service, and not the service.
 *
 * <p>Prints the key, and nothing else, to standard output. Exit status: 0, 1 when no key was made,
 * 2 when the arguments are wrong.
 */
public final class FirstKeyMain {

    private static final String USAGE =
            """
            Usage: java -cp ponix-device-service.jar io.ponix.deviceservice.FirstKeyMain NAME
            Makes the operator's key of that name where there is no key yet, and prints it: this once. It asks the
            database, with the settings of the service (PONIX_POSTGRES_...), and not the service.
            """;

    private FirstKeyMain() {}

    /** Makes the key. */
    public static void main(String[] arguments) {
        if (arguments.length != 1 || arguments[0].startsWith("-")) {
            boolean help = arguments.length == 1 && arguments[0].equals("--help");
            (help ? System.out : System.err).print(USAGE);
            System.exit(help ? 0 : 2);
        }
        PrintStream output = System.out;
        // What is logged goes there; nothing was yet.
        System.setOut(System.err);
        try {
            Map<String, String> environment = SecretFiles.resolve(System.getenv());
            output.println(
                    DeviceService.createFirstKey(
                            DeviceServiceSettings.fromEnvironment(environment),
                            PostgresMigrations.directory(environment),
                            arguments[0]));
        } catch (IllegalArgumentException | DeviceServiceException | RequestException exception) {
            System.err.println("No key was made: " + exception.getMessage());
            System.exit(1);
        }
    }
}
