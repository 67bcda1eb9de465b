package io.ponix.jobs.options;

import io.ponix.client.clickhouse.ClickHouseSettings;
import io.ponix.client.clickhouse.ClickHouseVariable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** How to reach ClickHouse, and as whom. */
public final class ClickHouseConnectionOptions {

    @Option(
            names = "--clickhouse-url",
            paramLabel = "URL",
            defaultValue = "http://localhost:8123",
            description =
                    "ClickHouse's HTTP interface, https:// for TLS; several replicas separated by"
                            + " commas. PONIX_CLICKHOUSE_URL")
    private String url;

    @Option(
            names = "--clickhouse-database",
            paramLabel = "NAME",
            defaultValue = "ponix",
            description = "Database of the table. PONIX_CLICKHOUSE_DATABASE")
    private String database;

    @Option(
            names = "--clickhouse-username",
            paramLabel = "NAME",
            defaultValue = "ponix",
            description = "User that inserts. PONIX_CLICKHOUSE_USERNAME")
    private String username;

    @Option(
            names = "--clickhouse-password",
            paramLabel = "SECRET",
            defaultValue = "ponix",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Password. Better given as PONIX_CLICKHOUSE_PASSWORD: others see a command"
                            + " line")
    private String password;

    @Option(
            names = "--clickhouse-password-file",
            paramLabel = "FILE",
            description =
                    "File with it, on every machine of the cluster: then it is nowhere else."
                            + " PONIX_CLICKHOUSE_PASSWORD_FILE")
    private String passwordFile;

    @Option(
            names = "--clickhouse-tls-truststore",
            paramLabel = "FILE",
            description =
                    "Certificate authorities to trust in place of Java's: PEM, PKCS #12 or Java keystore,"
                            + " on every machine of the cluster. PONIX_CLICKHOUSE_TLS_TRUSTSTORE")
    private String truststore;

    @Option(
            names = "--clickhouse-tls-truststore-password",
            paramLabel = "SECRET",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Password of that file. Better given as PONIX_CLICKHOUSE_TLS_TRUSTSTORE_PASSWORD")
    private String truststorePassword;

    @Option(
            names = "--clickhouse-tls-truststore-password-file",
            paramLabel = "FILE",
            description =
                    "File with it, on every machine of the cluster: then it is nowhere else."
                            + " PONIX_CLICKHOUSE_TLS_TRUSTSTORE_PASSWORD_FILE")
    private String truststorePasswordFile;

    @Option(
            names = "--clickhouse-tls-keystore",
            paramLabel = "FILE",
            description =
                    "Certificate and private key of the job, if the server wants one: PEM (both in one"
                            + " file), PKCS #12 or Java keystore, on every machine of the cluster."
                            + " PONIX_CLICKHOUSE_TLS_KEYSTORE")
    private String keystore;

    @Option(
            names = "--clickhouse-tls-keystore-password",
            paramLabel = "SECRET",
            showDefaultValue = Visibility.NEVER,
            description =
                    "Password of that file. Better given as PONIX_CLICKHOUSE_TLS_KEYSTORE_PASSWORD")
    private String keystorePassword;

    @Option(
            names = "--clickhouse-tls-keystore-password-file",
            paramLabel = "FILE",
            description =
                    "File with it, on every machine of the cluster: then it is nowhere else."
                            + " PONIX_CLICKHOUSE_TLS_KEYSTORE_PASSWORD_FILE")
    private String keystorePasswordFile;

    /** With every option at its default until a command line is parsed. */
    public ClickHouseConnectionOptions() {}

    /** How to reach the servers. */
    public ClickHouseSettings settings() {
        return ClickHouseSettings.read(
                given().asMap(), variable -> GivenVariables.name(variable.variable()));
    }

    private GivenVariables given() {
        return new GivenVariables()
                .add(ClickHouseVariable.URL.variable(), url)
                .add(ClickHouseVariable.DATABASE.variable(), database)
                .add(ClickHouseVariable.USERNAME.variable(), username)
                .addSecret(ClickHouseVariable.PASSWORD.variable(), password, passwordFile)
                .add(ClickHouseVariable.TLS_TRUSTSTORE.variable(), truststore)
                .addSecret(
                        ClickHouseVariable.TLS_TRUSTSTORE_PASSWORD.variable(),
                        truststorePassword,
                        truststorePasswordFile)
                .add(ClickHouseVariable.TLS_KEYSTORE.variable(), keystore)
                .addSecret(
                        ClickHouseVariable.TLS_KEYSTORE_PASSWORD.variable(),
                        keystorePassword,
                        keystorePasswordFile);
    }

    /** Notes what cannot be used. */
    public void validate(Problems problems) {
        given().check(problems, this::settings);
    }
}
