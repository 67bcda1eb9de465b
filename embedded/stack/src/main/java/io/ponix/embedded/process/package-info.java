/**
 * What every server of the stack has in common as a process: it is started, stopped, killed, frozen
 * and found again by its pid file; has a port, a log, and perhaps a disk of its own. Nothing here
 * knows which servers there are.
 */
package io.ponix.embedded.process;
