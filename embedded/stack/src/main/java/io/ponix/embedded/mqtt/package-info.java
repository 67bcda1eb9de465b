/** An MQTT broker: its program and its process. */
package io.ponix.embedded.mqtt;
