/**
 * Assembles metered sessions, of charging stations above all, from messages that come late, twice,
 * in any order, or not at all. It knows no broker, no database and no protocol: whoever reads
 * messages makes {@link io.ponix.sessions.SessionEvent}s of them, gives them to a {@link
 * io.ponix.sessions.SessionHistory}, and asks that for the {@link io.ponix.sessions.Session}.
 *
 * <p>The rules are those of OCPP 2.0.1, edition 3, part 2; what each is about is said where it is
 * applied.
 */
package io.ponix.sessions;
