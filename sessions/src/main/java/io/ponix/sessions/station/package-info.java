/** What a station's messages mean for its sessions, whatever order they come in. */
package io.ponix.sessions.station;
