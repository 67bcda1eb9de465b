/** Messages of gateways that are no envelopes, and their replay. */
package io.ponix.cli.uplink;
