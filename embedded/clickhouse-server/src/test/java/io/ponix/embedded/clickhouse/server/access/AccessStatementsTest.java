package io.ponix.embedded.clickhouse.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccessStatementsTest {

    @Test
    void aUserHasItsOwnRightsAndThoseOfItsRoles() {
        AccessStatements access =
                AccessStatements.parse(
                        """
                        -- A comment; no statement.
                        CREATE USER IF NOT EXISTS `reader` IDENTIFIED WITH sha256_hash BY '00';
                        CREATE USER `tenant` IDENTIFIED BY 'secret';
                        CREATE ROLE `tenants`;
                        CREATE SETTINGS PROFILE OR REPLACE `small` SETTINGS
                            readonly = 2,
                            max_threads = 2 MIN 1 MAX 4,
                            read_overflow_mode = 'throw' CONST
                        TO `tenants`;
                        GRANT SELECT(a, b) ON d.t, SHOW TABLES ON *.* TO `reader` WITH REPLACE OPTION;
                        GRANT SELECT ON d.t TO `tenants`;
                        GRANT `tenants` TO `tenant`;
                        CREATE ROW POLICY `own` ON d.t USING a < 1 TO `tenant`;
                        CREATE ROW POLICY `all` ON d.t USING 1 TO ALL EXCEPT `tenants`;
                        """);

        assertThat(access.users())
                .containsExactly(
                        new AccessUser("reader", "", List.of("reader"), List.of(), Map.of()),
                        new AccessUser(
                                "tenant",
                                "secret",
                                List.of("tenant", "tenants"),
                                List.of("small"),
                                Map.of(
                                        "readonly", "2",
                                        "max_threads", "2",
                                        "read_overflow_mode", "throw")));
        assertThat(access.roles()).containsExactlyInAnyOrder("reader", "tenant", "tenants");
        assertThat(access.rolesXml())
                .contains(
                        "<reader><grants><query>GRANT SELECT(a, b) ON d.t, SHOW TABLES ON *.*</query>",
                        "<tenants><grants><query>GRANT SELECT ON d.t</query>",
                        "<tenant><grants></grants></tenant>");
        assertThat(access.profilesXml())
                .startsWith("<small><readonly>2</readonly><max_threads>2</max_threads>")
                .contains(
                        "<max_threads><min>1</min><max>4</max></max_threads>",
                        "<read_overflow_mode><readonly></readonly></read_overflow_mode>");
        assertThat(access.databasesXml())
                .isEqualTo(
                        "<d><t><filter>(hasAny(currentRoles(), ['tenant']) AND (a &lt; 1)) OR (NOT"
                                + " hasAny(currentRoles(), ['tenants']) AND (1))</filter></t></d>");
    }

    @Test
    void aPasswordIsGivenLater() {
        assertThat(
                        AccessStatements.parse(
                                        """
                                        CREATE USER `job` IDENTIFIED WITH sha256_hash BY '00';
                                        ALTER USER `job` IDENTIFIED BY 'of the job';
                                        """)
                                .users())
                .extracting(AccessUser::password)
                .containsExactly("of the job");
    }

    @Test
    void whatItCannotDoIsRefusedWithoutRepeatingASecret() {
        assertThatThrownBy(
                        () ->
                                AccessStatements.parse(
                                        "CREATE USER u IDENTIFIED BY 'secret' HOST LOCAL;\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("CREATE USER u IDENTIFIED BY '…' HOST LOCAL");
        assertThatThrownBy(
                        () ->
                                AccessStatements.parse(
                                        "CREATE SETTINGS PROFILE `p` SETTINGS a = 1 WRITABLE TO `u`;\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a = 1 WRITABLE");
        assertThat(AccessStatements.none().users()).isEmpty();
    }
}
