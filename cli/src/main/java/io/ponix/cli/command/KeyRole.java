package io.ponix.cli.command;

import io.ponix.proto.access.v1.Role;
import java.util.Locale;

/** Roles, as they are written on the command line. */
enum KeyRole {
    operator(Role.ROLE_OPERATOR),
    admin(Role.ROLE_ADMIN),
    editor(Role.ROLE_EDITOR),
    viewer(Role.ROLE_VIEWER),
    intake(Role.ROLE_INTAKE);

    private final Role role;

    KeyRole(Role role) {
        this.role = role;
    }

    Role role() {
        return role;
    }

    /** A role for a person, also one that this version has no name for. */
    static String text(Role role) {
        return role.name().replaceFirst("^ROLE_", "").toLowerCase(Locale.ROOT);
    }
}
