package io.ponix.cli.simulation;

/** How readings get to the pipeline, as it is written on the command line. */
public enum Way {
    /** As raw envelopes, to JetStream. */
    nats,

    /** As messages of devices, to an MQTT broker, from which the bridge takes them. */
    mqtt,

    /** As JSON, to the bridge. */
    http
}
