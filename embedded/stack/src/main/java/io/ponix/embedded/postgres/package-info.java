/** Postgres: its programs, the user it wants to be, and its process. */
package io.ponix.embedded.postgres;
