package io.ponix.cli.containers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** The servers of {@code docker/compose.yaml}, in the same images and with the same settings. */
final class OfficialImages {

    static final int NATS_PORT = 4222;
    static final int POSTGRES_PORT = 5432;
    static final int CLICKHOUSE_PORT = 8123;

    /** The user, the password and the database of Postgres and of ClickHouse. */
    static final String PONIX = "ponix";

    private static final int NATS_MONITORING_PORT = 8222;

    private final Path folder;
    private final String compose;

    /**
     * @param root of the checkout
     */
    OfficialImages(Path root) throws IOException {
        folder = root.resolve("docker");
        compose = Files.readString(folder.resolve("compose.yaml"));
    }

    GenericContainer<?> nats() {
        String configuration = "/etc/nats/nats.conf";
        return new GenericContainer<>(image("nats"))
                .withCopyFileToContainer(
                        MountableFile.forHostPath(folder.resolve("nats.conf")), configuration)
                .withCopyFileToContainer(
                        MountableFile.forHostPath(folder.resolve("nats-users.conf")),
                        "/etc/nats/nats-users.conf")
                .withEnv("NATS_OPERATOR_PASSWORD", PONIX)
                .withEnv("NATS_JOB_PASSWORD", PONIX)
                .withEnv("NATS_BRIDGE_PASSWORD", PONIX)
                .withEnv("NATS_SERVICE_PASSWORD", PONIX)
                .withCommand("--config", configuration)
                .withExposedPorts(NATS_PORT, NATS_MONITORING_PORT)
                .waitingFor(Wait.forHttp("/healthz").forPort(NATS_MONITORING_PORT));
    }

    GenericContainer<?> postgres() {
        return new GenericContainer<>(image("postgres"))
                .withEnv("POSTGRES_DB", PONIX)
                .withEnv("POSTGRES_USER", PONIX)
                .withEnv("POSTGRES_PASSWORD", PONIX)
                .withCommand("postgres", "-c", "wal_level=logical")
                .withExposedPorts(POSTGRES_PORT)
                // Once while it is initialized, once when it listens.
                .waitingFor(Wait.forLogMessage(".*ready to accept connections.*\\s", 2));
    }

    GenericContainer<?> clickHouse() {
        return new GenericContainer<>(image("clickhouse"))
                .withEnv("CLICKHOUSE_DB", PONIX)
                .withEnv("CLICKHOUSE_USER", PONIX)
                .withEnv("CLICKHOUSE_PASSWORD", PONIX)
                .withEnv("CLICKHOUSE_DEFAULT_ACCESS_MANAGEMENT", "1")
                .withCopyFileToContainer(
                        MountableFile.forHostPath(folder.resolve("make-clickhouse-users")),
                        "/opt/ponix/make-clickhouse-users")
                .withCopyFileToContainer(
                        MountableFile.forHostPath(folder.resolve("clickhouse-users.sql")),
                        "/opt/ponix/clickhouse-users.sql")
                .withExposedPorts(CLICKHOUSE_PORT)
                .waitingFor(Wait.forHttp("/ping").forPort(CLICKHOUSE_PORT));
    }

    /** The image of a service, as the file names it. */
    DockerImageName image(String service) {
        Matcher image =
                Pattern.compile("(?m)^  " + service + ":\\n    image: (\\S+)$").matcher(compose);
        if (!image.find()) {
            throw new IllegalStateException("docker/compose.yaml has no image of " + service);
        }
        // Of a name with both a tag and a digest the library reads the tag as a part of the name.
        return DockerImageName.parse(image.group(1).replaceFirst(":[^:@]+@", "@"));
    }
}
