package io.ponix.client.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * The JDBC driver, without the JVM's list of drivers.
 *
 * <p>The driver enters itself into {@link java.sql.DriverManager} when its class is loaded. That
 * list is the JVM's: on a Flink cluster it outlives the job, and each submission would leave its
 * class loader behind, with all of its classes, until metaspace is used up. So a driver that came
 * with the job is taken off the list; one in Flink's {@code lib} folder stays there for everybody.
 * Debezium, like {@link #connect}, asks the driver itself.
 */
final class PostgresDriver {

    private static final Driver DRIVER = load();

    private PostgresDriver() {}

    /**
     * Opens a connection.
     *
     * @param url as the driver understands it
     * @throws SQLException if the server cannot be reached or refuses the user
     */
    static Connection connect(String url, Properties properties) throws SQLException {
        return DRIVER.connect(url, properties);
    }

    private static Driver load() {
        Driver driver = new Driver();
        boolean withJob =
                Driver.class.getClassLoader() != ClassLoader.getSystemClassLoader()
                        && PostgresDriver.class.getClassLoader() == Driver.class.getClassLoader();
        if (withJob && Driver.isRegistered()) {
            try {
                Driver.deregister();
            } catch (SQLException e) {
                throw new ExceptionInInitializerError(e);
            }
        }
        return driver;
    }
}
