/** The messages of charging stations, as the Open Charge Point Protocol has them in JSON. */
package io.ponix.sessions.ocpp;
